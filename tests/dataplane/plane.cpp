#include "tests/dataplane/plane.h"

#include <rte_mempool.h>

#include <algorithm>

#include "ipsec-dataplane/filter.h"
#include "ipsec-dataplane/policy.h"
#include "net/checksum.h"

namespace culvert::dataplane::test {
namespace {

rte_mempool* shared_pool() {
  static auto* const pool = make_packet_pool("test_packets", 4095, packet_room).value();
  return pool;
}

rte_mempool* shared_large_pool() {
  static auto* const pool = make_packet_pool("test_whole", 16, large_packet_room).value();
  return pool;
}

Interface port(const char* name, std::uint32_t address, std::uint16_t mtu, bool up = true) {
  return {.name = name,
          .kind = InterfaceKind::port,
          .present = true,
          .up = up,
          .mtu = mtu,
          .mac = own_mac,
          .addresses = {{address, address | 0xff, 24}},
          .tunnel = {}};
}

Adjacency neighbor(InterfaceIndex interface, std::uint32_t address) {
  return {AdjacencyKind::neighbor, true, interface, host_mac, address};
}

}  // namespace

net::Bytes build(const Ipv4& p) {
  net::Bytes out;
  net::Writer w(out);
  const auto header = 20 + p.options.size();
  w.u8(static_cast<std::uint8_t>(0x40 | header / 4));
  w.u8(p.tos);
  w.u16(static_cast<std::uint16_t>(header + p.payload.size()));
  w.u16(p.identification);
  w.u16(static_cast<std::uint16_t>(p.fragment | (p.dont_fragment ? 0x4000 : 0)));
  w.u8(p.ttl);
  w.u8(p.protocol);
  w.u16(0);
  w.u32(p.source);
  w.u32(p.destination);
  w.bytes(p.options);
  w.patch_u16(10, net::checksum(out));
  w.bytes(p.payload);
  return out;
}

net::Bytes udp(std::uint16_t port, std::size_t octets) {
  net::Bytes out;
  net::Writer w(out);
  w.u16(40000);
  w.u16(port);
  w.u16(static_cast<std::uint16_t>(8 + octets));
  w.u16(0);
  for (std::size_t i = 0; i < octets; ++i) w.u8(static_cast<std::uint8_t>(i * 7 + 1));
  return out;
}

net::Bytes icmp_message(std::uint8_t type, std::size_t octets) {
  net::Bytes out;
  net::Writer w(out);
  w.u8(type);
  w.u8(0);
  w.u16(0);
  w.u32(0x12340001);
  for (std::size_t i = 0; i < octets; ++i) w.u8(static_cast<std::uint8_t>(i));
  w.patch_u16(2, net::checksum(out));
  return out;
}

net::Bytes framed(const net::Bytes& payload, std::uint16_t type, const Mac& to) {
  net::Bytes out;
  net::Writer w(out);
  w.bytes(std::as_bytes(std::span(to.octets)));
  w.bytes(std::as_bytes(std::span(host_mac.octets)));
  w.u16(type);
  w.bytes(payload);
  return out;
}

Plane::Plane() : pool(shared_pool()), fib(Fib::create().value()) {
  tables.fib = fib.view();
  tables.interfaces = {{},
                       port("Gi0/0", 0x0a010001, 1500),
                       port("Gi0/1", 0x0a020001, 1500),
                       port("Gi0/2", 0x0a030001, 600),
                       {.name = "Tunnel0",
                        .kind = InterfaceKind::tunnel,
                        .present = true,
                        .up = true,
                        .mtu = 1400,
                        .addresses = {},
                        .tunnel = {}},
                       port("Gi0/3", 0x0a060001, 1500, false)};
  for (InterfaceIndex i : {1, 2, 3}) {
    const auto& own = tables.interfaces[i].addresses.front();
    tables.own[own.address] = {i, false};
    tables.own[own.broadcast] = {i, true};
  }
  tables.adjacencies = {{},
                        neighbor(1, 0x0a010002),
                        neighbor(2, 0x0a020002),
                        {AdjacencyKind::glean, false, 2, {}, 0},
                        neighbor(3, 0x0a030002),
                        {AdjacencyKind::tunnel, false, 4, {}, 0},
                        {AdjacencyKind::discard, false, 1, {}, 0},
                        neighbor(5, 0x0a060002)};
  const auto route = [&](const char* prefix, std::uint16_t next_hop) {
    fib.set(*net::Prefix::parse(prefix), next_hop);
  };
  route("10.1.0.0/24", 1);
  route("10.2.0.0/24", 2);
  route("10.2.0.99/32", 3);
  route("10.3.0.0/24", 4);
  route("10.4.0.0/24", 5);
  route("10.5.0.0/24", 6);
  route("10.6.0.0/24", 7);
  worker.pool = pool;
  worker.large_pool = shared_large_pool();
  worker.reassembly = &reassembly;
  worker.counters = counters.get();
  worker.spare = spare.get();
  worker.icmp_errors = TokenBucket(1'000'000, 10);
}

Plane::~Plane() {
  for (auto* p : *burst) rte_pktmbuf_free(p);
}

Packet& Plane::arrive(const net::Bytes& frame, InterfaceIndex interface, rte_mempool* from) {
  auto* p = rte_pktmbuf_alloc(from == nullptr ? pool : from);
  auto* to = reinterpret_cast<std::byte*>(rte_pktmbuf_append(p, static_cast<std::uint16_t>(frame.size())));
  std::ranges::copy(frame, to);
  parse(*p, interface, tables);
  burst->push(p);
  return *p;
}

void Plane::run() {
  resegment(*burst, tables, worker);
  while (another_pass(*burst).any_under_way()) {
    filter_input(*burst, tables, worker);
    policy_in(*burst, tables, worker);
    classify(*burst, tables, worker);
    if (!with(Step::esp_open).empty()) return;
    route(*burst, tables, worker);
    reassemble(*burst, worker);
    icmp_errors(*burst, tables, worker);
    if (!with(Step::protect).empty()) return;
  }
}

std::vector<Packet*> Plane::with(Step step) {
  std::vector<Packet*> found;
  for (auto* p : *burst)
    if (meta(*p).step == step) found.push_back(p);
  return found;
}

}  // namespace culvert::dataplane::test
