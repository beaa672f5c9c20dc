// The library that does ESP's ciphers, ipsec-mb: what it may use of the processor, and its managers.
//
// A manager is the state of jobs in flight; whoever has one has it alone. Key schedules depend on the instructions that
// a manager was made for, so keys and managers come out of one MultiBuffer.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

struct IMB_MGR;

namespace culvert::dataplane {

struct FreeManager {
  void operator()(IMB_MGR* manager) const;
};
using LaneManager = std::unique_ptr<IMB_MGR, FreeManager>;

// widest: all that this processor has. common: AVX2 and no more.
enum class Instructions : std::uint8_t { widest, common };

class MultiBuffer {
 public:
  // For `keys_max` SAs of both directions. The error is one line: no memory, or a library that fails its own test.
  static std::expected<std::shared_ptr<MultiBuffer>, std::string> start(unsigned keys_max, Instructions instructions);
  // The one that was started last and is still in use; nullptr if none is. Control thread.
  static std::shared_ptr<MultiBuffer> current();

  std::expected<LaneManager, std::string> make_manager() const;
  // For key schedules. Control thread.
  const IMB_MGR& schedules() const { return *schedules_; }
  // A place for the keys of one SA. False: all are taken. Control thread.
  bool take_place();
  void give_place_back() { --keys_; }

 private:
  MultiBuffer(unsigned keys_max, Instructions instructions) : keys_max_(keys_max), instructions_(instructions) {}

  unsigned keys_max_, keys_ = 0;
  Instructions instructions_;
  LaneManager schedules_;
};

}  // namespace culvert::dataplane
