// Reassembly over a fixed table of slots. The table is small and its newest entries are the likely ones, so it is
// searched in order, newest first.
#include "ipsec-dataplane/reassembly.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "net/checksum.h"

namespace culvert::dataplane {

namespace {

constexpr std::uint16_t more_fragments = 0x2000, offset_mask = 0x1fff;
constexpr std::uint8_t ecn_mask = 3, not_capable_seen = 1 << 0, congestion_seen = 1 << 3;

std::uint32_t number(net::View octets) {
  std::uint32_t value = 0;
  for (const auto octet : octets) value = value << 8 | std::to_integer<std::uint32_t>(octet);
  return value;
}

void put_u16(std::byte* at, std::size_t value) {
  at[0] = static_cast<std::byte>(value >> 8);
  at[1] = static_cast<std::byte>(value);
}

}  // namespace

Reassembly::Reassembly(const Limits& limits)
    : limits_(limits),
      slots_(limits.datagrams),
      buffers_(std::make_unique_for_overwrite<std::byte[]>(limits.datagrams * (header_max + payload_max))) {
  assert(limits.datagrams > 0 && limits.datagrams_per_source > 0 && limits.octets >= payload_max);
  order_.reserve(limits.datagrams);
  for (auto slot = limits.datagrams; slot > 0; --slot) free_.push_back(static_cast<Index>(slot - 1));
}

std::optional<Reassembly::Fragment> Reassembly::parse(net::View packet, std::size_t header_octets) {
  const auto field = number(packet.subspan(6, 2));
  const auto payload = packet.subspan(header_octets);
  const bool last = (field & more_fragments) == 0;
  if (payload.empty() || (!last && payload.size() % 8 != 0)) return std::nullopt;
  const auto first = (field & offset_mask) * 8;
  return Fragment{.range = {first, first + static_cast<std::uint32_t>(payload.size())},
                  .last = last,
                  .ecn = static_cast<std::uint8_t>(std::to_integer<unsigned>(packet[1]) & ecn_mask),
                  .header = packet.first(header_octets),
                  .payload = payload};
}

Reassembly::Outcome Reassembly::add(std::uint64_t now, std::uint16_t interface, net::View packet,
                                    std::size_t header_octets) {
  assert(header_octets >= 20 && header_octets <= header_max && packet.size() >= header_octets);
  const auto fragment = parse(packet, header_octets);
  if (!fragment) return {Verdict::malformed};
  const Key key{.source = number(packet.subspan(12, 4)),
                .destination = number(packet.subspan(16, 4)),
                .identification = static_cast<std::uint16_t>(number(packet.subspan(4, 2))),
                .interface = interface,
                .protocol = std::to_integer<std::uint8_t>(packet[9])};
  std::uint32_t evicted = 0;
  const auto known = find(key);
  const auto slot = known ? *known : open(now, key, evicted);
  auto outcome = [&]() -> Outcome {
    if (const auto wrong = misfit(slot, *fragment))
      return *wrong == Verdict::duplicate ? Outcome{*wrong} : refuse(slot, *wrong);
    make_room_for(fragment->payload.size(), slot, evicted);
    store(slot, *fragment);
    const auto& s = slots_[slot];
    return s.total != 0 && s.octets == s.total ? finish(slot) : Outcome{};
  }();
  outcome.evicted = evicted;
  return outcome;
}

std::optional<Reassembly::Index> Reassembly::find(const Key& key) const {
  for (auto slot = order_.rbegin(); slot != order_.rend(); ++slot)
    if (slots_[*slot].key == key) return *slot;
  return std::nullopt;
}

Reassembly::Index Reassembly::open(std::uint64_t now, const Key& key, std::uint32_t& evicted) {
  make_room(key, evicted);
  const auto slot = free_.back();
  free_.pop_back();
  order_.push_back(slot);
  auto& s = slots_[slot];
  s.key = key;
  s.since = now;
  s.count = s.octets = s.total = 0;
  s.header_octets = s.ecn_seen = 0;
  s.refused = false;
  return slot;
}

void Reassembly::make_room(const Key& key, std::uint32_t& evicted) {
  const auto of_source = [&](Index slot) { return slots_[slot].key.source == key.source; };
  if (static_cast<std::size_t>(std::ranges::count_if(order_, of_source)) >= limits_.datagrams_per_source)
    evicted += close(*std::ranges::find_if(order_, of_source));
  else if (free_.empty())
    evicted += close(order_.front());
}

void Reassembly::make_room_for(std::size_t octets, Index except, std::uint32_t& evicted) {
  while (octets_ + octets > limits_.octets) {
    const auto oldest =
        std::ranges::find_if(order_, [&](Index slot) { return slot != except && slots_[slot].octets > 0; });
    if (oldest == order_.end()) return;  // all that is held is its own, which is less than the limit by itself
    evicted += close(*oldest);
  }
}

// What is wrong with a fragment of this datagram; nullopt where it fits into a gap.
std::optional<Reassembly::Verdict> Reassembly::misfit(Index slot, const Fragment& fragment) const {
  const auto& s = slots_[slot];
  if (s.refused) return Verdict::overlap;
  if (fragment.range.end > payload_max) return Verdict::too_long;
  const std::span held(s.ranges.data(), s.count);
  const auto next = std::ranges::lower_bound(held, fragment.range.first, {}, &Range::first);
  if (next != held.end() && *next == fragment.range) {
    const auto* there = payload_of(slot) + next->first;
    const bool copy = std::ranges::equal(fragment.payload, std::span(there, fragment.payload.size())) &&
                      fragment.last == (s.total == fragment.range.end);
    return copy ? Verdict::duplicate : Verdict::overlap;
  }
  if (next != held.end() && next->first < fragment.range.end) return Verdict::overlap;
  if (next != held.begin() && std::prev(next)->end > fragment.range.first) return Verdict::overlap;
  if (s.total != 0 && (fragment.last || fragment.range.end > s.total)) return Verdict::overlap;
  if (fragment.last && !held.empty() && held.back().end > fragment.range.end) return Verdict::overlap;
  if (s.count == fragments_max) return Verdict::too_many;
  return std::nullopt;
}

void Reassembly::store(Index slot, const Fragment& fragment) {
  auto& s = slots_[slot];
  auto* const payload = payload_of(slot);
  std::ranges::copy(fragment.payload, payload + fragment.range.first);
  if (fragment.range.first == 0) {
    s.header_octets = static_cast<std::uint8_t>(fragment.header.size());
    std::ranges::copy(fragment.header, payload - fragment.header.size());
  }
  auto* const end = s.ranges.data() + s.count;
  auto* const next = std::ranges::lower_bound(s.ranges.data(), end, fragment.range.first, {}, &Range::first);
  std::copy_backward(next, end, end + 1);
  *next = fragment.range;
  ++s.count;
  ++fragments_;
  const auto size = static_cast<std::uint32_t>(fragment.payload.size());
  s.octets += size;
  octets_ += size;
  if (fragment.last) s.total = fragment.range.end;
  s.ecn_seen |= static_cast<std::uint8_t>(1u << fragment.ecn);
}

Reassembly::Outcome Reassembly::refuse(Index slot, Verdict verdict) {
  auto& s = slots_[slot];
  const auto held = s.count;
  empty(s);
  s.refused = true;
  return {.verdict = verdict, .refused = held};
}

Reassembly::Outcome Reassembly::finish(Index slot) {
  constexpr std::uint8_t mixed = not_capable_seen | congestion_seen;
  const auto& s = slots_[slot];
  const std::size_t total = s.header_octets + s.total;
  if (total > 65535) return refuse(slot, Verdict::too_long);
  if ((s.ecn_seen & mixed) == mixed) return refuse(slot, Verdict::unmarkable);
  auto* const header = payload_of(slot) - s.header_octets;
  if ((s.ecn_seen & congestion_seen) != 0) header[1] |= std::byte{ecn_mask};
  put_u16(header + 2, total);
  put_u16(header + 6, 0);
  put_u16(header + 10, 0);
  put_u16(header + 10, net::checksum({header, s.header_octets}));
  close(slot);
  return {.verdict = Verdict::complete, .packet = {header, total}};
}

void Reassembly::empty(Slot& slot) {
  fragments_ -= slot.count;
  octets_ -= slot.octets;
  slot.count = slot.octets = slot.total = 0;
}

// Frees a slot and says how many fragments it held.
std::uint32_t Reassembly::close(Index slot) {
  const auto held = slots_[slot].count;
  empty(slots_[slot]);
  order_.erase(std::ranges::find(order_, slot));
  free_.push_back(slot);
  return held;
}

std::optional<Reassembly::Expired> Reassembly::expire(std::uint64_t now) {
  if (order_.empty() || now - slots_[order_.front()].since < limits_.timeout) return std::nullopt;
  const auto slot = order_.front();
  const auto& s = slots_[slot];
  Expired expired{.interface = s.key.interface};
  if (s.count > 0 && s.ranges[0].first == 0)
    expired.first = {payload_of(slot) - s.header_octets, std::size_t{s.header_octets} + s.ranges[0].end};
  expired.fragments = close(slot);
  return expired;
}

}  // namespace culvert::dataplane
