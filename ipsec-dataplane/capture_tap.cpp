#include "ipsec-dataplane/capture_tap.h"

#include <rte_cycles.h>
#include <unistd.h>

#include <algorithm>

namespace culvert::dataplane {

namespace {

constexpr std::size_t ethernet_octets = 14;
constexpr std::size_t wake_every = Tap::slot_count / 8;

std::uint32_t u32_at(net::View octets, std::size_t at) { return *net::Reader(octets.subspan(at)).u32(); }

}  // namespace

bool TapFilter::matches(net::View packet) const {
  if (everything) return true;
  if (packet.size() < 20 || std::to_integer<unsigned>(packet[0]) >> 4 != 4) return false;
  if (protocol && std::to_integer<unsigned>(packet[9]) != *protocol) return false;
  return (u32_at(packet, 12) & source_mask) == (source & source_mask) &&
         (u32_at(packet, 16) & destination_mask) == (destination & destination_mask);
}

Tap::Tap(TapOptions options, bool ethernet, int wake_descriptor)
    : options_(std::move(options)),
      ethernet_(ethernet),
      wake_descriptor_(wake_descriptor),
      started_cycles_(rte_rdtsc()),
      slots_(std::make_unique<Slot[]>(slot_count)) {
  auto& most = options_.packet_octets_max;
  if (most == 0 || most > tap_octets_max) most = tap_octets_max;
  for (std::size_t i = 0; i < slot_count; ++i) slots_[i].turn.store(i, std::memory_order_relaxed);
}

// A slot is free for position n when its turn is n, and readable when it is n + 1; nullptr: the ring is full.
Tap::Slot* Tap::claim() {
  auto position = next_write_.load(std::memory_order_relaxed);
  while (true) {
    auto& slot = slots_[position % slot_count];
    const auto turn = slot.turn.load(std::memory_order_acquire);
    if (turn == position) {
      if (next_write_.compare_exchange_weak(position, position + 1, std::memory_order_relaxed)) return &slot;
    } else if (turn < position) {
      return nullptr;
    } else {
      position = next_write_.load(std::memory_order_relaxed);
    }
  }
}

void Tap::offer(TapDirection direction, net::View packet) {
  if (!wants(direction)) return;
  const auto ip = packet.subspan(std::min(packet.size(), ethernet_ ? ethernet_octets : 0));
  if (!options_.filter.matches(ip)) return;
  auto* slot = claim();
  if (slot == nullptr) {
    missed_.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  slot->cycles = rte_rdtsc();
  slot->size_octets = static_cast<std::uint32_t>(packet.size());
  slot->kept_octets = static_cast<std::uint16_t>(std::min<std::size_t>(packet.size(), options_.packet_octets_max));
  slot->direction = direction;
  std::ranges::copy(packet.first(slot->kept_octets), slot->octets.begin());
  const auto turn = slot->turn.load(std::memory_order_relaxed) + 1;
  slot->turn.store(turn, std::memory_order_release);
  if (turn % wake_every == 0) wake();
}

void Tap::wake() const {
  const std::uint64_t one = 1;
  if (wake_descriptor_ >= 0) [[maybe_unused]]
    const auto written = ::write(wake_descriptor_, &one, sizeof one);
}

std::optional<Tapped> Tap::take() {
  auto& slot = slots_[next_read_ % slot_count];
  if (slot.turn.load(std::memory_order_acquire) != next_read_ + 1) return std::nullopt;
  const auto cycles = slot.cycles > started_cycles_ ? slot.cycles - started_cycles_ : 0;
  const auto seconds = static_cast<double>(cycles) / static_cast<double>(rte_get_tsc_hz());
  Tapped tapped{.since_start = std::chrono::duration_cast<net::Duration>(std::chrono::duration<double>(seconds)),
                .direction = slot.direction,
                .size_octets = slot.size_octets,
                .octets = {slot.octets.begin(), slot.octets.begin() + slot.kept_octets}};
  slot.turn.store(next_read_++ + slot_count, std::memory_order_release);
  return tapped;
}

}  // namespace culvert::dataplane
