// What a worker ciphers with: lanes of each direction, and a source of IVs. AES-GCM needs neither (gcm_keys.h).
#pragma once

#include "ipsec-dataplane/cipher_lanes.h"
#include "ipsec-dataplane/esp_returned.h"
#include "ipsec-dataplane/iv_source.h"

namespace culvert::dataplane {

// Used by one worker alone.
struct CryptoEngine {
  CryptoEngine(std::shared_ptr<MultiBuffer> from, LaneManager for_sealing, LaneManager for_opening)
      : library(std::move(from)), sealing(std::move(for_sealing)), opening(std::move(for_opening)) {}

  bool in_flight() const { return !sealing.empty() || !opening.empty(); }
  // See CipherLanes::starved().
  bool starved() {
    const bool seals = sealing.starved();
    return opening.starved() || seals;
  }

  std::shared_ptr<MultiBuffer> library;  // kept in use
  CipherLanes sealing, opening;
  IvSource ivs;
  Returned returned;  // empty between stages
};

}  // namespace culvert::dataplane
