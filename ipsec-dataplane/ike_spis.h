// Which IKE messages belong to an IKE SA of this router: what workers ask before they queue one for control.
//
// Anybody can send what looks like IKE, at any rate; nobody who has not seen it guesses an SPI. Control tells the SPIs
// that it drew, workers look them up without a lock. They lie in buckets of one cache line each; an SPI whose bucket is
// full is not remembered, and its messages queue with those of strangers.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>

namespace culvert::dataplane {

enum class IkeStanding : std::uint8_t {
  stranger,
  half_open,  // a peer began it and has proved nothing yet
  known,      // it stands, or we began it
};

class IkeSpis {
 public:
  // For control. `spi` in host order, drawn at random. The lowest bit tells nothing apart.
  void set(std::uint64_t spi, bool half_open);
  void erase(std::uint64_t spi);
  // For any thread. Either SPI of a message may be ours: the better standing counts.
  IkeStanding of(std::uint64_t initiator_spi, std::uint64_t responder_spi) const;

 private:
  static constexpr std::size_t bucket_bits = 12;
  struct alignas(64) Bucket {
    std::array<std::atomic<std::uint64_t>, 8> spis{};  // 0: free; the lowest bit says that it is half-open
  };

  static std::size_t place_of(std::uint64_t spi) { return spi >> (64 - bucket_bits); }
  IkeStanding of(std::uint64_t spi) const;

  std::unique_ptr<Bucket[]> buckets_ = std::make_unique<Bucket[]>(std::size_t{1} << bucket_bits);
};

}  // namespace culvert::dataplane
