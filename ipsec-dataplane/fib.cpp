// Prefixes are pushed down to leaves: a change visits the slots its prefix covers and writes those leaves that no
// longer prefix owns. What a removed prefix covered falls to the longest shorter one, which the table of prefixes
// tells.
#include "ipsec-dataplane/fib.h"

#include <fmt/core.h>
#include <sys/mman.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

namespace culvert::dataplane {

namespace {

constexpr std::uint32_t root_slots = 65536, group_slots = 256;
constexpr unsigned root_shift = 16, length_shift = 16;

std::uint32_t leaf_of(std::uint16_t next_hop, std::uint8_t length) {
  return std::uint32_t{length} << length_shift | next_hop;
}
bool is_group(std::uint32_t entry) { return (entry & FibView::group_flag) != 0; }
std::uint32_t group_of(std::uint32_t entry) { return entry & ~FibView::group_flag; }
std::uint8_t length_of(std::uint32_t leaf) { return static_cast<std::uint8_t>(leaf >> length_shift); }

std::uint32_t mask_of(unsigned length) { return length == 0 ? 0 : ~0u << (32 - length); }

}  // namespace

void Fib::Unmap::operator()(FibEntry* entries) const { munmap(entries, octets); }

Fib::Fib(std::unique_ptr<FibEntry, Unmap> entries, std::uint32_t groups_max, std::uint64_t seed)
    : entries_(std::move(entries)), groups_max_(groups_max), prefixes_(seed) {}

std::expected<Fib, std::string> Fib::create(std::uint32_t groups_max, std::uint64_t seed) {
  static_assert(sizeof(FibEntry) == 4 && FibEntry::is_always_lock_free);
  const auto octets = sizeof(FibEntry) * (root_slots + std::size_t{groups_max} * group_slots);
  // Fresh pages are zero: leaves of no route.
  void* memory = mmap(nullptr, octets, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED)
    return std::unexpected(fmt::format("no memory for the forwarding table ({})", std::strerror(errno)));
  return Fib(std::unique_ptr<FibEntry, Unmap>(static_cast<FibEntry*>(memory), Unmap{octets}), groups_max, seed);
}

// A new prefix takes the leaves of prefixes that are shorter, or its own former ones; one that goes, only its own.
bool Fib::Change::takes(std::uint32_t entry) const {
  return removal ? length_of(entry) == length : length_of(entry) <= length;
}

bool Fib::set(const net::Prefix& prefix, std::uint16_t next_hop) {
  assert(prefix.address.is_v4() && next_hop <= next_hop_max);
  if (groups_wanted(prefix) > groups_max_ - groups_made_ + free_groups_->size()) return false;
  const auto first = prefix.address.v4_value();
  prefixes_.set(first, prefix.length, next_hop);
  apply(0, root_shift,
        {first, first | ~mask_of(prefix.length), prefix.length, leaf_of(next_hop, prefix.length), false});
  return true;
}

std::optional<std::uint16_t> Fib::find(const net::Prefix& prefix) const {
  return prefixes_.find(prefix.address.v4_value(), prefix.length);
}

void Fib::remove(const net::Prefix& prefix) {
  assert(prefix.address.is_v4());
  const auto first = prefix.address.v4_value();
  if (!prefixes_.erase(first, prefix.length)) return;
  apply(0, root_shift, {first, first | ~mask_of(prefix.length), prefix.length, shorter_than(prefix), true});
}

// The leaf of the longest prefix around this one.
std::uint32_t Fib::shorter_than(const net::Prefix& prefix) const {
  for (unsigned length = prefix.length; length-- > 0;) {
    const auto found = prefixes_.find(prefix.address.v4_value() & mask_of(length), length);
    if (found) return leaf_of(*found, static_cast<std::uint8_t>(length));
  }
  return leaf_of(no_route, 0);
}

std::uint32_t Fib::groups_wanted(const net::Prefix& prefix) const {
  if (prefix.length <= 16) return 0;
  const auto address = prefix.address.v4_value();
  const auto outer = entries_.get()[address >> 16].load(std::memory_order_relaxed);
  if (!is_group(outer)) return prefix.length <= 24 ? 1 : 2;
  if (prefix.length <= 24) return 0;
  const auto inner = entries_.get()[group_of(outer) + (address >> 8 & 0xff)].load(std::memory_order_relaxed);
  return is_group(inner) ? 0 : 1;
}

// The slots of the table at `table` that the change covers, each of 2^shift addresses.
void Fib::apply(std::uint32_t table, unsigned shift, const Change& change) {
  const auto slots = table == 0 ? root_slots : group_slots;
  const auto lowest = change.first >> shift, highest = change.last >> shift;
  for (auto at = lowest;; ++at) {
    auto& slot = entries_.get()[table + (at & (slots - 1))];
    const auto entry = slot.load(std::memory_order_relaxed);
    if (is_group(entry) || change.length > 32 - shift)
      apply_inside(slot, at << shift, shift, change);
    else if (change.takes(entry))
      slot.store(change.leaf, std::memory_order_release);
    if (at == highest) return;
  }
}

// The slot leads to a group, or shall.
void Fib::apply_inside(FibEntry& slot, std::uint32_t base, unsigned shift, const Change& change) {
  auto entry = slot.load(std::memory_order_relaxed);
  if (!is_group(entry)) {
    entry = FibView::group_flag | new_group(entry);
    slot.store(entry, std::memory_order_release);
  }
  auto inside = change;
  inside.first = std::max(change.first, base);
  inside.last = std::min(change.last, base | ((1u << shift) - 1));
  apply(group_of(entry), shift - 8, inside);
  if (change.removal) drop_if_uniform(slot, static_cast<std::uint8_t>(32 - shift));
}

// Where its group begins.
std::uint32_t Fib::new_group(std::uint32_t leaf) {
  std::uint32_t group = 0;
  if (!free_groups_->empty()) {
    group = free_groups_->back();
    free_groups_->pop_back();
  } else {
    assert(groups_made_ < groups_max_);
    group = root_slots + groups_made_++ * group_slots;
  }
  for (std::uint32_t i = 0; i < group_slots; ++i) entries_.get()[group + i].store(leaf, std::memory_order_relaxed);
  return group;
}

// A group whose slots all say what a prefix no longer than `length_max` says is that one leaf.
void Fib::drop_if_uniform(FibEntry& slot, std::uint8_t length_max) {
  const auto group = group_of(slot.load(std::memory_order_relaxed));
  const auto leaf = entries_.get()[group].load(std::memory_order_relaxed);
  if (is_group(leaf) || length_of(leaf) > length_max) return;
  for (std::uint32_t i = 1; i < group_slots; ++i)
    if (entries_.get()[group + i].load(std::memory_order_relaxed) != leaf) return;
  slot.store(leaf, std::memory_order_release);
  after_grace_([free = free_groups_, group] { free->push_back(group); });
}

}  // namespace culvert::dataplane
