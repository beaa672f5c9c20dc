// A worker for ESP alone: EAL on heap memory, the ciphers, one tunnel, and packets as byte strings.
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <iosfwd>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ipsec-dataplane/esp.h"
#include "ipsec-dataplane/security_association.h"
#include "net/bytes.h"
#include "net/random.h"

namespace culvert::dataplane {

// One combination of algorithms with its keys' lengths.
struct Suite {
  const char* name;
  EspCipher cipher;
  std::size_t cipher_key;
  EspIntegrity integrity;
  std::size_t integrity_key;
};
std::span<const Suite> all_suites();
const Suite& suite_named(std::string_view name);

// From 192.0.2.1 (local) to 198.51.100.1 (remote) for the outbound half, the mirror of it for the inbound one. Both
// halves have the same keys.
SaParameters parameters_of(const Suite& suite, SaDirection direction, bool udp = false);

// A valid IPv4 packet of `octets` from 10.1.0.1 to 10.2.0.1: UDP with random contents.
net::Bytes inner_packet(std::size_t octets, net::Random& random, std::uint8_t service = 0, bool dont_fragment = false);
// Computes the header checksum of an IPv4 packet anew.
void mend_checksum(net::Bytes& packet);

// What a stage made of a packet.
struct Result {
  net::Bytes bytes;  // all segments
  Meta meta;
  bool operator==(Drop drop) const { return meta.step == Step::drop && meta.drop == drop; }
};

// "replay", or the step it goes on with.
void PrintTo(const Result& result, std::ostream* out);

class Bench {
 public:
  static constexpr InterfaceIndex tunnel = 3;

  Bench();
  ~Bench();

  // The SA becomes the tunnel's, or is found by its SPI.
  std::expected<std::shared_ptr<SecurityAssociation>, std::string> try_install(const SaParameters& parameters);
  std::shared_ptr<SecurityAssociation> install(const SaParameters& parameters);

  std::vector<Result> seal(std::span<const net::Bytes> inner);
  Result seal(const net::Bytes& inner) { return seal(std::span(&inner, 1)).front(); }
  // Outer packets as classify hands them over: those in UDP are flagged.
  std::vector<Result> open(std::span<const net::Bytes> outer);
  Result open(const net::Bytes& outer) { return open(std::span(&outer, 1)).front(); }

  // A packet out of the bench's pool, in one segment or several.
  Packet* packet(const net::Bytes& bytes, Step step, std::size_t segment_octets = 4000);
  Result take(Packet* packet);
  unsigned packets_in_use() const;

  Tables tables;
  WorkerState worker;

 private:
  std::shared_ptr<CryptoEngine> crypto_;
};

}  // namespace culvert::dataplane
