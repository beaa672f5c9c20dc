// The ledger of a world: which key belongs to whom, and what was sealed with it.
//
// A key serves one direction of one SA, whoever holds it; whoever holds an SA twice would count its IVs anew, so nobody
// does; and of what an IKE SA seals, no two messages share an IV. Both ends of an IKE SA derive the same keys.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <utility>

#include "ike/engine.h"
#include "ike/wire/message.h"
#include "net/bytes.h"

namespace culvert::testing {

// Each function returns what does not hold, or nothing.
class Ledger {
 public:
  // `holder` tells the ends apart, and the lives of one end.
  std::string derived(const std::string& holder, const ike::ExportedKeys& keys);
  std::string installed(const std::string& holder, const ike::InstallSa& install);
  // Of an IKE SA that somebody has derived; nullptr for another.
  const ike::crypto::IkeKeys* keys_of(std::uint64_t initiator_spi, std::uint64_t responder_spi) const {
    const auto sa = ike_sas_.find({initiator_spi, responder_spi});
    return sa == ike_sas_.end() ? nullptr : &sa->second.keys;
  }
  // What an IKE message says, if its keys are known.
  ike::wire::Payloads read(net::View message) const;
  // An IKE message without the non-ESP marker. A repeat is the same, octet by octet.
  std::string sent(net::View message);

 private:
  using SpiPair = std::pair<std::uint64_t, std::uint64_t>;
  struct IkeSa {
    ike::IkeSuite suite;
    ike::crypto::IkeKeys keys;
    std::set<std::string> holders;
  };

  std::string claim(net::View key, const std::string& owner);

  std::map<SpiPair, IkeSa> ike_sas_;
  std::map<net::Bytes, std::string> owner_of_key_;
  std::set<std::pair<std::string, net::Bytes>> held_;
  std::map<std::tuple<SpiPair, bool, net::Bytes>, net::Bytes> sealed_;  // by SA, direction and IV: the message
};

}  // namespace culvert::testing
