// An SA's traffic selectors as a check on whole IPv4 packets (RFC 4301 section 5.2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "ipsec-dataplane/sa_parameters.h"

namespace culvert::dataplane {

class SelectorPair {
 public:
  SelectorPair() = default;
  // For an inbound SA sources are the remote selectors, for an outbound SA the local ones.
  explicit SelectorPair(const SaParameters& parameters);

  // True if a source and a destination selector take the packet. Requires: a whole IPv4 header of `header_octets`.
  // Where ports are narrowed, a packet that shows none (a later fragment, another protocol) is not taken.
  bool accept(std::span<const std::byte> packet, std::size_t header_octets) const {
    return all_ || takes(packet, header_octets);
  }
  // Whether a later fragment could be refused for the ports that it does not show.
  bool names_ports() const;

 private:
  bool takes(std::span<const std::byte> packet, std::size_t header_octets) const;
  struct Range {
    std::uint32_t first, last;  // addresses, host order
    std::uint16_t port_first, port_last;
    std::uint8_t protocol;
  };
  static std::vector<Range> ranges_of(const std::vector<SaSelector>& selectors);

  std::vector<Range> sources_, destinations_;
  bool all_ = true;
};

}  // namespace culvert::dataplane
