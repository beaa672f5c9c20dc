#include "tests/world/ledger.h"

#include <algorithm>

#include <fmt/core.h>

#include "ike/wire/header.h"
#include "ike/wire/protection.h"

namespace culvert::testing {

using namespace ike;

namespace {

constexpr std::size_t generic_header_octets = 4;

bool same(const crypto::IkeKeys& a, const crypto::IkeKeys& b) {
  return a.d == b.d && a.ai == b.ai && a.ar == b.ar && a.ei == b.ei && a.er == b.er && a.pi == b.pi && a.pr == b.pr;
}

}  // namespace

std::string Ledger::claim(net::View key, const std::string& owner) {
  if (key.empty()) return {};
  const auto [found, first] = owner_of_key_.try_emplace(net::Bytes(key.begin(), key.end()), owner);
  return first || found->second == owner ? "" : fmt::format("{} and {} have one key", found->second, owner);
}

std::string Ledger::derived(const std::string& holder, const ExportedKeys& keys) {
  const SpiPair pair{keys.initiator_spi, keys.responder_spi};
  auto& sa = ike_sas_.try_emplace(pair, keys.suite, keys.keys, std::set<std::string>()).first->second;
  if (!sa.holders.insert(holder).second) return fmt::format("{} derives the keys of an IKE SA twice", holder);
  if (!same(sa.keys, keys.keys)) return "the ends of an IKE SA do not agree on its keys";
  const auto name = fmt::format("IKE SA {:x}/{:x}", pair.first, pair.second);
  std::size_t number = 0;
  for (const auto* key : {&sa.keys.d, &sa.keys.ai, &sa.keys.ar, &sa.keys.ei, &sa.keys.er, &sa.keys.pi, &sa.keys.pr})
    if (auto wrong = claim(key->view(), fmt::format("key {} of {}", number++, name)); !wrong.empty()) return wrong;
  return {};
}

std::string Ledger::installed(const std::string& holder, const InstallSa& install) {
  for (const bool inbound : {true, false}) {
    const auto& keys = inbound ? install.inbound : install.outbound;
    const auto spi = inbound ? install.inbound_spi : install.outbound_spi;
    for (const auto* key : {&keys.encryption, &keys.integrity}) {
      if (key->empty()) continue;
      const auto owner = fmt::format("{} of ESP SPI {:x}", key == &keys.encryption ? "encryption" : "integrity", spi);
      if (auto wrong = claim(key->view(), owner); !wrong.empty()) return wrong;
      const net::Bytes octets(key->view().begin(), key->view().end());
      if (!held_.emplace(holder + (inbound ? " in" : " out"), octets).second)
        return fmt::format("{} installs the {} twice", holder, owner);
    }
  }
  return {};
}

wire::Payloads Ledger::read(net::View message) const {
  const auto framed = wire::Header::parse(message);
  if (!framed) return {};
  const auto& header = framed->header;
  const auto sa = ike_sas_.find({header.initiator_spi, header.responder_spi});
  if (sa == ike_sas_.end()) return {};
  const auto& [suite, keys, holders] = sa->second;
  const wire::Opener opener({.encryption = suite.encryption,
                             .integrity = suite.integrity,
                             .encryption_key = header.from_initiator ? keys.ei : keys.er,
                             .integrity_key = header.from_initiator ? keys.ai : keys.ar});
  auto payloads = opener.open(message);
  return payloads ? std::move(*payloads) : wire::Payloads();
}

std::string Ledger::sent(net::View message) {
  const auto framed = wire::Header::parse(message);
  if (!framed || framed->first != wire::PayloadType::encrypted) return {};
  const auto& header = framed->header;
  const SpiPair pair{header.initiator_spi, header.responder_spi};
  const auto sa = ike_sas_.find(pair);
  if (sa == ike_sas_.end()) return "a message is sealed with keys that nobody has derived";
  const auto iv = framed->payloads.subspan(generic_header_octets, traits(sa->second.suite.encryption).iv_octets);
  const auto [found, first] = sealed_.try_emplace({pair, header.from_initiator, net::Bytes(iv.begin(), iv.end())},
                                                  message.begin(), message.end());
  if (first || std::ranges::equal(found->second, message)) return {};
  return fmt::format("two messages of IKE SA {:x}/{:x} have one key and IV", pair.first, pair.second);
}

}  // namespace culvert::testing
