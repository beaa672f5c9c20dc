// Classifier: an ordered set of rules about headers, compiled so that a look-up costs the same for one rule and for
// thousands. The first rule that matches gives the answer.
//
// A classifier is immutable and safe to use from any thread; building one takes a time that grows with the rules (a
// thousand: a seventh of a second) and is done off the packet path. A snapshot holds it by a shared pointer, so that a
// changed list is a new classifier in the next snapshot. No DPDK type is seen here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace culvert::dataplane {

// What a rule may ask of a packet, as it stands in the packet: addresses and ports in network order. flow_key.h reads
// it from one. For ICMP the type stands as source port and the code as destination port; other protocols have neither.
struct alignas(16) FlowKey {
  std::uint8_t protocol = 0;
  std::uint8_t tcp_flags = 0;  // the low six bits; 0 for other protocols
  std::uint8_t tos = 0;        // DSCP in the upper six bits; ECN is cleared
  std::uint8_t shape = 0;      // bits of namespace shape
  std::uint32_t source = 0, destination = 0;
  std::uint16_t source_port = 0, destination_port = 0;  // 0 where the packet does not show them
  bool operator==(const FlowKey&) const = default;
};
static_assert(sizeof(FlowKey) == 16);

namespace shape {
// A fragment but the first; and a packet too short to show its transport header, or a fragment that lies across it.
// Neither: the ports are the packet's.
inline constexpr std::uint8_t later_fragment = 1, truncated = 2;
}  // namespace shape

// Bits of `mask` must be as in `value`. Host order.
template <class T>
struct Masked {
  T value = 0, mask = 0;
  bool operator==(const Masked&) const = default;
};
struct PortSpan {
  std::uint16_t first = 0, last = 0xffff;
  bool operator==(const PortSpan&) const = default;
};

// The default matches everything. All values in host order.
struct ClassifierRule {
  std::optional<std::uint8_t> protocol = {};
  Masked<std::uint32_t> source = {}, destination = {};
  PortSpan source_port = {}, destination_port = {};
  Masked<std::uint8_t> tcp_flags = {}, tos = {}, shape = {};
  std::uint32_t result = 0;  // what look_up answers; below Classifier::result_max
  bool operator==(const ClassifierRule&) const = default;
};

class Classifier {
 public:
  static constexpr std::uint32_t no_match = 0xffffffff, result_max = 0x7fffffff;
  // Up to this many rules are always compared one by one.
  static constexpr std::size_t plain_max = 8;

  // plain() makes a classifier that compares its rules one by one, in no time; it is right at once, and slow where it
  // is long. compiled() makes the fast one of it, of the same generation, on any thread; where memory does not suffice
  // it stays plain. build() does both.
  static std::shared_ptr<const Classifier> plain(std::vector<ClassifierRule> rules);
  std::shared_ptr<const Classifier> compiled() const;
  static std::shared_ptr<const Classifier> build(std::vector<ClassifierRule> rules) {
    return plain(std::move(rules))->compiled();
  }
  ~Classifier();
  Classifier(const Classifier&) = delete;
  Classifier& operator=(const Classifier&) = delete;

  // The result of the first rule that matches each key, or no_match. Requires: as many results as keys.
  void look_up(std::span<const FlowKey> keys, std::span<std::uint32_t> results) const;

  // No other rules of this process have or had it; never 0. What a cache of answers is keyed by.
  std::uint64_t generation() const { return generation_; }
  std::size_t size() const { return rules_.size(); }
  // Whether a fragment could get another answer than its datagram.
  bool reads_transport() const;
  bool is_compiled() const { return compiled_ != nullptr; }
  bool wants_compiling() const { return !compiled_ && !tried_ && rules_.size() > plain_max; }

 private:
  struct Compiled;  // rte_acl
  Classifier(std::vector<ClassifierRule> rules, std::uint64_t generation);
  std::uint32_t compare(const FlowKey& key) const;

  std::vector<ClassifierRule> rules_;
  std::unique_ptr<const Compiled> compiled_;
  bool tried_ = false;  // to compile it
  std::uint64_t generation_;
};

}  // namespace culvert::dataplane
