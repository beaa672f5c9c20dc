// Ciphers that work on many packets at once, each in a lane: AES-CBC, AES-CTR, DES, ChaCha20-Poly1305 and HMAC.
//
// A lane that is empty costs as much as one that is full, so jobs stay in flight until others have filled the lanes or
// somebody flushes them. They are finished in the order in which they came. One direction of one worker.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "ipsec-dataplane/esp_job.h"
#include "ipsec-dataplane/multi_buffer.h"

struct IMB_JOB;

namespace culvert::dataplane {

class CipherLanes {
 public:
  // The most jobs in flight; a further one ends the oldest.
  static constexpr std::size_t capacity = 128;

  explicit CipherLanes(LaneManager manager);
  CipherLanes(const CipherLanes&) = delete;
  CipherLanes& operator=(const CipherLanes&) = delete;

  // Takes a job whose headers and IV are in its packet, which may not be touched until the job is finished. Returns the
  // jobs that are: sealed with their ICV in place, opened with the ICV judged in `result`. Valid until the next call.
  std::span<const EspJob> submit(const EspJob& job);
  // Finishes all that are in flight.
  std::span<const EspJob> flush();

  bool empty() const { return free_count_ == capacity; }
  std::size_t in_flight() const { return capacity - free_count_; }
  // Whether jobs are in flight and none has joined them since this was last asked.
  bool starved() { return !std::exchange(fed_, false) && !empty(); }

 private:
  // A job in flight, and what of it is neither in its packet nor its SA's.
  struct Slot {
    EspJob job;
    std::array<std::byte, 16> nonce;
    std::array<std::byte, 32> icv;       // opening: as the cipher makes it
    std::array<std::byte, 32> received;  // opening with extended sequence numbers: as it came
    AssociatedRoom associated;
  };
  static void fill(IMB_JOB& work, const EspJob& job, Slot& slot);
  static void fill_nonce(IMB_JOB& work, const EspJob& job, Slot& slot);
  static void fill_authenticated(IMB_JOB& work, const EspJob& job, Slot& slot);
  static Ciphered judge(const IMB_JOB& work, const Slot& slot);
  void take(const IMB_JOB& work);

  LaneManager manager_;
  std::array<Slot, capacity> slots_;
  std::array<std::uint8_t, capacity> free_;  // a stack, so that few slots serve light traffic
  std::size_t free_count_ = capacity;
  std::array<EspJob, capacity + 1> finished_;  // of one submit(): the oldest that made room, and all that were left
  std::size_t finished_count_ = 0;
  bool fed_ = false;
};

}  // namespace culvert::dataplane
