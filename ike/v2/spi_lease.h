// Inbound ESP SPIs: unique while anybody may use them, given back when their owner goes.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <utility>

#include "net/random.h"

namespace culvert::ike::v2 {

// What nobody may be asked to send to (RFC 4303 §2.1).
constexpr std::uint32_t reserved_spi_max = 255;

using SpiSet = std::set<std::uint32_t>;

// Holds one SPI. The set lives as long as its last lease.
class SpiLease {
 public:
  SpiLease() = default;
  static SpiLease draw(const std::shared_ptr<SpiSet>& taken, net::Random& random) {
    std::uint32_t spi = 0;
    do spi = static_cast<std::uint32_t>(random.u64());
    while (spi <= reserved_spi_max || !taken->insert(spi).second);
    return {taken, spi};
  }
  SpiLease(SpiLease&& other) noexcept : taken_(std::move(other.taken_)), spi_(std::exchange(other.spi_, 0)) {}
  SpiLease& operator=(SpiLease&& other) noexcept {
    std::swap(taken_, other.taken_);
    std::swap(spi_, other.spi_);
    return *this;
  }
  ~SpiLease() {
    if (taken_) taken_->erase(spi_);
  }
  std::uint32_t spi() const { return spi_; }

 private:
  SpiLease(std::shared_ptr<SpiSet> taken, std::uint32_t spi) : taken_(std::move(taken)), spi_(spi) {}
  std::shared_ptr<SpiSet> taken_;
  std::uint32_t spi_ = 0;
};

}  // namespace culvert::ike::v2
