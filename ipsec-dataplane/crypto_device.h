// The software crypto devices of a router, and each worker's way to them.
//
// Three cryptodev drivers serve ESP: crypto_aesni_gcm for AES-GCM, crypto_aesni_mb for AES-CBC, AES-CTR, DES, ChaCha20
// and HMAC, crypto_openssl for 3DES, which is about forty times faster there. Which one runs an SA is decided by
// capability look-up when its session is made. Every worker has a queue pair on each; a worker enqueues a burst and
// drains it in the same turn, so nothing is in flight between turns. The cpu-crypto path of cryptodev is not used: with
// AES-CBC it repeats its IV.
#pragma once

#include <bitset>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "ipsec-dataplane/esp_algorithms.h"
#include "ipsec-dataplane/iv_source.h"

struct rte_crypto_op;
struct rte_mempool;

namespace culvert::dataplane {

// What all workers share: the cryptodevs of this process, their sessions' memory and their operations' memory.
class CryptoDrivers {
 public:
  // `sessions_max` SAs of both directions, about 1.6 kB each. The error names the driver that failed.
  static std::expected<std::shared_ptr<CryptoDrivers>, std::string> start(unsigned workers, unsigned sessions_max);
  // Those that were started last and are still in use; nullptr if none are.
  static std::shared_ptr<CryptoDrivers> current();

  CryptoDrivers(const CryptoDrivers&) = delete;
  CryptoDrivers& operator=(const CryptoDrivers&) = delete;
  ~CryptoDrivers();

  std::span<const std::uint8_t> devices() const { return devices_; }  // cryptodev numbers, the preferred first
  rte_mempool* sessions() { return sessions_; }
  rte_mempool* operations() { return operations_; }

 private:
  CryptoDrivers() = default;
  std::expected<void, std::string> add(const char* driver, unsigned workers);
  std::expected<void, std::string> make_pools(unsigned workers, unsigned sessions_max);
  std::expected<void, std::string> start_device(std::uint8_t device, unsigned workers);

  std::vector<std::string> names_;
  std::vector<std::uint8_t> devices_;
  rte_mempool* sessions_ = nullptr;
  rte_mempool* operations_ = nullptr;
};

// One worker's queue pair on each device, its operations and its source of IVs. Used by that worker alone.
class CryptoDevice {
 public:
  static constexpr std::size_t depth = 64;  // operations that can be open at once
  static constexpr unsigned empty_polls_max = 1000;
  // An operation's private area, which the cipher reads: the IV, and what extended sequence numbers keep out of the
  // packet (esp_job.h).
  static constexpr std::uint16_t iv_octets_max = 16, beside_octets_max = 32;

  CryptoDevice(std::shared_ptr<CryptoDrivers> drivers, unsigned worker, std::vector<rte_crypto_op*> operations);
  CryptoDevice(const CryptoDevice&) = delete;
  CryptoDevice& operator=(const CryptoDevice&) = delete;
  ~CryptoDevice();

  // Operation `index`, 0 to depth - 1, to be filled in anew for every run.
  rte_crypto_op* operation(std::size_t index) { return operations_[index]; }
  IvSource& ivs() { return ivs_; }

  // Runs operations whose sessions are all on `device` and waits for them: at most empty_polls_max empty polls in a
  // row. Then every operation that the device did has status SUCCESS or a failure's. A device that does not give an
  // operation back is never used again by this worker, and all its operations fail.
  void run(std::uint8_t device, std::span<rte_crypto_op*> operations);

 private:
  std::shared_ptr<CryptoDrivers> drivers_;
  std::uint16_t queue_pair_;
  std::vector<rte_crypto_op*> operations_;
  std::bitset<256> failed_;  // by cryptodev number
  IvSource ivs_;
};

}  // namespace culvert::dataplane
