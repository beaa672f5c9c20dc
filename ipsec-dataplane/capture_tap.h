// A tap: copies of the packets that pass one interface, from the workers to the control thread.
//
// Workers write into a ring of fixed size and never wait: what finds it full is counted as missed. Any number of
// workers may write, only control reads. While no tap is set, a stage pays one comparison a burst.
//
// On a port a packet is the Ethernet frame as it arrived or leaves; on a tunnel it is the IPv4 packet in clear text,
// after it was opened or before it is sealed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "ipsec-dataplane/interface.h"
#include "net/bytes.h"
#include "net/time.h"

namespace culvert::dataplane {

enum class TapDirection : std::uint8_t { in, out };

// IPv4 addresses in host order; a mask of 0 takes any. With `everything` frames that are no IPv4 match too.
struct TapFilter {
  bool everything = true;
  std::uint32_t source = 0, source_mask = 0;
  std::uint32_t destination = 0, destination_mask = 0;
  std::optional<std::uint8_t> protocol;
  bool operator==(const TapFilter&) const = default;

  // `packet` begins at what should be an IPv4 header; any octets will do.
  bool matches(net::View packet) const;
};

struct TapOptions {
  std::string interface;
  bool in = true, out = true;
  TapFilter filter;
  std::uint16_t packet_octets_max = 0;  // 0 or more than tap_octets_max: tap_octets_max
};

// The most that is kept of one packet.
inline constexpr std::uint16_t tap_octets_max = 2048;

struct Tapped {
  net::Duration since_start{};
  TapDirection direction{};
  std::uint32_t size_octets = 0;  // of the whole packet
  net::Bytes octets;
};

class Tap {
 public:
  // `wake_descriptor`, an eventfd, is written when control had better read, or is -1. Starts the clock.
  Tap(TapOptions options, bool ethernet, int wake_descriptor);
  const TapOptions& options() const { return options_; }
  bool is_ethernet() const { return ethernet_; }

  // Workers.

  bool wants(TapDirection direction) const { return direction == TapDirection::in ? options_.in : options_.out; }
  void offer(TapDirection direction, net::View packet);

  // Control.

  std::optional<Tapped> take();
  std::uint64_t missed() const { return missed_.load(std::memory_order_relaxed); }

  static constexpr std::size_t slot_count = 1024;

 private:
  struct Slot {
    std::atomic<std::size_t> turn{0};  // the position that may write here; one more: that may be read
    std::uint64_t cycles = 0;
    std::uint32_t size_octets = 0;
    std::uint16_t kept_octets = 0;
    TapDirection direction{};
    std::array<std::byte, tap_octets_max> octets;
  };
  Slot* claim();
  void wake() const;

  TapOptions options_;
  bool ethernet_;
  int wake_descriptor_;
  std::uint64_t started_cycles_;
  std::unique_ptr<Slot[]> slots_;
  alignas(64) std::atomic<std::size_t> next_write_{0};
  alignas(64) std::size_t next_read_ = 0;
  std::atomic<std::uint64_t> missed_{0};
};

// A tap in a snapshot of the tables.
struct PlacedTap {
  InterfaceIndex interface = no_interface;
  std::shared_ptr<Tap> tap;
};

}  // namespace culvert::dataplane
