#include "tests/eigrp/probe.h"

#include <algorithm>

#include <fmt/format.h>

#include "net/overloaded.h"

namespace culvert::routing::eigrp::testing {

wire::Route route(const net::Prefix& prefix, std::uint64_t delay) {
  return {.metric = {.delay = delay, .bandwidth = 2560, .mtu = 1500, .reliability = 255, .load = 1},
          .destinations = {prefix}};
}

const wire::Route* Sent::route(const net::Prefix& prefix) const {
  for (const auto& tlv : packet.tlvs)
    if (const auto* r = std::get_if<wire::Route>(&tlv); r && r->destinations.front() == prefix) return r;
  return nullptr;
}

std::vector<Sent> about(const std::vector<Sent>& sent, const net::Prefix& destination, const std::string& interface) {
  std::vector<Sent> found;
  for (const auto& s : sent)
    if (s.interface == interface && s.route(destination)) found.push_back(s);
  return found;
}

Probe::Probe(std::size_t count, EngineOptions options) : engine(random, options) {
  configuration.autonomous_system = 100;
  configuration.router_id = 0x01010101;
  configuration.networks = {{net::Address::v4(0), net::Address::v4(0xffffffff)}};
  for (std::size_t i = 1; i <= count; ++i) {
    const auto own = net::Address::v4(0x0a000001u + static_cast<std::uint32_t>(i << 8));
    interfaces.push_back({.name = fmt::format("Gi{}", i), .up = true, .addresses = {{own, 24}}});
  }
  configure();
  apply();
}

void Probe::configure() {
  engine.configure(now, configuration);
  drain();
}

void Probe::apply() {
  engine.interfaces(now, interfaces);
  drain();
}

std::string Probe::interface_of(const net::Address& address) const {
  for (const auto& interface : interfaces)
    if (interface.addresses.front().contains(address)) return interface.name;
  return interfaces.front().name;
}

void Probe::receive_raw(const net::Address& from, const net::Bytes& octets, bool multicast) {
  const auto name = interface_of(from);
  engine.receive(now, {.interface = name, .source = from, .multicast = multicast}, octets);
  drain();
}

void Probe::receive(const net::Address& from, wire::Packet packet, bool multicast) {
  if (packet.autonomous_system == 0) packet.autonomous_system = 100;
  receive_raw(from, packet.encode(), multicast);
}

void Probe::hello(const net::Address& from, std::vector<wire::Tlv> more, std::uint16_t hold_time_s) {
  wire::Packet packet;
  packet.tlvs.push_back(wire::Parameters{.hold_time_s = hold_time_s});
  packet.tlvs.push_back(wire::SoftwareVersion{});
  packet.tlvs.insert(packet.tlvs.end(), more.begin(), more.end());
  receive(from, std::move(packet), true);
}

void Probe::acknowledge(const net::Address& from, std::uint32_t sequence) {
  receive(from, wire::Packet{.acknowledgment = sequence});
}

wire::Packet Probe::packet(const net::Address& from, wire::Opcode opcode, std::vector<wire::Tlv> tlvs) {
  auto& last = sequence_.try_emplace(from, 1000).first->second;
  return {.opcode = opcode, .sequence = ++last, .tlvs = std::move(tlvs)};
}

void Probe::update(const net::Address& from, const net::Prefix& prefix, std::uint64_t delay) {
  receive(from, packet(from, wire::Opcode::update, {testing::route(prefix, delay)}));
}

void Probe::bring_up(const net::Address& from, std::vector<wire::Tlv> more) {
  take();
  hello(from, std::move(more));
  auto init = packet(from, wire::Opcode::update);
  init.flags.init = true;
  for (const auto& sent : take(wire::Opcode::update))
    if (sent.to == from && sent.packet.flags.init) init.acknowledgment = sent.packet.sequence;
  receive(from, init);
  acknowledge_all();
  auto last = packet(from, wire::Opcode::update);
  last.flags.end_of_table = true;
  receive(from, last);
  acknowledge_all();
  take();
}

void Probe::acknowledge_all() {
  for (std::size_t before = SIZE_MAX;;) {
    std::size_t queued = 0;
    for (const auto& neighbor : engine.neighbors(now)) {
      queued += neighbor.queue.size();
      if (!neighbor.queue.empty()) acknowledge(neighbor.address, neighbor.queue.front().second);
    }
    if (queued == 0 || queued >= before) return;
    before = queued;
  }
}

void Probe::drain() {
  while (auto output = engine.poll())
    std::visit(net::overloaded{[&](const Transmit& t) {
                                 sent_.push_back({t.interface, t.destination, *wire::Packet::decode(t.bytes), now});
                               },
                               [&](RouteBatch& batch) {
                                 for (auto& update : batch.updates) {
                                   table.erase(update.prefix);
                                   if (!update.next_hops.empty()) table[update.prefix] = std::move(update);
                                 }
                               },
                               [&](Event& event) { events.push_back(std::move(event)); }},
               *output);
}

void Probe::advance(net::Duration duration) {
  const auto end = now + duration;
  for (auto due = engine.deadline(); due && *due <= end; due = engine.deadline()) {
    now = std::max(now, *due);
    engine.timeout(now);
    drain();
  }
  now = end;
}

std::vector<Sent> Probe::take() {
  std::vector<Sent> all(sent_.begin(), sent_.end());
  sent_.clear();
  return all;
}

std::vector<Sent> Probe::take(wire::Opcode opcode) {
  auto all = take();
  std::erase_if(all, [&](const Sent& sent) { return !sent.is(opcode); });
  return all;
}

bool Probe::said(std::string_view text) const {
  return std::ranges::any_of(events, [&](const Event& e) { return e.text.find(text) != std::string::npos; });
}

}  // namespace culvert::routing::eigrp::testing
