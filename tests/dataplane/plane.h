// A worker without ports: a pool, a few interfaces and routes, and the stages between rx and tx.
//
//   1 Gi0/0 10.1.0.1/24   2 Gi0/1 10.2.0.1/24   3 Gi0/2 10.3.0.1/24, MTU 600   4 Tunnel0, no SA   5 Gi0/3, down
//   10.2.0.99 is not resolved, 10.5.0.0/24 leads to Null0, 10.6.0.0/24 out of Gi0/3.
#pragma once

#include <memory>
#include <vector>

#include "ipsec-dataplane/fib.h"
#include "ipsec-dataplane/packet_pool.h"
#include "ipsec-dataplane/reassembly.h"
#include "ipsec-dataplane/stages.h"

namespace culvert::dataplane::test {

inline constexpr Mac own_mac{{2, 0, 0, 0, 0, 1}}, host_mac{{2, 0, 0, 0, 0, 2}};

// What a test writes of an IPv4 packet; the builder does lengths and checksums.
struct Ipv4 {
  std::uint32_t source = 0x0a010002, destination = 0x0a020002;
  std::uint8_t ttl = 64, protocol = 17, tos = 0;
  bool dont_fragment = false;
  std::uint16_t identification = 1, fragment = 0;  // the offset field without DF
  net::Bytes options, payload;
};

net::Bytes build(const Ipv4& packet);
net::Bytes udp(std::uint16_t port, std::size_t octets);  // a UDP datagram without a checksum
net::Bytes icmp_message(std::uint8_t type, std::size_t octets);
net::Bytes framed(const net::Bytes& payload, std::uint16_t type = 0x0800, const Mac& to = own_mac);

class Plane {
 public:
  Plane();
  ~Plane();
  // A frame that arrives on an interface: parsed and in the burst.
  Packet& arrive(const net::Bytes& frame, InterfaceIndex interface = 1, rte_mempool* from = nullptr);
  // All passes, but for ESP.
  void run();
  // The packets with this step, in order.
  std::vector<Packet*> with(Step step);
  std::uint64_t dropped(Drop reason) { return counters->drop(reason).get(); }

  rte_mempool* pool;
  Fib fib;
  Tables tables;
  std::unique_ptr<WorkerCounters> counters = std::make_unique<WorkerCounters>();
  std::unique_ptr<Burst> burst = std::make_unique<Burst>(), spare = std::make_unique<Burst>();
  Reassembly reassembly{{.datagrams = 16, .datagrams_per_source = 8, .timeout = 1000}};
  WorkerState worker;
};

}  // namespace culvert::dataplane::test
