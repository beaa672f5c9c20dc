// Sequence numbers of the reliable transport, RFC 7868 §5.2: one counter for all neighbours; 0 means unreliable, so the
// counter wraps to 1.
#pragma once

#include <cstdint>

namespace culvert::routing::eigrp {

class SequenceCounter {
 public:
  explicit SequenceCounter(std::uint32_t last) : last_(last) {}
  std::uint32_t next() { return last_ = upcoming(); }
  // What next() will return.
  std::uint32_t upcoming() const { return last_ + 1 ? last_ + 1 : 1; }
  std::uint32_t last() const { return last_; }

 private:
  std::uint32_t last_;
};

// Whether `a` came after `b`, across the wrap.
inline bool newer(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) > 0; }

}  // namespace culvert::routing::eigrp
