#include "ike/wire/traffic_selectors.h"

#include <array>
#include <cassert>

#include "net/try.h"

namespace culvert::ike::wire {
namespace {

constexpr std::uint8_t ipv4_range = 7;
constexpr std::uint8_t ipv6_range = 8;
constexpr std::size_t selector_header_octets = 8;

PayloadType payload_of(Side side) {
  return side == Side::initiator ? PayloadType::traffic_selector_initiator : PayloadType::traffic_selector_responder;
}

bool ports_make_sense(const TrafficSelector& selector) {
  return selector.start_port <= selector.end_port || selector.opaque_ports();
}

// `body` follows the type, the protocol and the length.
std::expected<TrafficSelector, Fault> parse_range(std::uint8_t protocol, net::View body, std::size_t address_octets) {
  if (body.size() != 4 + 2 * address_octets) return std::unexpected(Fault::bad_length);
  net::Reader reader(body);
  TrafficSelector selector;
  selector.protocol = protocol;
  selector.start_port = *reader.u16();
  selector.end_port = *reader.u16();
  selector.start = *net::Address::from_octets(*reader.take(address_octets));
  selector.end = *net::Address::from_octets(*reader.take(address_octets));
  if (selector.start > selector.end || !ports_make_sense(selector)) return std::unexpected(Fault::bad_value);
  return selector;
}

std::expected<void, Fault> parse_selector(net::Reader& reader, std::vector<TrafficSelector>& selectors) {
  const auto type = TRY(reader.u8(), Fault::truncated);
  const auto protocol = TRY(reader.u8(), Fault::truncated);
  const auto length = TRY(reader.u16(), Fault::truncated);
  if (length < 4) return std::unexpected(Fault::bad_length);
  const auto body = TRY(reader.take(length - 4u), Fault::truncated);
  if (type == ipv4_range) selectors.push_back(TRY(parse_range(protocol, body, 4)));
  if (type == ipv6_range) selectors.push_back(TRY(parse_range(protocol, body, 16)));
  return {};
}

std::expected<std::vector<TrafficSelector>, Fault> parse_selectors(net::View body) {
  net::Reader reader(body);
  const auto count = TRY(reader.u8(), Fault::truncated);
  TRY(reader.take(3), Fault::truncated);
  if (count == 0) return std::unexpected(Fault::bad_value);
  if (count > TrafficSelectors::selectors_max) return std::unexpected(Fault::too_many);
  if (count * selector_header_octets > reader.left()) return std::unexpected(Fault::truncated);
  std::vector<TrafficSelector> selectors;
  selectors.reserve(count);
  for (unsigned i = 0; i < count; ++i)
    if (auto read = parse_selector(reader, selectors); !read) return std::unexpected(read.error());
  if (!reader.empty()) return std::unexpected(Fault::bad_length);
  return selectors;
}

void emit_selector(const TrafficSelector& selector, net::Writer& writer) {
  assert(selector.start.family() == selector.end.family() && selector.start <= selector.end);
  assert(ports_make_sense(selector));
  writer.u8(selector.start.is_v4() ? ipv4_range : ipv6_range);
  writer.u8(selector.protocol);
  writer.u16(static_cast<std::uint16_t>(selector_header_octets + 2 * selector.start.octets().size()));
  writer.u16(selector.start_port);
  writer.u16(selector.end_port);
  writer.bytes(selector.start.octets());
  writer.bytes(selector.end.octets());
}

}  // namespace

TrafficSelector TrafficSelector::of(const net::Prefix& prefix) {
  auto last = prefix.network().address;
  std::array<std::byte, 16> octets{};
  for (unsigned bit = 0; bit < last.bits(); ++bit) {
    auto& octet = octets[bit / 8];
    if (bit % 8 == 0) octet = last.octets()[bit / 8];
    if (bit >= prefix.length) octet |= std::byte{0x80} >> bit % 8;
  }
  last = *net::Address::from_octets(net::View(octets).first(last.bits() / 8));
  return {.start = prefix.network().address, .end = last};
}

TrafficSelector TrafficSelector::any(net::Family family) {
  return of({family == net::Family::ipv4 ? net::Address() : net::Address::v6({}), 0});
}

std::expected<TrafficSelectors, WireError> TrafficSelectors::parse(Side side, net::View body) {
  auto selectors = parse_selectors(body);
  if (!selectors) return std::unexpected(WireError{selectors.error(), payload_of(side)});
  return TrafficSelectors{side, std::move(*selectors)};
}

void TrafficSelectors::emit(net::Bytes& out) const {
  assert(!selectors.empty() && selectors.size() <= selectors_max);
  net::Writer writer(out);
  writer.u8(static_cast<std::uint8_t>(selectors.size()));
  writer.zeros(3);
  for (const auto& selector : selectors) emit_selector(selector, writer);
}

}  // namespace culvert::ike::wire
