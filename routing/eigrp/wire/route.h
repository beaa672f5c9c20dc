// Route TLVs: what a neighbour says of destinations that share one metric, RFC 7868 §6.8 (classic) and §6.9 (wide).
//
// Classic TLVs carry the metric scaled, as it enters the composite; wide ones carry it in picoseconds and kbit/s. The
// numbers stay as they are on the wire; what they mean together is the engine's to say.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <vector>

#include "net/address.h"
#include "net/bytes.h"
#include "net/few.h"
#include "routing/eigrp/wire/error.h"

namespace culvert::routing::eigrp::wire {

// Bits of Metric::flags, §6.8.1 and §6.9.2.
namespace route_flag {
inline constexpr std::uint16_t source_withdraw = 0x01;    // its origin withdraws it
inline constexpr std::uint16_t candidate_default = 0x02;  // may become the gateway of last resort
inline constexpr std::uint16_t active = 0x04;             // ACTIVE at the sender
inline constexpr std::uint16_t replicated = 0x08;         // from another VRF; wide only
}  // namespace route_flag

struct Metric {
  static constexpr std::uint64_t unreachable_classic = 0xffffffff;
  static constexpr std::uint64_t unreachable_wide = 0xffffffffffff;

  // Classic: tens of microseconds times 256, 32 bits. Wide: picoseconds, 48 bits.
  std::uint64_t delay = 0;
  // Classic: 2,560,000,000 / (kbit/s), 32 bits. Wide: kbit/s, 48 bits.
  std::uint64_t bandwidth = 0;
  std::uint32_t mtu = 0;  // octets, 24 bits
  std::uint8_t hop_count = 0;
  std::uint8_t reliability = 0;   // 255 is without loss
  std::uint8_t load = 0;          // 255 is full
  std::uint8_t internal_tag = 0;  // classic only
  std::uint16_t flags = 0;        // route_flag; classic: the low 8 bits

  bool operator==(const Metric&) const = default;
};

// §6.2: who brought an external route into EIGRP. Other values are kept as they come.
enum class ExternalProtocol : std::uint8_t {
  igrp = 1,
  eigrp = 2,
  static_route = 3,
  rip = 4,
  hello = 5,
  ospf = 6,
  isis = 7,
  egp = 8,
  bgp = 9,
  idrp = 10,
  connected = 11,
};

// The exterior section, §6.8.3 and §6.9.4.
struct External {
  std::uint32_t router_id = 0;  // who redistributes
  std::uint32_t autonomous_system = 0;
  std::uint32_t tag = 0;     // classic only: a wide route has it among its attributes
  std::uint32_t metric = 0;  // of the protocol it came from
  ExternalProtocol protocol = ExternalProtocol::static_route;
  std::uint8_t flags = 0;

  bool operator==(const External&) const = default;
};

// What a wide TLV has beside the metric, §6.9.1 to §6.9.3. The base topology only.
struct WideHeader {
  std::uint32_t router_id = 0;  // the origin
  std::uint8_t priority = 0;
  net::Bytes attributes{};  // extended metrics as they came, an even number of octets, at most 510

  bool operator==(const WideHeader&) const = default;
};

struct Route {
  net::Address next_hop{};  // unspecified: the sender itself; its family is that of the destinations
  Metric metric{};
  std::optional<External> external{};
  std::optional<WideHeader> wide{};      // present: a multiprotocol TLV; absent: a classic one
  net::Few<net::Prefix> destinations{};  // at least one, without host bits, as they came

  bool is_wide() const { return wide.has_value(); }
  bool same_but_destinations(const Route& other) const {
    return next_hop == other.next_hop && metric == other.metric && external == other.external && wide == other.wide;
  }
  // A delay without end (§6.8.2, §6.9.2): the destinations are withdrawn, or asked for.
  bool unreachable() const {
    return metric.delay >= (is_wide() ? Metric::unreachable_wide : Metric::unreachable_classic);
  }
  // The TLV's type, 0x0102 to 0x0603.
  std::uint16_t type() const;
  // Whether decode() reads TLVs of this type.
  static bool is_type(std::uint16_t type);
  // `value` follows type and length. Requires: is_type(type).
  static std::expected<Route, DecodeError> decode(std::uint16_t type, net::View value);
  // Appends the value. Requires: what the members say.
  void encode(net::Bytes& out) const;

  bool operator==(const Route&) const = default;
};

}  // namespace culvert::routing::eigrp::wire
