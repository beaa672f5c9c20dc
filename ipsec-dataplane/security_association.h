// One ESP security association: its algorithms and keys, its place in the sequence, its counters.
//
// What can be decided once is decided when the SA is made: the lengths of its packets, the cipher's schedules, the
// outer header's constant part, whether the selectors need looking at. Control makes an SA and shares it with a
// snapshot of Tables; from then on the sequence number and the replay window belong to one worker. Counters may be read
// by anybody.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "ipsec-dataplane/cipher_keys.h"
#include "ipsec-dataplane/counters.h"
#include "ipsec-dataplane/esp_format.h"
#include "ipsec-dataplane/interface.h"
#include "ipsec-dataplane/outer_header.h"
#include "ipsec-dataplane/replay_window.h"
#include "ipsec-dataplane/sa_parameters.h"
#include "ipsec-dataplane/selectors.h"

namespace culvert::dataplane {

// Written by the SA's worker. What a packet failed at is counted here and, for the router as a whole, as a Drop.
struct SaCounters {
  Counter capsules;       // put into ESP, or taken out of it
  Counter ciphered;       // encrypted or decrypted; under NULL passed unchanged
  Counter authenticated;  // ICV made, or found right
  Counter octets;         // of inner packets, of `capsules`
  Counter bad_icv, replayed, bad_length, malformed, wrong_protocol, outside_selectors;
  Counter no_room;    // no buffer with room for the sealed packet
  Counter exhausted;  // no sequence number left
  Counter crypto_failed;
  Counter dummies;        // next header 59 (RFC 4303 section 2.6)
  Counter other_address;  // opened, though the outer addresses were not those of the SA: a NAT moved
};

class SecurityAssociation {
 public:
  // Control thread. `interface` is the tunnel that the SA belongs to. Errors, in one line: what algorithms_of()
  // refuses, a reserved SPI (0 to 255), outer addresses that are not both IPv4, a window above 1024, extended sequence
  // numbers without an ICV or a window, keys that no cipher takes.
  static std::expected<std::shared_ptr<SecurityAssociation>, std::string> create(std::shared_ptr<MultiBuffer> library,
                                                                                 InterfaceIndex interface,
                                                                                 const SaParameters& parameters);

  const SaParameters& parameters() const { return parameters_; }  // without the keys
  std::uint32_t spi() const { return parameters_.spi; }
  InterfaceIndex interface() const { return interface_; }
  const EspFormat& format() const { return format_; }
  // The greatest inner packet whose sealed form fits `path_mtu` octets; 0 where none does.
  std::uint32_t plaintext_mtu(std::uint32_t path_mtu) const { return format_.plaintext_mtu(path_mtu); }

  // Where UDP-encapsulated ESP goes from now on. Control thread, at any time. Requires: parameters().udp.
  void move_to(const UdpEncapsulation& udp) {
    ports_.store(std::uint32_t{udp.local_port} << 16 | udp.remote_port, std::memory_order_relaxed);
  }

  // What a show command prints. Any thread.
  SaStatistics statistics() const;

  // The rest is for the SA's worker.

  // The number of the next packet to be sealed. They start at 1 and never cycle (RFC 4303 section 3.3.3): 0 when 2^32 -
  // 1 or, with extended numbers, 2^64 - 1 was the last.
  std::uint64_t next_sequence() {
    const auto sent = sent_.load(std::memory_order_relaxed);
    if (sent == sequence_max_) return 0;
    sent_.store(sent + 1, std::memory_order_relaxed);
    return sent + 1;
  }
  // Continues after `sequence`, as when an SA is taken over. Requires: nothing was sealed yet.
  void continue_after(std::uint64_t sequence) { sent_.store(sequence, std::memory_order_relaxed); }

  // The number of an arriving packet whose lower half is `low`. With extended numbers the upper half is a guess that
  // the ICV proves. It follows the window; where nothing has verified for a while, one packet in 64 tries an epoch
  // after it, since 2^32 packets may have been lost in a row (RFC 4303 appendix A3). A packet is tried once, so
  // forgeries cost no more than before, and an honest packet among them is hardly ever the one.
  std::uint64_t sequence_of(std::uint32_t low);
  // False: replayed, or too old. accept() only after the ICV has verified, refuse() when it has not.
  bool fresh(std::uint64_t sequence) const { return window_.fresh(sequence); }
  bool accept(std::uint64_t sequence);
  void refuse() { unverified_ += unverified_ < resync_after; }

  const EspAlgorithms& algorithms() const { return algorithms_; }
  UdpEncapsulation ports() const {
    const auto ports = ports_.load(std::memory_order_relaxed);
    return {static_cast<std::uint16_t>(ports >> 16), static_cast<std::uint16_t>(ports)};
  }
  bool extended() const { return parameters_.extended_sequence_numbers; }
  const CipherKeys& keys() const { return keys_; }
  const std::array<std::byte, 4>& salt() const { return salt_; }
  const OuterHeader& outer() const { return outer_; }
  const SelectorPair& selectors() const { return selectors_; }
  // Source and destination of an inbound SA's outer packets, as they stand in the header.
  const std::array<std::byte, 8>& outer_addresses() const { return outer_addresses_; }
  SaCounters& counters() { return counters_; }

 private:
  SecurityAssociation(InterfaceIndex interface, const SaParameters& parameters, EspAlgorithms algorithms,
                      CipherKeys keys);

  SaParameters parameters_;
  InterfaceIndex interface_;
  EspAlgorithms algorithms_;
  EspFormat format_;
  CipherKeys keys_;
  std::array<std::byte, 4> salt_{};
  OuterHeader outer_;
  SelectorPair selectors_;
  std::array<std::byte, 8> outer_addresses_{};
  static constexpr std::uint32_t resync_after = 64;  // packets in a row whose ICV was wrong, and between two guesses
  static constexpr std::uint64_t resync_epochs = 3;  // after the window's own
  std::atomic<std::uint32_t> ports_{0};              // local, remote; of UDP encapsulation, which may move
  ReplayWindow window_;
  std::uint32_t unverified_ = 0;  // in a row, up to resync_after
  std::uint64_t guesses_ = 0;     // since the SA is out of step
  std::uint64_t sequence_max_;
  std::atomic<std::uint64_t> sent_{0};    // last sequence number used
  std::atomic<std::uint64_t> newest_{0};  // of the window, for other threads
  SaCounters counters_;
};

}  // namespace culvert::dataplane
