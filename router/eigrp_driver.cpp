#include "router/eigrp_driver.h"

#include <algorithm>
#include <utility>

#include "net/overloaded.h"
#include "router/ipv4_packet.h"
#include "router/learned_routes.h"

namespace culvert::router {

namespace {

namespace eigrp = routing::eigrp;

// EIGRP's packets stay on the link, and go before others (precedence internetwork control).
constexpr std::uint8_t time_to_live = 2, internetwork_control = 0xc0;

struct EventText {
  eigrp::EventKind kind;
  int severity;
  const char* mnemonic;
};
constexpr std::array event_texts{
    EventText{eigrp::EventKind::neighbor_up, 5, "NBRCHANGE"},
    EventText{eigrp::EventKind::neighbor_down, 5, "NBRCHANGE"},
    EventText{eigrp::EventKind::neighbor_warning, 6, "NBRINFO"},
    EventText{eigrp::EventKind::stuck_in_active, 3, "SIA"},
    EventText{eigrp::EventKind::limit, 4, "PFXLIMIT"},
};

}  // namespace

void EigrpDriver::configure(net::Time now, std::vector<eigrp::Configuration> processes,
                            std::vector<eigrp::Interface> interfaces) {
  const bool moved = interfaces != interfaces_;
  interfaces_ = std::move(interfaces);
  remove_all_but(now, processes);
  for (auto& configuration : processes) {
    const auto number = configuration.autonomous_system;
    auto& process = processes_[number];
    const bool is_new = process.engine == nullptr;
    if (is_new) {
      process.engine = std::make_unique<eigrp::Engine>(random_);
      process.engine->set_trace(hooks_.trace());
    }
    if (is_new || process.configuration != configuration) {
      process.configuration = configuration;
      process.engine->configure(now, std::move(configuration));
    }
    if (is_new || moved) process.engine->interfaces(now, interfaces_);
  }
  listen();
  for (auto& [number, process] : processes_) drain(number, *process.engine);
}

void EigrpDriver::remove_all_but(net::Time now, const std::vector<eigrp::Configuration>& wanted) {
  for (auto process = processes_.begin(); process != processes_.end();) {
    const auto number = process->first;
    if (std::ranges::find(wanted, number, &eigrp::Configuration::autonomous_system) != wanted.end()) {
      ++process;
      continue;
    }
    process->second.engine->shutdown(now);
    drain(number, *process->second.engine);
    process = processes_.erase(process);
  }
}

void EigrpDriver::foreign_routes(net::Time now, const std::vector<eigrp::ForeignRoute>& routes) {
  for (auto& [number, process] : processes_) {
    const auto& c = process.configuration;
    if (!c.redistribute_connected && !c.redistribute_static) continue;
    process.engine->foreign_routes(now, routes);
    drain(number, *process.engine);
  }
}

void EigrpDriver::judged(net::Time now, const std::vector<routing::Verdict>& verdicts) {
  std::map<std::uint32_t, std::vector<eigrp::Verdict>> by_process;
  for (const auto& verdict : verdicts) by_process[verdict.origin.process].push_back({verdict.prefix, verdict.beaten});
  for (const auto& [number, said] : by_process)
    if (const auto process = processes_.find(static_cast<std::uint16_t>(number)); process != processes_.end()) {
      process->second.engine->judged(now, said);
      drain(process->first, *process->second.engine);
    }
}

bool EigrpDriver::redistributes() const {
  return std::ranges::any_of(processes_, [](const auto& entry) {
    const auto& c = entry.second.configuration;
    return c.redistribute_connected || c.redistribute_static;
  });
}

void EigrpDriver::receive(net::Time now, const std::string& interface, net::View packet) {
  const auto ip = parse_ipv4(packet);
  if (!ip || ip->protocol != eigrp::wire::ip_protocol) return;
  const auto number = eigrp::wire::autonomous_system_of(ip->payload);
  const auto process = number ? processes_.find(*number) : processes_.end();
  if (process == processes_.end()) {
    ++strays_;
    return;
  }
  process->second.engine->receive(
      now, {.interface = interface, .source = ip->source, .multicast = ip->destination.is_multicast()}, ip->payload);
  drain(process->first, *process->second.engine);
}

void EigrpDriver::timeout(net::Time now) {
  for (auto& [number, process] : processes_)
    if (const auto due = process.engine->deadline(); due && *due <= now) {
      process.engine->timeout(now);
      drain(number, *process.engine);
    }
}

std::optional<net::Time> EigrpDriver::deadline() const {
  std::optional<net::Time> first;
  for (const auto& [number, process] : processes_)
    if (const auto due = process.engine->deadline(); due && (!first || *due < *first)) first = due;
  return first;
}

std::size_t EigrpDriver::clear(net::Time now, std::optional<std::uint16_t> wanted,
                               const std::optional<net::Address>& neighbor,
                               const std::optional<std::string>& interface) {
  std::size_t count = 0;
  for (auto& [number, process] : processes_) {
    if (wanted && *wanted != number) continue;
    count += process.engine->clear(now, neighbor, interface);
    drain(number, *process.engine);
  }
  return count;
}

void EigrpDriver::retrace() {
  for (auto& [number, process] : processes_) process.engine->set_trace(hooks_.trace());
}

void EigrpDriver::close(net::Time now) {
  for (auto& [number, process] : processes_) {
    process.engine->shutdown(now);
    drain(number, *process.engine);
  }
  processes_.clear();
}

std::vector<eigrp::Engine*> EigrpDriver::engines() const {
  std::vector<eigrp::Engine*> all;
  for (const auto& [number, process] : processes_) all.push_back(process.engine.get());
  return all;
}

void EigrpDriver::drain(std::uint16_t number, eigrp::Engine& engine) {
  while (const auto output = engine.poll()) std::visit([&](const auto& one) { carry_out(number, one); }, *output);
}

void EigrpDriver::carry_out(std::uint16_t, const eigrp::Transmit& transmit) {
  const auto interface = std::ranges::find(interfaces_, transmit.interface, &eigrp::Interface::name);
  if (interface == interfaces_.end() || interface->addresses.empty()) return;
  plane_.inject_on(transmit.interface,
                   build_ipv4({.source = interface->addresses.front().address,
                               .destination = transmit.destination.value_or(eigrp::wire::all_routers),
                               .protocol = Protocol::eigrp,
                               .type_of_service = internetwork_control,
                               .time_to_live = time_to_live,
                               .identification = identification_++},
                              transmit.bytes));
}

void EigrpDriver::carry_out(std::uint16_t number, const eigrp::RouteBatch& batch) {
  const routing::Origin origin{routing::Source::eigrp, number};
  hooks_.learn(origin, learned_routes(origin, batch));
}

void EigrpDriver::carry_out(std::uint16_t, const eigrp::Event& event) {
  const auto* const text = std::ranges::find(event_texts, event.kind, &EventText::kind);
  hooks_.log({"DUAL", text->severity, text->mnemonic, event.text});
}

// Where some network covers the interface's address, its neighbors will speak to the group.
void EigrpDriver::listen() {
  std::map<std::string, std::vector<net::Address>> wanted;
  for (const auto& interface : interfaces_)
    for (const auto& [number, process] : processes_)
      for (const auto& address : interface.addresses)
        if (std::ranges::any_of(process.configuration.networks,
                                [&](const auto& network) { return network.covers(address.address); }))
          wanted[interface.name] = {eigrp::wire::all_routers};
  if (wanted == listening_) return;
  listening_ = wanted;
  hooks_.listen(std::move(wanted));
}

}  // namespace culvert::router
