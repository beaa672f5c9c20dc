// Prints one packet of every kind that Culvert sends, a line each: its octets, and what they mean in the words of
// scapy's EIGRP layer, for scapy_reads_eigrp to compare.
#include <fmt/format.h>

#include <cstdio>

#include "net/hex.h"
#include "net/overloaded.h"
#include "routing/eigrp/wire/authentication.h"

namespace {

using namespace culvert::routing::eigrp::wire;
using culvert::net::Address;
using culvert::net::Prefix;

Address address(const char* text) { return *Address::parse(text); }

std::string metric_of(const Route& route) {
  const auto& m = route.metric;
  const auto& to = route.destinations.front();
  return fmt::format("nexthop={} delay={} bandwidth={} mtu={} hopcount={} reliability={} load={} prefixlen={} dst={}",
                     route.next_hop, m.delay, m.bandwidth, m.mtu, m.hop_count, m.reliability, m.load, to.length,
                     to.address);
}

std::string meaning(const Route& route) {
  const auto* const family = route.next_hop.is_v4() ? "" : "v6";
  if (!route.external) return fmt::format("EIGRP{}IntRoute {}", family, metric_of(route));
  const auto& e = *route.external;
  return fmt::format(
      "EIGRP{}ExtRoute originrouter={} originasn={} tag={} externalmetric={} extprotocolid={} flags={} {}", family,
      Address::v4(e.router_id), e.autonomous_system, e.tag, e.metric, static_cast<unsigned>(e.protocol), e.flags,
      metric_of(route));
}

std::string meaning(const Tlv& tlv) {
  return std::visit(
      culvert::net::overloaded{
          [](const Parameters& p) {
            return fmt::format("EIGRPParam len=12 k1={} k2={} k3={} k4={} k5={} holdtime={}", p.k1, p.k2, p.k3, p.k4,
                               p.k5, p.hold_time_s);
          },
          [](const Authentication& a) {
            return fmt::format("EIGRPAuthData authtype={} keysize={} keyid={}", static_cast<unsigned>(a.kind),
                               a.digest.size(), a.key_id);
          },
          [](const SequenceList& s) { return fmt::format("EIGRPSeq addrlen=4 ipaddr={}", s.neighbors.front()); },
          [](const SoftwareVersion& v) {
            return fmt::format("EIGRPSwVer ios={} eigrp={}", v.os_major << 8 | v.os_minor,
                               v.tlv_major << 8 | v.tlv_minor);
          },
          [](const NextMulticastSequence& n) { return fmt::format("EIGRPNms nms={}", n.sequence); },
          [](const Stub& s) { return fmt::format("EIGRPStub flags={}", s.flags); },
          [](const PeerTermination&) { return std::string("EIGRPGeneric type=7 len=9"); },
          [](const Unknown& u) { return fmt::format("EIGRPGeneric type={}", u.type); },
          [](const Route& route) { return meaning(route); }},
      tlv);
}

void print(culvert::net::View octets) {
  const auto packet = Packet::decode(octets);
  if (!packet) return;  // the line is missed by whoever reads
  const auto flags = std::to_integer<unsigned>(octets[7]);
  fmt::print("{} EIGRP ver=2 opcode={} flags={} seq={} ack={} asn={}", culvert::net::to_hex(octets),
             static_cast<unsigned>(packet->opcode), flags, packet->sequence, packet->acknowledgment,
             packet->autonomous_system);
  for (const auto& tlv : packet->tlvs) fmt::print(" | {}", meaning(tlv));
  std::puts("");
}

Route route(const char* prefix,
            Metric metric = {.delay = 256'000, .bandwidth = 2816, .mtu = 1500, .reliability = 255, .load = 1}) {
  const auto to = *Prefix::parse(prefix);
  return {.next_hop = to.address.is_v4() ? Address{} : address("::"), .metric = metric, .destinations = {to}};
}

std::vector<Packet> routes() {
  const Metric poison{.delay = Metric::unreachable_classic, .mtu = 1500, .hop_count = 3, .flags = route_flag::active};
  auto external = route("192.0.2.1/32");
  external.external = External{.router_id = 0x0a0a0a0a, .autonomous_system = 7, .tag = 42, .metric = 9, .flags = 1};
  auto external_v6 = route("2001:db8::/32");
  external_v6.external = External{.protocol = ExternalProtocol::connected};
  auto through = route("10.128.0.0/9");
  through.next_hop = address("192.0.2.9");
  std::vector<Packet> all;
  const Opcode opcodes[]{Opcode::update, Opcode::query, Opcode::reply, Opcode::sia_query, Opcode::sia_reply};
  for (const auto opcode : opcodes)
    all.push_back({.opcode = opcode,
                   .sequence = 7,
                   .autonomous_system = 100,
                   .tlvs = {route("10.0.0.0/8"), route("172.16.0.0/16", poison), route("10.1.2.0/24"), through,
                            route("0.0.0.0/0"), external, route("2001:db8:0:1::/64"), external_v6}});
  return all;
}

std::vector<Packet> packets() {
  auto all = routes();
  all.push_back({.autonomous_system = 100, .tlvs = {Parameters{}, SoftwareVersion{}, Stub{}}});
  all.push_back({.autonomous_system = 1, .tlvs = {Parameters{255, 255, 255, 255, 255, 0, 15}, SoftwareVersion{}}});
  all.push_back({.autonomous_system = 65535,
                 .tlvs = {Parameters{}, SoftwareVersion{}, SequenceList{{address("192.0.2.1")}},
                          NextMulticastSequence{0xffffffff}}});
  all.push_back({.autonomous_system = 1, .tlvs = {Parameters{}, PeerTermination{{address("192.0.2.1")}}}});
  all.push_back({.acknowledgment = 0xfffffffe, .autonomous_system = 1});
  all.push_back({.opcode = Opcode::update, .flags = {.init = true}, .sequence = 1, .autonomous_system = 1});
  all.push_back({.opcode = Opcode::update,
                 .flags = {.conditional_receive = true, .restart = true, .end_of_table = true},
                 .sequence = 1,
                 .autonomous_system = 1});
  return all;
}

}  // namespace

int main() {
  const auto source = address("192.0.2.1");
  for (const auto& packet : packets()) {
    print(packet.encode());
    for (const auto kind : {AuthenticationType::md5, AuthenticationType::hmac_sha_256})
      print(encode_signed(packet, {.kind = kind, .id = 1, .password = culvert::net::Secret(culvert::net::Bytes(8))},
                          source));
  }
}
