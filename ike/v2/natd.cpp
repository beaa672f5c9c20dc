#include "ike/v2/natd.h"

#include "ike/crypto/nat_detection.h"

namespace culvert::ike::v2 {
namespace {

using wire::NotifyType;

// Whether the message has notifies of this type, and whether one of them is `expected`.
struct Match {
  bool present = false, matches = false;
};
Match look_for(std::span<const wire::Payload> payloads, NotifyType type, const net::Bytes& expected) {
  Match match;
  for (const auto& payload : payloads) {
    const auto* notify = std::get_if<wire::Notify>(&payload);
    if (!notify || notify->type != type) continue;
    match.present = true;
    match.matches = match.matches || notify->data == expected;
  }
  return match;
}

}  // namespace

void add_nat_detection(wire::Payloads& payloads, std::uint64_t initiator_spi, std::uint64_t responder_spi,
                       const Path& path) {
  const auto add = [&](NotifyType type, const net::Endpoint& endpoint) {
    payloads.push_back(wire::Notify{
        .type = type, .spi = {}, .data = crypto::nat_detection_hash(initiator_spi, responder_spi, endpoint)});
  };
  add(NotifyType::nat_detection_source_ip, path.local);
  add(NotifyType::nat_detection_destination_ip, path.remote);
}

bool detects_nat(std::span<const wire::Payload> payloads) {
  return wire::find_notify(payloads, NotifyType::nat_detection_source_ip) &&
         wire::find_notify(payloads, NotifyType::nat_detection_destination_ip);
}

NatStatus judge_nat(std::span<const wire::Payload> payloads, std::uint64_t initiator_spi, std::uint64_t responder_spi,
                    const Path& path) {
  const auto hash = [&](const net::Endpoint& endpoint) {
    return crypto::nat_detection_hash(initiator_spi, responder_spi, endpoint);
  };
  const auto source = look_for(payloads, NotifyType::nat_detection_source_ip, hash(path.remote));
  const auto destination = look_for(payloads, NotifyType::nat_detection_destination_ip, hash(path.local));
  if (!source.present || !destination.present) return {};
  return {.local = !destination.matches, .remote = !source.matches};
}

Path after_nat_detection(Path path, const NatStatus& nat) {
  if (nat.any() && path.local.port == ike_port) {
    path.local.port = nat_port;
    path.remote.port = nat_port;
  }
  return path;
}

}  // namespace culvert::ike::v2
