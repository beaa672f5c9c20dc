// What both kinds of rekey share: refusals and the order of nonces (RFC 7296 §2.8.1).
#pragma once

#include <algorithm>
#include <span>

#include "ike/v2/core.h"
#include "ike/v2/speak.h"

namespace culvert::ike::v2 {

// Answers the CREATE_CHILD_SA request that is due with an error.
void refuse(Core& core, Sa& sa, wire::Notify why, const Path& path);
// INVALID_KE_PAYLOAD, naming the group that would do (§1.3).
wire::Notify wrong_group(Group wanted);
const wire::Notify* error_in(std::span<const wire::Payload> payloads);
bool fits(const wire::KeyExchange* ke, Group group);

// Octet by octet; of two that begin alike the shorter one is lower.
inline const net::Bytes& lower_nonce(const net::Bytes& a, const net::Bytes& b) { return std::min(a, b); }

net::Bytes new_nonce(Core& core);
// A rekey has to wait, and of the lifetime of what it would replace so much is left: where that is little, a new IKE SA
// is begun.
void replace_if_late(Core& core, const std::string& tunnel, net::Duration left, std::uint32_t lifetime_s);
// The peer puts us off again. After several minutes a new IKE SA is begun; a minute later the IKE SA is
// closed and true returned (§2.25).
bool out_of_step(Core& core, Sa& sa);

}  // namespace culvert::ike::v2
