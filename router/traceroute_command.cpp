#include "router/traceroute_command.h"

#include <algorithm>
#include <vector>

namespace culvert::router {

namespace {

constexpr std::size_t runs_max = 64;
constexpr std::uint16_t port_first = 49152;  // of the dynamic ports, RFC 6335

}  // namespace

void TracerouteCommand::add_to(parser::ExecCommands& commands) {
  commands.add({.spec = "traceroute [ip] <destination:ipv4> [numeric:(numeric)|port <port:u32(0-65535)>|"
                        "probe <probe:u32(1-65535)>|source (<source:ipv4>|<interface:interface>)|"
                        "timeout <timeout:u32(1-3600)>|ttl <ttl_first:u32(1-255)> <ttl_last:u32(1-255)>]...",
                .help = {"Trace route to destination", "IP Trace", "Trace route to destination address",
                         "display numeric address", "specify port number", "Port number",
                         "specify number of probes per hop", "Number of probes", "specify source address or name",
                         "Source address", "Source interface", "specify time out", "Timeout in seconds",
                         "specify minimum and maximum ttl", "Minimum time to live", "Maximum time to live"},
                .run = [this](const parser::Arguments& arguments, std::shared_ptr<parser::Terminal> terminal) {
                  start(arguments, terminal);
                }});
}

void TracerouteCommand::start(const parser::Arguments& arguments, const std::shared_ptr<parser::Terminal>& terminal) {
  const auto destination = *net::Address::parse(arguments["destination"]);
  const auto source = probe_source(hooks_, arguments, destination);
  if (!source && asks_for_source(arguments)) return fail_with(terminal, "% Invalid source\n");
  if (runs_.size() >= runs_max) return fail_with(terminal, "% Too many traceroutes at once\n");
  const TracerouteRequest request{.source = source.value_or(net::Address{}),
                                  .destination = destination,
                                  .probes = number_of(arguments, "probe", 3),
                                  .timeout_s = number_of(arguments, "timeout", 3),
                                  .ttl_first = static_cast<std::uint8_t>(number_of(arguments, "ttl_first", 1)),
                                  .ttl_last = static_cast<std::uint8_t>(number_of(arguments, "ttl_last", 30)),
                                  .port = static_cast<std::uint16_t>(number_of(arguments, "port", 33434))};
  if (request.ttl_first > request.ttl_last)
    return fail_with(terminal, "% The minimum time to live is above the maximum\n");
  do last_port_ = std::max<std::uint16_t>(static_cast<std::uint16_t>(last_port_ + 1), port_first);
  while (runs_.contains(last_port_));
  auto& run = runs_.emplace(last_port_, Run{Traceroute(request, last_port_), terminal}).first->second;
  terminal->write(run.trace.heading());
  terminal->on_interrupt([this, port = last_port_] { interrupt(port); });
  advance(last_port_);
}

void TracerouteCommand::receive(net::View packet) {
  const auto ip = parse_ipv4(packet);
  if (!ip || ip->protocol != static_cast<std::uint8_t>(Protocol::icmp)) return;
  for (auto& [_, run] : runs_) run.trace.receive(hooks_.now(), *ip);
  advance_all();
}

void TracerouteCommand::timeout() {
  for (auto& [_, run] : runs_) run.trace.timeout(hooks_.now());
  advance_all();
}

std::optional<net::Time> TracerouteCommand::deadline() const {
  std::optional<net::Time> first;
  for (const auto& [_, run] : runs_)
    if (const auto due = run.trace.deadline()) first = first ? std::min(*first, *due) : *due;
  return first;
}

void TracerouteCommand::advance_all() {
  std::vector<std::uint16_t> running;
  for (const auto& [port, _] : runs_) running.push_back(port);
  for (const auto port : running) advance(port);
}

// Sends what may go, shows what became known, and ends the run where it is over.
void TracerouteCommand::advance(std::uint16_t port) {
  auto& run = runs_.at(port);
  if (const auto packet = run.trace.transmit(hooks_.now())) hooks_.inject(*packet);
  if (const auto text = run.trace.take_text(); !text.empty()) run.terminal->write(text);
  if (run.trace.finished()) interrupt(port);
  hooks_.wake();
}

void TracerouteCommand::interrupt(std::uint16_t port) {
  const auto run = runs_.extract(port);
  if (run.empty()) return;
  if (!run.mapped().trace.finished()) run.mapped().terminal->write("\n");
  run.mapped().terminal->done();
}

}  // namespace culvert::router
