// The keyed cipher of one SA on one crypto device.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>
#include <utility>

#include "ipsec-dataplane/crypto_device.h"
#include "ipsec-dataplane/esp_algorithms.h"
#include "ipsec-dataplane/sa_parameters.h"

namespace culvert::dataplane {

// Keeps its drivers running; the destructor gives the session back and wipes its keys. Control thread.
class CryptoSession {
 public:
  // Seals for an outbound SA, opens for an inbound one, on the first device able to. Errors: no device is, or there
  // are as many SAs as memory was set aside for.
  static std::expected<CryptoSession, std::string> make(std::shared_ptr<CryptoDrivers> drivers,
                                                        const SaParameters& parameters,
                                                        const EspAlgorithms& algorithms);

  CryptoSession(CryptoSession&& other) noexcept
      : drivers_(std::move(other.drivers_)), device_(other.device_), handle_(std::exchange(other.handle_, nullptr)) {}
  CryptoSession& operator=(CryptoSession&&) = delete;
  ~CryptoSession();

  std::uint8_t device() const { return device_; }  // cryptodev number
  void* handle() const { return handle_; }         // what rte_crypto_op_attach_sym_session takes

 private:
  CryptoSession(std::shared_ptr<CryptoDrivers> drivers, std::uint8_t device, void* handle)
      : drivers_(std::move(drivers)), device_(device), handle_(handle) {}

  std::shared_ptr<CryptoDrivers> drivers_;
  std::uint8_t device_;
  void* handle_;
};

}  // namespace culvert::dataplane
