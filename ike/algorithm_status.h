// What the IETF asks of the algorithms: RFC 8247 of IKEv2, RFC 8221 of ESP. One table, from which come the warnings
// that a configuration earns and `show crypto algorithms`.
#pragma once

#include <cstdint>
#include <string_view>

#include "ike/algorithms.h"

namespace culvert::ike {

// The words of those RFCs, as to implementations. `unlisted`: the RFC has no opinion, or the algorithm no such use.
enum class Requirement : std::uint8_t { unlisted, must, must_minus, should, may, should_not, must_not };
std::string_view text(Requirement requirement);  // "MUST NOT"

struct Standing {
  Requirement ike = Requirement::unlisted, esp = Requirement::unlisted;
  bool operator==(const Standing&) const = default;
};

// Total: every enumerator has its row. Groups stand under IKE; as the group of perfect forward secrecy they are no
// worse.
Standing standing(Encryption algorithm);
Standing standing(Integrity algorithm);
Standing standing(Prf algorithm);
Standing standing(Group group);

// SHOULD NOT or MUST NOT by either RFC: on such an algorithm IOS 17 prints its warning.
template <class Algorithm>
bool is_weak(Algorithm algorithm) {
  const auto [ike, esp] = standing(algorithm);
  return ike >= Requirement::should_not || esp >= Requirement::should_not;
}

}  // namespace culvert::ike
