// The crypto policy of an interface: which of the packets that leave by it are to be protected, and by whose SAs (the
// security policy database of RFC 4301 section 4.4.1; in IOS a crypto map).
//
// Entries are asked in order. The first with a line that permits a packet protects it; a line that denies it, or none
// that matches, leaves it to the next entry, and what no entry protects passes in clear. The same entries with the
// directions exchanged say what must not arrive in clear, and which entry's SAs a decrypted packet may come out of.
//
// Made by control, immutable, and held by the snapshots that name it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ipsec-dataplane/classifier.h"
#include "ipsec-dataplane/tunnel_config.h"

namespace culvert::dataplane {

struct CryptoPolicyEntry {
  // Whose SAs protect what the entry permits: the name given to install_sa, of no interface. Several entries, on
  // several interfaces too, may share it. Empty: what the entry permits is dropped, in both directions.
  std::string tunnel;
  std::shared_ptr<const Classifier> outbound;  // the lines, about packets that leave
  std::shared_ptr<const Classifier> inbound;   // the same lines with source and destination exchanged
  std::vector<bool> permits;                   // by the result of either classifier
  TunnelConfig path;                           // with the first entry of a name it counts
};

struct CryptoPolicy {
  std::vector<CryptoPolicyEntry> entries;  // in the order in which they are asked
};

}  // namespace culvert::dataplane
