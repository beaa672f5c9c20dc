// All that the jobs of one SA have in common when they run in the lanes of a manager: algorithms, key schedules,
// lengths.
#pragma once

#include <array>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "ipsec-dataplane/esp_algorithms.h"
#include "ipsec-dataplane/ipsec_mb.h"
#include "ipsec-dataplane/multi_buffer.h"
#include "ipsec-dataplane/sa_parameters.h"

namespace culvert::dataplane {

// Encrypts and authenticates for an outbound SA; authenticates and decrypts for an inbound one.
class LaneKeys {
 public:
  // Control thread.
  static std::expected<std::unique_ptr<LaneKeys>, std::string> make(const MultiBuffer& library,
                                                                    const SaParameters& parameters,
                                                                    const EspAlgorithms& algorithms);
  LaneKeys(const LaneKeys&) = delete;
  LaneKeys& operator=(const LaneKeys&) = delete;
  ~LaneKeys();

  // To be copied and completed by what is a packet's own.
  const IMB_JOB& job() const { return job_; }

 private:
  static constexpr std::size_t aes_schedule_octets = 15 * 16, digest_octets_max = 64, hash_block_octets_max = 128;
  using DesSchedule = std::array<std::uint64_t, 16>;
  struct alignas(64) Schedules {
    std::array<std::uint8_t, aes_schedule_octets> encryption, decryption;
    std::array<std::uint8_t, digest_octets_max> inner, outer;  // HMAC's key, hashed as far as it goes
    std::array<DesSchedule, 3> des;
    std::array<const void*, 3> des_order;
  };

  LaneKeys() = default;
  void use_cipher(const IMB_MGR& library, const SaParameters& parameters, const CipherFacts& cipher);
  void use_aes(const IMB_MGR& library, const SaParameters& parameters, const CipherFacts& cipher);
  void use_des(const IMB_MGR& library, const SaParameters& parameters, const CipherFacts& cipher);
  void use_chacha(const SaParameters& parameters);
  void use_integrity(const IMB_MGR& library, const SaParameters& parameters, const IntegrityFacts& integrity);
  void hash_key(const IMB_MGR& library, const SaParameters& parameters);

  IMB_JOB job_{};
  Schedules schedules_{};
};

}  // namespace culvert::dataplane
