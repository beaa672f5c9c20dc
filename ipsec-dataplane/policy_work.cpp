#include "ipsec-dataplane/policy_work.h"

#include <rte_hash_crc.h>

#include <bit>
#include <span>

#include "ipsec-dataplane/crypto_policy.h"

namespace culvert::dataplane {
namespace {

struct Halves {
  std::uint64_t low, high;
  bool operator==(const Halves&) const = default;
};

std::uint64_t generation_of(const Policy& policy, PolicyDirection direction) {
  return policy.generation * 2 + (direction == PolicyDirection::out ? 1 : 0);
}

}  // namespace

PolicyAnswer ask(const Policy& policy, PolicyDirection direction, const FlowKey& flow) {
  const auto& entries = policy.entries->entries;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const auto& classifier = direction == PolicyDirection::out ? *entries[i].outbound : *entries[i].inbound;
    std::uint32_t line = Classifier::no_match;
    classifier.look_up({&flow, 1}, {&line, 1});
    if (line < entries[i].permits.size() && entries[i].permits[line])
      return {.entry = static_cast<std::uint16_t>(i), .line = line};
  }
  return {};
}

PolicyAnswer& PolicyCache::answer(const Policy& policy, PolicyDirection direction, const FlowKey& flow) {
  const auto generation = generation_of(policy, direction);
  const auto halves = std::bit_cast<Halves>(flow);
  const auto hash =
      rte_hash_crc_8byte(halves.high, rte_hash_crc_8byte(halves.low, static_cast<std::uint32_t>(generation)));
  auto& slot = slots_[hash % slots];
  if (slot.generation != generation || std::bit_cast<Halves>(slot.flow) != halves)
    slot = {flow, generation, ask(policy, direction, flow)};
  return slot.answer;
}

bool RequestLimits::room(Second& second, std::uint64_t now, std::uint32_t most) const {
  if (second.taken == 0 || now - second.begun >= cycles_per_s_) second = {now, 0};
  return second.taken < most;
}

bool RequestLimits::take(std::uint64_t now, InterfaceIndex entry, std::uint32_t line, std::uint32_t source) {
  const auto hash = rte_hash_crc_4byte(line, entry);
  auto& of_line = lines_[hash % lines_.size()];
  auto& of_source = sources_[rte_hash_crc_4byte(source, hash) % sources_.size()];
  if (!room(of_source, now, source_max) || !room(of_line, now, line_max)) return false;
  ++of_source.taken;
  ++of_line.taken;
  return true;
}

}  // namespace culvert::dataplane
