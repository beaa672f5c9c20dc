#include "router/ping_command.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace culvert::router {

namespace {

constexpr std::size_t runs_max = 64;

}  // namespace

void PingCommand::add_to(parser::ExecCommands& commands) {
  commands.add({.spec = "ping [ip] <destination:ipv4> [repeat <repeat:u32(1-2147483647)>|size <size:u32(36-18024)>|"
                        "timeout <timeout:u32(1-3600)>|source (<source:ipv4>|<interface:interface>)|df:(df-bit)]...",
                .help = {"Send echo messages", "IP echo", "Ping destination address", "specify repeat count",
                         "Repeat count", "specify datagram size", "Datagram size", "specify timeout interval",
                         "Timeout in seconds", "specify source address or name", "Source address", "Source interface",
                         "enable do not fragment bit in IP header"},
                .run = [this](const parser::Arguments& arguments, std::shared_ptr<parser::Terminal> terminal) {
                  start(arguments, terminal);
                }});
}

void PingCommand::start(const parser::Arguments& arguments, const std::shared_ptr<parser::Terminal>& terminal) {
  const auto destination = *net::Address::parse(arguments["destination"]);
  const auto source = probe_source(hooks_, arguments, destination);
  const bool source_asked = asks_for_source(arguments);
  if (!source && source_asked) return fail_with(terminal, "% Invalid source\n");
  if (runs_.size() >= runs_max) return fail_with(terminal, "% Too many pings at once\n");
  do ++last_identifier_;
  while (runs_.contains(last_identifier_));
  const PingRequest request{.source = source.value_or(net::Address{}),
                            .destination = destination,
                            .repeat = number_of(arguments, "repeat", 5),
                            .size = number_of(arguments, "size", 100),
                            .timeout_s = number_of(arguments, "timeout", 2),
                            .dont_fragment = arguments.has("df")};
  auto& run = runs_.emplace(last_identifier_, Run{Ping(request, last_identifier_), terminal}).first->second;
  terminal->write(run.ping.heading());
  if (source_asked) terminal->write(fmt::format("Packet sent with a source address of {} \n", *source));
  if (request.dont_fragment) terminal->write("Packet sent with the DF bit set\n");
  terminal->on_interrupt([this, identifier = last_identifier_] { interrupt(identifier); });
  advance(last_identifier_);
}

void PingCommand::receive(net::View packet) {
  const auto ip = parse_ipv4(packet);
  if (!ip || ip->protocol != static_cast<std::uint8_t>(Protocol::icmp)) return;
  std::vector<std::uint16_t> running;
  for (const auto& [identifier, _] : runs_) running.push_back(identifier);
  for (const auto identifier : running) {
    runs_.at(identifier).ping.receive(hooks_.now(), *ip);
    advance(identifier);
  }
}

void PingCommand::timeout() {
  std::vector<std::uint16_t> running;
  for (const auto& [identifier, _] : runs_) running.push_back(identifier);
  for (const auto identifier : running) {
    runs_.at(identifier).ping.timeout(hooks_.now());
    advance(identifier);
  }
}

std::optional<net::Time> PingCommand::deadline() const {
  std::optional<net::Time> first;
  for (const auto& [_, run] : runs_)
    if (const auto due = run.ping.deadline()) first = first ? std::min(*first, *due) : *due;
  return first;
}

// Shows what became known, sends what may go, and ends the run where it is over.
void PingCommand::advance(std::uint16_t identifier) {
  auto& run = runs_.at(identifier);
  if (const auto marks = run.ping.take_marks(); !marks.empty()) run.terminal->write(marks);
  if (const auto packet = run.ping.transmit(hooks_.now())) hooks_.inject(*packet);
  if (run.ping.finished()) {
    run.terminal->write(run.ping.summary());
    interrupt(identifier);
  }
  hooks_.wake();
}

void PingCommand::interrupt(std::uint16_t identifier) {
  const auto run = runs_.extract(identifier);
  if (run.empty()) return;
  if (!run.mapped().ping.finished()) run.mapped().terminal->write(run.mapped().ping.summary());
  run.mapped().terminal->done();
}

}  // namespace culvert::router
