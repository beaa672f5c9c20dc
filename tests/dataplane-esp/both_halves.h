// The two halves of one SA on a bench: what one seals, the other opens.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "tests/dataplane-esp/bench.h"
#include "tests/dataplane-esp/reference.h"
#include "tests/dataplane-esp/seed.h"

namespace culvert::dataplane {

inline constexpr std::size_t outer_octets = 20;

class BothHalves : public testing::Test {
 protected:
  // Both halves of a suite; the tests name the suite.
  void use(std::string_view name, bool udp = false, bool extended = false) {
    suite = &suite_named(name);
    auto outbound = parameters_of(*suite, SaDirection::outbound, udp);
    auto inbound = parameters_of(*suite, SaDirection::inbound, udp);
    outbound.extended_sequence_numbers = inbound.extended_sequence_numbers = extended;
    out = bench.install(outbound);
    in = bench.install(inbound);
  }
  net::Bytes sealed(std::size_t octets = 100) { return bench.seal(inner_packet(octets, random)).bytes; }
  std::vector<net::Bytes> sealed_row(std::size_t count) {
    std::vector<net::Bytes> row;
    for (std::size_t i = 0; i < count; ++i) row.push_back(sealed(40 + i % 7));
    return row;
  }
  // An authentic packet with any text: the peer is honest and wrong.
  Result open_text(const net::Bytes& text, std::uint8_t service = 0) {
    const auto keys = parameters_of(*suite, SaDirection::outbound);
    const auto iv = random.bytes(in->format().iv);
    return bench.open(reference::with_outer(keys, reference::seal_text(keys, keys.spi, ++sequence, iv, text), service));
  }
  Result open_payload(const net::Bytes& payload, std::uint8_t next_header = 4, std::uint8_t service = 0) {
    return open_text(reference::with_trailer(payload, in->format().block, next_header), service);
  }

  const Suite* suite = nullptr;
  Bench bench;
  net::SeededRandom random{seed()};
  std::shared_ptr<SecurityAssociation> out, in;
  std::uint32_t sequence = 0;
};

}  // namespace culvert::dataplane
