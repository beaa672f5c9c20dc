// What a worker remembers of crypto policies: its answers flow by flow, and how often it asked for SAs of late.
#pragma once

#include <array>
#include <cstdint>

#include "ipsec-dataplane/classifier.h"
#include "ipsec-dataplane/interface.h"
#include "ipsec-dataplane/tables.h"

namespace culvert::dataplane {

enum class PolicyDirection : std::uint8_t { in, out };

// What a policy says of a flow.
struct PolicyAnswer {
  static constexpr std::uint16_t in_clear = 0xffff, no_association = 0xffff;
  std::uint16_t entry = in_clear;              // the one that protects it
  std::uint16_t association = no_association;  // of the entry's outbound SAs, as of the generation
  std::uint32_t associations_generation = 0;   // 0: they were not looked at
  std::uint32_t line = 0;                      // of the entry
};

// One entry after the other, one line after the other.
PolicyAnswer ask(const Policy& policy, PolicyDirection direction, const FlowKey& flow);

// One answer a slot; a slot is taken over by whoever comes next. A policy that changed has another generation, so
// nothing is ever forgotten on purpose.
class PolicyCache {
 public:
  static constexpr std::size_t slots = 8192;

  // As ask(). What the caller writes of the SAs is there the next time. Valid until the next call.
  PolicyAnswer& answer(const Policy& policy, PolicyDirection direction, const FlowKey& flow);

 private:
  struct Slot {
    FlowKey flow;
    std::uint64_t generation = 0;  // of the policy and the direction
    PolicyAnswer answer;
  };
  std::array<Slot, slots> slots_;
};

// Packets without an SA that may go to control, in each second: so many of one line of an entry, and fewer of one
// source, so that a flood of flows leaves the other lines, and the other sources as far as may be, their own.
class RequestLimits {
 public:
  static constexpr std::uint32_t line_max = 64, source_max = 16;

  explicit RequestLimits(std::uint64_t cycles_per_s) : cycles_per_s_(cycles_per_s) {}
  bool take(std::uint64_t now, InterfaceIndex entry, std::uint32_t line, std::uint32_t source);

 private:
  struct Second {
    std::uint64_t begun = 0;
    std::uint32_t taken = 0;
  };
  bool room(Second& second, std::uint64_t now, std::uint32_t most) const;

  std::uint64_t cycles_per_s_;
  // By hash; who meets there shares.
  std::array<Second, 256> lines_;
  std::array<Second, 2048> sources_;
};

struct PolicyWork {
  explicit PolicyWork(std::uint64_t cycles_per_s) : requests(cycles_per_s) {}
  PolicyCache cache;
  RequestLimits requests;
};

}  // namespace culvert::dataplane
