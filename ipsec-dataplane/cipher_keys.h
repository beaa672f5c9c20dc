// The keys of one SA as its ciphers want them: expanded once, wiped when the SA goes.
#pragma once

#include <expected>
#include <memory>
#include <string>

#include "ipsec-dataplane/esp_algorithms.h"
#include "ipsec-dataplane/multi_buffer.h"
#include "ipsec-dataplane/sa_parameters.h"

namespace culvert::dataplane {

class GcmKeys;   // gcm_keys.h
class LaneKeys;  // lane_keys.h

// For one direction. Control thread, but for reading.
class CipherKeys {
 public:
  // Error, in one line: too many SAs, or why these keys cannot be used.
  static std::expected<CipherKeys, std::string> make(std::shared_ptr<MultiBuffer> library,
                                                     const SaParameters& parameters, const EspAlgorithms& algorithms);
  CipherKeys(CipherKeys&&) noexcept;
  CipherKeys& operator=(CipherKeys&&) = delete;
  ~CipherKeys();

  // One of the two, the other is nullptr: AES-GCM does a packet at a time, all else is done in the lanes of a manager,
  // many packets at once (cipher_lanes.h).
  const GcmKeys* gcm() const { return gcm_.get(); }
  const LaneKeys* lanes() const { return lanes_.get(); }

 private:
  explicit CipherKeys(std::shared_ptr<MultiBuffer> library);  // which has set a place aside

  std::shared_ptr<MultiBuffer> library_;
  std::unique_ptr<GcmKeys> gcm_;
  std::unique_ptr<LaneKeys> lanes_;
};

}  // namespace culvert::dataplane
