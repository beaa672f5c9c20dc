#include "routing/eigrp/wire/route.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "net/try.h"

namespace culvert::routing::eigrp::wire {
namespace {

// Type high is the family or "multiprotocol", type low the kind of route (§6.6.1).
constexpr std::uint16_t classic_ipv4 = 0x0100;
constexpr std::uint16_t classic_ipv6 = 0x0400;
constexpr std::uint16_t multiprotocol = 0x0600;
constexpr std::uint16_t internal_kind = 0x02;
constexpr std::uint16_t external_kind = 0x03;

constexpr std::uint16_t afi_ipv4 = 1;
constexpr std::uint16_t afi_ipv6 = 2;

constexpr std::size_t classic_metric_octets = 16;
constexpr std::size_t classic_exterior_octets = 20;
constexpr std::size_t wide_header_octets = 8;
constexpr std::size_t wide_metric_octets = 24;
constexpr std::size_t wide_exterior_octets = 16;

template <class T>
using Decoded = std::expected<T, DecodeError>;

bool is_external(std::uint16_t type) { return (type & 0xff) == external_kind; }

std::size_t address_octets(net::Family family) { return family == net::Family::ipv4 ? 4 : 16; }

std::uint64_t u24(net::Reader& reader) { return std::uint64_t{*reader.u8()} << 16 | *reader.u16(); }
std::uint64_t u48(net::Reader& reader) { return std::uint64_t{*reader.u16()} << 32 | *reader.u32(); }

void put_u24(net::Writer& writer, std::uint32_t value) {
  assert(value < 1u << 24);
  writer.u8(static_cast<std::uint8_t>(value >> 16));
  writer.u16(static_cast<std::uint16_t>(value));
}

void put_u48(net::Writer& writer, std::uint64_t value) {
  assert(value < 1ull << 48);
  writer.u16(static_cast<std::uint16_t>(value >> 32));
  writer.u32(static_cast<std::uint32_t>(value));
}

// -- Destinations, §6.8.4 --

// The octets after the bit count. IPv6 has one more than it needs where the count is a multiple of 8, but for /128;
// the default route has one of zero in both families.
std::size_t prefix_octets(net::Family family, unsigned length) {
  if (family == net::Family::ipv6) return length == 128 ? 16 : length / 8 + 1;
  return length == 0 ? 1 : (length - 1) / 8 + 1;
}

Decoded<net::Prefix> decode_destination(net::Reader& reader, net::Family family) {
  const auto octets_max = address_octets(family);
  const auto length = TRY(reader.u8(), DecodeError::route_length);
  if (length > 8 * octets_max) return std::unexpected(DecodeError::prefix_length);
  // Read by its letter the RFC gives the default route no octet, and may be obeyed where the TLV ends.
  const bool bare_default = length == 0 && reader.empty();
  const auto octets =
      bare_default ? net::View{} : TRY(reader.take(prefix_octets(family, length)), DecodeError::route_length);
  std::array<std::byte, 16> whole{};
  std::ranges::copy(octets, whole.begin());
  return net::Prefix{*net::Address::from_octets(net::View(whole).first(octets_max)), length}.network();
}

Decoded<net::Few<net::Prefix>> decode_destinations(net::Reader& reader, net::Family family) {
  net::Few<net::Prefix> destinations;
  do destinations.push_back(TRY(decode_destination(reader, family)));
  while (!reader.empty());
  return destinations;
}

void encode_destination(const net::Prefix& prefix, net::Writer& writer) {
  assert(prefix == prefix.network());
  writer.u8(prefix.length);
  writer.bytes(prefix.address.octets().first(prefix_octets(prefix.address.family(), prefix.length)));
}

// -- Exterior sections, §6.8.3 and §6.9.4 --

// Requires: the reader holds one.
External decode_exterior(net::Reader& reader, bool wide) {
  External external;
  external.router_id = *reader.u32();
  external.autonomous_system = *reader.u32();
  if (!wide) external.tag = *reader.u32();
  external.metric = *reader.u32();
  reader.take(2);
  external.protocol = ExternalProtocol{*reader.u8()};
  external.flags = *reader.u8();
  return external;
}

void encode_exterior(const External& external, bool wide, net::Writer& writer) {
  writer.u32(external.router_id);
  writer.u32(external.autonomous_system);
  if (!wide) writer.u32(external.tag);
  writer.u32(external.metric);
  writer.zeros(2);
  writer.u8(static_cast<std::uint8_t>(external.protocol));
  writer.u8(external.flags);
}

// -- Metrics --

// §6.8.2. Requires: the reader holds one.
Metric decode_classic_metric(net::Reader& reader) {
  Metric metric;
  metric.delay = *reader.u32();
  metric.bandwidth = *reader.u32();
  metric.mtu = static_cast<std::uint32_t>(u24(reader));
  metric.hop_count = *reader.u8();
  metric.reliability = *reader.u8();
  metric.load = *reader.u8();
  metric.internal_tag = *reader.u8();
  metric.flags = *reader.u8();
  return metric;
}

void encode_classic_metric(const Metric& metric, net::Writer& writer) {
  assert(metric.delay <= Metric::unreachable_classic && metric.bandwidth <= 0xffffffff && metric.mtu < 1u << 24 &&
         metric.flags <= 0xff);
  // At once, since routes by the thousand are written so.
  std::array<std::byte, classic_metric_octets> octets;
  auto at = octets.begin();
  const auto put = [&](std::uint64_t value, int count) {
    while (count-- > 0) *at++ = static_cast<std::byte>(value >> 8 * count);
  };
  put(metric.delay, 4);
  put(metric.bandwidth, 4);
  put(metric.mtu, 3);
  for (const auto octet : {metric.hop_count, metric.reliability, metric.load, metric.internal_tag}) put(octet, 1);
  put(metric.flags, 1);
  writer.bytes(octets);
}

// §6.9.2, with the attributes of §6.9.3. Requires: the reader holds the fixed part.
Decoded<Metric> decode_wide_metric(net::Reader& reader, WideHeader& header) {
  Metric metric;
  const std::size_t attribute_octets = 2u * *reader.u8();
  header.priority = *reader.u8();
  metric.reliability = *reader.u8();
  metric.load = *reader.u8();
  metric.mtu = static_cast<std::uint32_t>(u24(reader));
  metric.hop_count = *reader.u8();
  metric.delay = u48(reader);
  metric.bandwidth = u48(reader);
  reader.take(2);
  metric.flags = *reader.u16();
  const auto attributes = TRY(reader.take(attribute_octets), DecodeError::route_length);
  header.attributes.assign(attributes.begin(), attributes.end());
  return metric;
}

void encode_wide_metric(const Metric& metric, const WideHeader& header, net::Writer& writer) {
  assert(header.attributes.size() % 2 == 0 && header.attributes.size() <= 510);
  writer.u8(static_cast<std::uint8_t>(header.attributes.size() / 2));
  writer.u8(header.priority);
  writer.u8(metric.reliability);
  writer.u8(metric.load);
  put_u24(writer, metric.mtu);
  writer.u8(metric.hop_count);
  put_u48(writer, metric.delay);
  put_u48(writer, metric.bandwidth);
  writer.zeros(2);
  writer.u16(metric.flags);
  writer.bytes(header.attributes);
}

// The family of a base topology's route. The RFC draws the family first, IOS sends the topology (0) first; what is
// meant cannot be mistaken.
Decoded<net::Family> family_of(std::uint16_t first, std::uint16_t second) {
  const auto afi = first == 0 ? second : first;
  const bool base_topology = first == 0 || second == 0;
  if (!base_topology || (afi != afi_ipv4 && afi != afi_ipv6)) return std::unexpected(DecodeError::route_family);
  return afi == afi_ipv4 ? net::Family::ipv4 : net::Family::ipv6;
}

// -- Whole values --

Decoded<Route> decode_classic(bool external, net::Family family, net::View value) {
  const auto next_hop_octets = address_octets(family);
  if (value.size() < next_hop_octets + (external ? classic_exterior_octets : 0) + classic_metric_octets)
    return std::unexpected(DecodeError::route_length);
  net::Reader reader(value);
  Route route;
  route.next_hop = *net::Address::from_octets(*reader.take(next_hop_octets));
  if (external) route.external = decode_exterior(reader, false);
  route.metric = decode_classic_metric(reader);
  route.destinations = TRY(decode_destinations(reader, family));
  return route;
}

Decoded<Route> decode_wide(bool external, net::View value) {
  if (value.size() < wide_header_octets + wide_metric_octets) return std::unexpected(DecodeError::route_length);
  net::Reader reader(value);
  Route route;
  route.wide.emplace();
  const auto first = *reader.u16();
  const auto family = TRY(family_of(first, *reader.u16()));
  route.wide->router_id = *reader.u32();
  route.metric = TRY(decode_wide_metric(reader, *route.wide));
  if (reader.left() < address_octets(family) + (external ? wide_exterior_octets : 0))
    return std::unexpected(DecodeError::route_length);
  route.next_hop = *net::Address::from_octets(*reader.take(address_octets(family)));
  if (external) route.external = decode_exterior(reader, true);
  route.destinations = TRY(decode_destinations(reader, family));
  return route;
}

}  // namespace

std::uint16_t Route::type() const {
  const auto kind = external ? external_kind : internal_kind;
  const auto high = is_wide() ? multiprotocol : next_hop.is_v4() ? classic_ipv4 : classic_ipv6;
  return high | kind;
}

bool Route::is_type(std::uint16_t type) {
  const auto high = type & 0xff00, kind = type & 0xff;
  return (high == classic_ipv4 || high == classic_ipv6 || high == multiprotocol) &&
         (kind == internal_kind || kind == external_kind);
}

Decoded<Route> Route::decode(std::uint16_t type, net::View value) {
  assert(is_type(type));
  if ((type & 0xff00) == multiprotocol) return decode_wide(is_external(type), value);
  return decode_classic(is_external(type), (type & 0xff00) == classic_ipv4 ? net::Family::ipv4 : net::Family::ipv6,
                        value);
}

void Route::encode(net::Bytes& out) const {
  assert(!destinations.empty());
  net::Writer writer(out);
  if (wide) {
    writer.u16(0);
    writer.u16(next_hop.is_v4() ? afi_ipv4 : afi_ipv6);
    writer.u32(wide->router_id);
    encode_wide_metric(metric, *wide, writer);
  }
  writer.bytes(next_hop.octets());
  if (external) encode_exterior(*external, is_wide(), writer);
  if (!wide) encode_classic_metric(metric, writer);
  for (const auto& prefix : destinations) {
    assert(prefix.address.family() == next_hop.family());
    encode_destination(prefix, writer);
  }
}

}  // namespace culvert::routing::eigrp::wire
