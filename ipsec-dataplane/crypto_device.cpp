// Cryptodevs brought up by rte_vdev_init, and the drain that makes them synchronous.
// DPDK 22.11 has no session pool without this.
#define ALLOW_EXPERIMENTAL_API

#include "ipsec-dataplane/crypto_device.h"

#include <rte_bus_vdev.h>
#include <rte_crypto.h>
#include <rte_cryptodev.h>
#include <rte_errno.h>
#include <rte_mempool.h>

#include <algorithm>
#include <array>
#include <cassert>

#include <fmt/core.h>

#include "ipsec-dataplane/esp.h"
#include "net/try.h"

namespace culvert::dataplane {

namespace {

std::weak_ptr<CryptoDrivers> started;  // control thread only

std::string failure(std::string_view what, int error) {
  return fmt::format("{}: {}", what, rte_strerror(error < 0 ? -error : error));
}

}  // namespace

std::expected<std::shared_ptr<CryptoDrivers>, std::string> CryptoDrivers::start(unsigned workers,
                                                                                unsigned sessions_max) {
  std::shared_ptr<CryptoDrivers> drivers(new CryptoDrivers);
  for (const char* driver : {"crypto_aesni_gcm", "crypto_aesni_mb", "crypto_openssl"})
    if (auto added = drivers->add(driver, workers); !added) return std::unexpected(added.error());
  if (auto made = drivers->make_pools(workers, sessions_max); !made) return std::unexpected(made.error());
  for (const auto device : drivers->devices_)
    if (auto up = drivers->start_device(device, workers); !up) return std::unexpected(up.error());
  started = drivers;
  return drivers;
}

std::shared_ptr<CryptoDrivers> CryptoDrivers::current() { return started.lock(); }

CryptoDrivers::~CryptoDrivers() {
  for (std::size_t i = 0; i < devices_.size(); ++i) {
    rte_cryptodev_stop(devices_[i]);
    rte_cryptodev_close(devices_[i]);
    rte_vdev_uninit(names_[i].c_str());
  }
  rte_mempool_free(operations_);
  rte_mempool_free(sessions_);
}

std::expected<void, std::string> CryptoDrivers::add(const char* driver, unsigned workers) {
  const auto name = fmt::format("{}_esp", driver);
  const auto options = fmt::format("max_nb_queue_pairs={}", workers);
  if (const int error = rte_vdev_init(name.c_str(), options.c_str()); error != 0)
    return std::unexpected(failure(fmt::format("cannot start the crypto driver {}", driver), error));
  names_.push_back(name);
  devices_.push_back(static_cast<std::uint8_t>(rte_cryptodev_get_dev_id(name.c_str())));
  return {};
}

std::expected<void, std::string> CryptoDrivers::make_pools(unsigned workers, unsigned sessions_max) {
  unsigned session_octets = 0;
  for (const auto device : devices_)
    session_octets = std::max(session_octets, rte_cryptodev_sym_get_private_session_size(device));
  sessions_ = rte_cryptodev_sym_session_pool_create("esp_sessions", sessions_max, session_octets, 0, 0, SOCKET_ID_ANY);
  if (sessions_ == nullptr) return std::unexpected(failure("no memory for crypto sessions", rte_errno));
  operations_ = rte_crypto_op_pool_create("esp_operations", RTE_CRYPTO_OP_TYPE_SYMMETRIC,
                                          static_cast<unsigned>(workers * CryptoDevice::depth), 0,
                                          CryptoDevice::iv_octets_max + CryptoDevice::beside_octets_max, SOCKET_ID_ANY);
  if (operations_ == nullptr) return std::unexpected(failure("no memory for crypto operations", rte_errno));
  return {};
}

std::expected<void, std::string> CryptoDrivers::start_device(std::uint8_t device, unsigned workers) {
  rte_cryptodev_config config{};
  config.socket_id = SOCKET_ID_ANY;
  config.nb_queue_pairs = static_cast<std::uint16_t>(workers);
  rte_cryptodev_qp_conf queue{};
  queue.nb_descriptors = 2 * CryptoDevice::depth;  // a ring of n holds n - 1
  queue.mp_session = sessions_;
  int error = rte_cryptodev_configure(device, &config);
  for (std::uint16_t i = 0; error == 0 && i < workers; ++i)
    error = rte_cryptodev_queue_pair_setup(device, i, &queue, SOCKET_ID_ANY);
  if (error == 0) error = rte_cryptodev_start(device);
  if (error == 0) return {};
  return std::unexpected(failure(fmt::format("cannot set up the crypto device {}", device), error));
}

CryptoDevice::CryptoDevice(std::shared_ptr<CryptoDrivers> drivers, unsigned worker,
                           std::vector<rte_crypto_op*> operations)
    : drivers_(std::move(drivers)),
      queue_pair_(static_cast<std::uint16_t>(worker)),
      operations_(std::move(operations)) {}

CryptoDevice::~CryptoDevice() {
  for (auto* operation : operations_) rte_crypto_op_free(operation);
}

void CryptoDevice::run(std::uint8_t device, std::span<rte_crypto_op*> operations) {
  assert(operations.size() <= depth);
  for (auto* operation : operations) operation->status = RTE_CRYPTO_OP_STATUS_NOT_PROCESSED;
  if (failed_.test(device)) return;
  std::array<rte_crypto_op*, depth> finished;
  std::size_t sent = 0, done = 0;
  for (unsigned empty = 0; done < operations.size() && empty < empty_polls_max;) {
    if (sent < operations.size())
      sent += rte_cryptodev_enqueue_burst(device, queue_pair_, &operations[sent],
                                          static_cast<std::uint16_t>(operations.size() - sent));
    const auto got = rte_cryptodev_dequeue_burst(device, queue_pair_, finished.data(), depth);
    done += got;
    empty = got == 0 ? empty + 1 : 0;
  }
  // What a device keeps may never be handed out again, so it is never polled again either.
  if (done < operations.size()) failed_.set(device);
}

std::expected<std::vector<std::shared_ptr<CryptoDevice>>, std::string> start_crypto(unsigned workers,
                                                                                    unsigned sessions_max) {
  const auto drivers = TRY(CryptoDrivers::start(workers, sessions_max));
  std::vector<std::shared_ptr<CryptoDevice>> devices;
  for (unsigned worker = 0; worker < workers; ++worker) {
    std::vector<rte_crypto_op*> operations(CryptoDevice::depth);
    if (rte_crypto_op_bulk_alloc(drivers->operations(), RTE_CRYPTO_OP_TYPE_SYMMETRIC, operations.data(),
                                 CryptoDevice::depth) != CryptoDevice::depth)
      return std::unexpected("no memory for crypto operations");
    devices.push_back(std::make_shared<CryptoDevice>(drivers, worker, std::move(operations)));
  }
  return devices;
}

}  // namespace culvert::dataplane
