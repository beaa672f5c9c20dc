// A gateway without ports: the stages of a worker's turn with ESP in them, between a network and a tunnel.
//
// The interfaces are those of the plane (tests/dataplane/plane.h): packets for 10.4.0.0/24 go into Tunnel0, whose ESP
// leaves by Gi0/1. Two gateways are peers when what one seals is given to the other.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "ipsec-dataplane/policy.h"
#include "tests/dataplane-esp/bench.h"
#include "tests/dataplane/plane.h"

namespace culvert::dataplane::test {

inline constexpr InterfaceIndex lan = 1, wan = 2, tunnel = 4;

class Gateway : public Plane {
 public:
  // From 192.0.2.1 to 198.51.100.1, or the other way round.
  Gateway(const Bench& bench, bool is_peer) : is_peer_(is_peer) {
    worker.crypto = bench.worker.crypto;
    tables.own[is_peer ? 0xc6336401 : 0xc0000201] = {wan, false};
    fib.set(*net::Prefix::parse(is_peer ? "192.0.2.0/24" : "198.51.100.0/24"), 2);
    tables.interfaces[tunnel].mtu = 1500;
  }

  // Both directions of one pair of SAs; `adjust` may narrow the parameters.
  template <class Adjust>
  void secure(Adjust adjust, std::uint16_t path_mtu = 1500) {
    for (const auto direction : {SaDirection::outbound, SaDirection::inbound}) {
      auto p = parameters_of(suite_named("AES-GCM-128"), direction);
      if (is_peer_) std::swap(p.local, p.remote);
      adjust(p);
      associations_.push_back(make_security_association(p, tunnel).value());
      if (direction == SaDirection::inbound)
        tables.inbound[p.spi] = associations_.back().get();
      else
        seal_with(*associations_.back(), path_mtu);
    }
  }
  void secure() {
    secure([](SaParameters&) {});
  }

  // Everything that left by ports because this came in, in order.
  std::vector<net::Bytes> carry(const std::vector<net::Bytes>& packets, InterfaceIndex from) {
    for (const auto& packet : packets) arrive(framed(packet), from);
    turn();
    std::vector<net::Bytes> sent;
    for (auto* p : *burst) {
      if (meta(*p).step == Step::transmit) sent.emplace_back(data(*p).begin(), data(*p).end());
      if (meta(*p).step == Step::punt) punted_.emplace_back(meta(*p).punt, meta(*p).interface);
      rte_pktmbuf_free(p);
    }
    burst->clear();
    return sent;
  }
  std::vector<net::Bytes> carry(const net::Bytes& packet, InterfaceIndex from) {
    return carry(std::vector<net::Bytes>{packet}, from);
  }

  // What left because control sent this out of an interface.
  std::vector<net::Bytes> send_on(InterfaceIndex egress, const net::Bytes& packet) {
    auto* p = make_packet(pool, packet);
    meta(*p) = {.egress = egress, .header_length = 20, .step = Step::directed, .flags = flag::local};
    burst->push(p);
    return carry(std::vector<net::Bytes>{}, egress);
  }
  // What was punted since this was asked last, and where it came in.
  std::vector<std::pair<PuntReason, InterfaceIndex>> take_punted() { return std::exchange(punted_, {}); }

  Tunnel& into_tunnel() { return tables.interfaces[tunnel].tunnel; }
  SecurityAssociation& outbound() { return *into_tunnel().outbound; }

 private:
  void seal_with(SecurityAssociation& sa, std::uint16_t path_mtu) {
    into_tunnel().outbound = &sa;
    into_tunnel().plaintext_mtu = static_cast<std::uint16_t>(sa.plaintext_mtu(path_mtu));
    into_tunnel().whole_only = sa.selectors().names_ports();
  }
  void turn() {
    resegment(*burst, tables, worker);
    while (another_pass(*burst).any_under_way()) {
      policy_in(*burst, tables, worker);
      classify(*burst, tables, worker);
      esp_open(*burst, tables, worker);
      route(*burst, tables, worker);
      reassemble(*burst, worker);
      icmp_errors(*burst, tables, worker);
      esp_seal(*burst, tables, worker);
    }
    for (auto* p : *burst)
      if (meta(*p).step == Step::drop) counters->drop(meta(*p).drop).add();
  }

  bool is_peer_;
  std::vector<std::pair<PuntReason, InterfaceIndex>> punted_;
  std::vector<std::shared_ptr<SecurityAssociation>> associations_;
};

}  // namespace culvert::dataplane::test
