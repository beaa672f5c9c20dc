// NAT detection and the move to port 4500 (RFC 7296 §2.23).
#pragma once

#include <cstdint>
#include <span>

#include "ike/engine.h"
#include "ike/wire/message.h"

namespace culvert::ike::v2 {

constexpr std::uint16_t ike_port = 500;
constexpr std::uint16_t nat_port = 4500;

// What the hashes in the peer's IKE_SA_INIT message say. A peer may claim a NAT where there is none, to get its ESP
// into UDP; it is taken at its word.
struct NatStatus {
  bool local = false;   // we sit behind a NAT
  bool remote = false;  // the peer does
  bool any() const { return local || remote; }
};

// Appends both notifies, for a message with these SPIs that leaves on `path`.
void add_nat_detection(wire::Payloads& payloads, std::uint64_t initiator_spi, std::uint64_t responder_spi,
                       const Path& path);
// Whether a message asks for NAT traversal at all.
bool detects_nat(std::span<const wire::Payload> payloads);
// Judges a message with these SPIs that came in on `path`. A peer that sends no hashes gets no NAT traversal.
NatStatus judge_nat(std::span<const wire::Payload> payloads, std::uint64_t initiator_spi, std::uint64_t responder_spi,
                    const Path& path);
// The path that IKE_AUTH and all that follows take.
Path after_nat_detection(Path path, const NatStatus& nat);

}  // namespace culvert::ike::v2
