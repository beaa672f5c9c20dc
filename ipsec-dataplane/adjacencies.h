// The adjacencies in use: each has an index that the FIB leads to, and is counted by those who hold it.
//
// A key is one way out; shares are several of them, by weight, and hold each. An index that nobody holds any more rests
// until no worker can still have looked it up.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "ipsec-dataplane/fib.h"
#include "ipsec-dataplane/interface.h"
#include "ipsec-dataplane/tables.h"

namespace culvert::dataplane {

struct AdjacencyKey {
  AdjacencyKind kind = AdjacencyKind::unreachable;
  InterfaceIndex interface = no_interface;
  std::uint32_t address = 0;  // of a neighbor, host order
  auto operator<=>(const AdjacencyKey&) const = default;
};

// Every weight gets its part of the places, to the nearest; none is left without one. Requires: at most as many weights
// as places, each at least 1.
FlowShares shares_of(const std::vector<std::pair<std::uint16_t, std::uint32_t>>& weighted);

class Adjacencies {
 public:
  using Shares = std::vector<std::pair<AdjacencyKey, std::uint32_t>>;  // with weights

  void after_grace(Fib::AfterGrace hook) { after_grace_ = std::move(hook); }

  // An index with one more holder; 0 where there are too many.
  std::uint16_t hold(const AdjacencyKey& key);
  std::uint16_t hold(const Shares& shares);
  void hold_again(std::uint16_t index) { ++slots_[index].holders; }
  // The FIB must no longer lead to it by this holder.
  void release(std::uint16_t index);
  // 0 where nobody holds it.
  std::uint16_t find(const AdjacencyKey& key) const;

  // Whether an index has been given out since this was asked last: workers must hear of it before the FIB leads there.
  bool take_fresh() { return std::exchange(fresh_, false); }
  // One more than the greatest index.
  std::size_t end() const { return slots_.size(); }
  void each(const std::function<void(const AdjacencyKey&, std::uint16_t index)>& take) const;
  void each_shared(const std::function<void(const FlowShares&, std::uint16_t index)>& take) const;

 private:
  struct Several {
    Shares key;
    std::vector<std::pair<std::uint16_t, std::uint32_t>> members;
  };
  struct Slot {
    unsigned holders = 0;
    std::variant<AdjacencyKey, Several> what;
  };
  std::uint16_t new_index();

  std::vector<Slot> slots_ = std::vector<Slot>(1);  // by index; 0 is nobody's
  std::map<AdjacencyKey, std::uint16_t> keys_;
  std::map<Shares, std::uint16_t> shared_;
  // Shared with actions that wait for their grace period.
  std::shared_ptr<std::vector<std::uint16_t>> free_ = std::make_shared<std::vector<std::uint16_t>>();
  Fib::AfterGrace after_grace_ = [](const std::function<void()>& action) { action(); };
  bool fresh_ = false;
};

}  // namespace culvert::dataplane
