// Crypto policies as tests write them: lines about networks, protocols and ports, with the rules that an access list of
// such lines is compiled to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ipsec-dataplane/crypto_policy.h"
#include "tests/dataplane/plane.h"

namespace culvert::dataplane::test {

// Addresses in host order; protocol 0 is any, and so is port 0. A line with ports is one about UDP or TCP.
struct PolicyLine {
  bool permit = true;
  std::uint32_t source = 0, source_mask = 0, destination = 0, destination_mask = 0;
  std::uint8_t protocol = 0;
  std::uint16_t source_port = 0, destination_port = 0;
};

// Lines 10.A.0.0/24 to 10.B.0.0/24.
PolicyLine between(std::uint8_t a, std::uint8_t b, bool permit = true);
inline PolicyLine everything() { return {}; }
PolicyLine mirrored(PolicyLine line);

CryptoPolicyEntry entry_of(std::string tunnel, const std::vector<PolicyLine>& lines);
std::shared_ptr<const CryptoPolicy> policy_of(std::vector<CryptoPolicyEntry> entries);

// Places the policy on an interface of the tables, without SAs: the name "N" of an entry is the place numbered N.
void apply(Tables& tables, InterfaceIndex interface, const std::shared_ptr<const CryptoPolicy>& policy);

}  // namespace culvert::dataplane::test
