// The forwarding table: longest prefix to next hop, changed in place while workers look up.
//
// A trie of three levels, of 16, 8 and 8 bits of the address. A slot is a leaf or leads to a group, 256 slots of the
// next level; a leaf says the next hop and the length of the prefix that put it there. An entry is one word, so that a
// look-up sees a prefix before or after a change, never half of it. Memory is set aside as address space and taken
// where prefixes are: a few routes cost 256 kB, a million a group for each /16 and each /24 that holds longer ones.
//
// A next hop is an index into Tables::adjacencies; index 0 is "no route". The contract between the table and the
// snapshots: an index is written here only after every worker has pinned a snapshot that describes it, and it is given
// another meaning only after a grace period that began when no prefix led to it any more. The same holds for groups.
#pragma once

#include <atomic>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ipsec-dataplane/prefix_table.h"
#include "net/address.h"

namespace culvert::dataplane {

using FibEntry = std::atomic<std::uint32_t>;

// What a worker sees of the table.
class FibView {
 public:
  FibView() = default;  // of no table: to be assigned before it is asked
  explicit FibView(const FibEntry* entries) : entries_(entries) {}

  // `address` in host order.
  std::uint16_t lookup(std::uint32_t address) const {
    auto entry = entries_[address >> 16].load(std::memory_order_acquire);
    if (entry & group_flag) entry = slot(entry, address >> 8).load(std::memory_order_acquire);
    if (entry & group_flag) entry = slot(entry, address).load(std::memory_order_acquire);
    return static_cast<std::uint16_t>(entry & next_hop_mask);
  }

  static constexpr std::uint32_t group_flag = 0x80000000, next_hop_mask = 0x7fff;

 private:
  const FibEntry& slot(std::uint32_t entry, std::uint32_t index) const {
    return entries_[(entry & ~group_flag) + (index & 0xff)];
  }
  const FibEntry* entries_ = nullptr;
};

class Fib {
 public:
  static constexpr std::uint16_t no_route = 0;
  static constexpr std::uint16_t next_hop_max = FibView::next_hop_mask;
  // Groups of 1 kB, address space until they are used: for every /16, and for a million /24s that hold longer prefixes.
  static constexpr std::uint32_t groups_default = (64 + 1024) * 1024;

  // Runs an action when no look-up that began before can still go on; where none is given, at once.
  using AfterGrace = std::function<void(std::function<void()>)>;

  // `seed`: that of PrefixTable. Error: not enough address space.
  static std::expected<Fib, std::string> create(std::uint32_t groups_max = groups_default, std::uint64_t seed = 0);
  void after_grace(AfterGrace hook) { after_grace_ = std::move(hook); }

  // Adds the prefix or changes where it leads. False: the table is full, and as it was. Requires: an IPv4 prefix
  // without host bits.
  bool set(const net::Prefix& prefix, std::uint16_t next_hop);
  void remove(const net::Prefix& prefix);
  // Where this very prefix leads; nullopt where it is not in the table.
  std::optional<std::uint16_t> find(const net::Prefix& prefix) const;
  std::uint16_t lookup(std::uint32_t address) const { return view().lookup(address); }
  FibView view() const { return FibView(entries_.get()); }

 private:
  struct Unmap {
    std::size_t octets;
    void operator()(FibEntry* entries) const;
  };
  // Addresses that slots of one level cover, and what a change writes there.
  struct Change {
    std::uint32_t first, last;
    std::uint8_t length;
    std::uint32_t leaf;
    bool removal;
    bool takes(std::uint32_t entry) const;
  };

  Fib(std::unique_ptr<FibEntry, Unmap> entries, std::uint32_t groups_max, std::uint64_t seed);

  void apply(std::uint32_t table, unsigned shift, const Change& change);
  void apply_inside(FibEntry& slot, std::uint32_t base, unsigned shift, const Change& change);
  std::uint32_t new_group(std::uint32_t leaf);
  void drop_if_uniform(FibEntry& slot, std::uint8_t length_max);
  std::uint32_t groups_wanted(const net::Prefix& prefix) const;
  std::uint32_t shorter_than(const net::Prefix& prefix) const;

  std::unique_ptr<FibEntry, Unmap> entries_;
  std::uint32_t groups_max_, groups_made_ = 0;
  // Shared with actions that wait for their grace period.
  std::shared_ptr<std::vector<std::uint32_t>> free_groups_ = std::make_shared<std::vector<std::uint32_t>>();
  PrefixTable prefixes_;
  AfterGrace after_grace_ = [](const std::function<void()>& action) { action(); };
};

}  // namespace culvert::dataplane
