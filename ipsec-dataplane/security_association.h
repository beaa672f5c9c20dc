// One ESP security association: its algorithms keyed on a crypto device, its place in the sequence, its counters.
//
// What can be decided once is decided when the SA is made: the lengths of its packets, the device, the outer header's
// constant part, whether the selectors need looking at. Control makes an SA and shares it with a snapshot of Tables;
// from then on the sequence number and the replay window belong to one worker. Counters may be read by anybody.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "ipsec-dataplane/counters.h"
#include "ipsec-dataplane/crypto_session.h"
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
  // refuses, a reserved SPI (0 to 255), outer addresses that are not both IPv4, a window above 1024, no crypto session.
  static std::expected<std::shared_ptr<SecurityAssociation>, std::string> create(std::shared_ptr<CryptoDrivers> drivers,
                                                                                 InterfaceIndex interface,
                                                                                 const SaParameters& parameters);

  const SaParameters& parameters() const { return parameters_; }  // without the keys
  std::uint32_t spi() const { return parameters_.spi; }
  InterfaceIndex interface() const { return interface_; }
  const EspFormat& format() const { return format_; }
  // The greatest inner packet whose sealed form fits `path_mtu` octets; 0 where none does.
  std::uint32_t plaintext_mtu(std::uint32_t path_mtu) const { return format_.plaintext_mtu(path_mtu); }

  // What a show command prints. Any thread.
  SaStatistics statistics() const;

  // The rest is for the SA's worker.

  // Reserves up to `wanted` sequence numbers in a row; says the first and how many there were. They start at 1 and
  // never cycle (RFC 4303 section 3.3.3): at the end fewer are left, then none.
  struct Run {
    std::uint32_t first;
    std::uint32_t count;
  };
  Run take_sequence(std::uint32_t wanted);
  // Continues after `sequence`, as when an SA is taken over. Requires: nothing was sealed yet.
  void continue_after(std::uint32_t sequence) { sent_.store(sequence, std::memory_order_relaxed); }

  // False: replayed, or too old. accept() only after the ICV has verified.
  bool fresh(std::uint32_t sequence) const { return window_.fresh(sequence); }
  bool accept(std::uint32_t sequence);

  const EspAlgorithms& algorithms() const { return algorithms_; }
  const CryptoSession& session() const { return session_; }
  const std::array<std::byte, 4>& salt() const { return salt_; }
  const OuterHeader& outer() const { return outer_; }
  const SelectorPair& selectors() const { return selectors_; }
  // Source and destination of an inbound SA's outer packets, as they stand in the header.
  const std::array<std::byte, 8>& outer_addresses() const { return outer_addresses_; }
  SaCounters& counters() { return counters_; }

 private:
  SecurityAssociation(InterfaceIndex interface, const SaParameters& parameters, EspAlgorithms algorithms,
                      CryptoSession session);

  SaParameters parameters_;
  InterfaceIndex interface_;
  EspAlgorithms algorithms_;
  EspFormat format_;
  CryptoSession session_;
  std::array<std::byte, 4> salt_{};
  OuterHeader outer_;
  SelectorPair selectors_;
  std::array<std::byte, 8> outer_addresses_{};
  ReplayWindow window_;
  std::atomic<std::uint64_t> sent_{0};    // last sequence number used
  std::atomic<std::uint32_t> newest_{0};  // of the window, for other threads
  SaCounters counters_;
};

}  // namespace culvert::dataplane
