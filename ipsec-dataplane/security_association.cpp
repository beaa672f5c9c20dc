// How an SA is made, and how its numbers are read.
#include "ipsec-dataplane/security_association.h"

#include <algorithm>
#include <limits>

#include <fmt/core.h>

#include "ipsec-dataplane/esp.h"
#include "net/try.h"

namespace culvert::dataplane {

namespace {

constexpr std::uint32_t spi_reserved_max = 255;  // RFC 4303 section 2.1

std::uint64_t sequence_max(const SaParameters& p) {
  return p.extended_sequence_numbers ? std::numeric_limits<std::uint64_t>::max()
                                     : std::numeric_limits<std::uint32_t>::max();
}

std::expected<void, std::string> check_numbers(const SaParameters& p) {
  if (p.spi <= spi_reserved_max) return std::unexpected(fmt::format("SPI {} is reserved", p.spi));
  if (!p.local.is_v4() || !p.remote.is_v4()) return std::unexpected("ESP runs between IPv4 addresses only");
  if (p.replay_window_packets > ReplayWindow::size_max)
    return std::unexpected(fmt::format("a replay window holds at most {} packets", ReplayWindow::size_max));
  return {};
}

// The upper half of a number is known by nothing but the window, and proved by nothing but the ICV (RFC 4303 section
// 3.4.3).
std::expected<void, std::string> check_extended(const SaParameters& p, const EspAlgorithms& algorithms) {
  if (!p.extended_sequence_numbers) return {};
  if (!algorithms.authenticates()) return std::unexpected("extended sequence numbers need an integrity algorithm");
  if (p.direction == SaDirection::inbound && p.replay_window_packets == 0)
    return std::unexpected("extended sequence numbers need a replay window");
  return {};
}

}  // namespace

std::expected<std::shared_ptr<SecurityAssociation>, std::string> SecurityAssociation::create(
    std::shared_ptr<MultiBuffer> library, InterfaceIndex interface, const SaParameters& parameters) {
  if (auto numbers = check_numbers(parameters); !numbers) return std::unexpected(numbers.error());
  const auto algorithms = TRY(algorithms_of(parameters));
  if (auto extended = check_extended(parameters, algorithms); !extended) return std::unexpected(extended.error());
  auto keys = TRY(CipherKeys::make(std::move(library), parameters, algorithms));
  return std::shared_ptr<SecurityAssociation>(
      new SecurityAssociation(interface, parameters, algorithms, std::move(keys)));
}

// Without an ICV anybody could move the window, so there is none then (RFC 4303 section 3.4.3).
SecurityAssociation::SecurityAssociation(InterfaceIndex interface, const SaParameters& parameters,
                                         EspAlgorithms algorithms, CipherKeys keys)
    : parameters_(parameters),
      interface_(interface),
      algorithms_(algorithms),
      format_(algorithms.format(parameters.udp.has_value())),
      keys_(std::move(keys)),
      outer_(parameters),
      selectors_(parameters),
      window_(algorithms.authenticates() ? parameters.replay_window_packets : 0),
      sequence_max_(sequence_max(parameters)) {
  const auto material = parameters.cipher_key.view();
  std::ranges::copy(material.last(algorithms.cipher->salt), salt_.begin());
  if (parameters.udp) move_to(*parameters.udp);
  std::ranges::copy(parameters.local.octets(),
                    std::ranges::copy(parameters.remote.octets(), outer_addresses_.begin()).out);
  parameters_.cipher_key.wipe();
  parameters_.integrity_key.wipe();
}

std::uint64_t SecurityAssociation::sequence_of(std::uint32_t low) {
  if (!parameters_.extended_sequence_numbers) return low;
  const auto guess = window_.extended(low);
  if (unverified_ < resync_after || ++guesses_ % resync_after != 0) return guess;
  return guess + ((1 + guesses_ / resync_after % resync_epochs) << 32);
}

bool SecurityAssociation::accept(std::uint64_t sequence) {
  unverified_ = 0;
  guesses_ = 0;
  if (!window_.accept(sequence)) return false;
  newest_.store(window_.newest(), std::memory_order_relaxed);
  return true;
}

SaStatistics SecurityAssociation::statistics() const {
  const auto& c = counters_;
  SaStatistics s;
  s.packets = c.capsules.get();
  s.octets = c.octets.get();
  s.ciphered = c.ciphered.get();
  s.authenticated = c.authenticated.get();
  s.bad_icv = c.bad_icv.get();
  s.replayed = c.replayed.get();
  s.bad_length = c.bad_length.get();
  s.malformed = c.malformed.get();
  s.wrong_protocol = c.wrong_protocol.get();
  s.outside_selectors = c.outside_selectors.get();
  s.no_room = c.no_room.get();
  s.sequence_exhausted = c.exhausted.get();
  s.failed = c.crypto_failed.get();
  s.dummies = c.dummies.get();
  s.other_address = c.other_address.get();
  s.sequence = parameters_.direction == SaDirection::outbound ? sent_.load(std::memory_order_relaxed)
                                                              : newest_.load(std::memory_order_relaxed);
  return s;
}

std::expected<std::shared_ptr<SecurityAssociation>, std::string> make_security_association(
    const SaParameters& parameters, InterfaceIndex interface) {
  auto library = MultiBuffer::current();
  if (library == nullptr) return std::unexpected("the ciphers of ESP are not started");
  return SecurityAssociation::create(std::move(library), interface, parameters);
}

SaStatistics statistics_of(const SecurityAssociation& association) { return association.statistics(); }

}  // namespace culvert::dataplane
