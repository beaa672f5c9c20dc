// Messages under protection: requests that are repeated until answered, responses that are kept (RFC 7296 §2.1).
#pragma once

#include <span>
#include <string>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

wire::Header header_of(const Sa& sa, wire::ExchangeType exchange, bool is_response, std::uint32_t message_id);
wire::Notify notify(wire::NotifyType type, net::Bytes data = {});
// "NO_PROPOSAL_CHOSEN", or the number of a type without a name here.
std::string describe(wire::NotifyType type);

// Seals and sends a request. Requires: the SA has a channel, its window is free and has IDs left.
void send_request(Core& core, Sa& sa, wire::ExchangeType exchange, std::span<const wire::Payload> payloads,
                  Purpose purpose, Patience patience);
// Answers a request that nobody has authenticated: keeps nothing, never answers a response, and stays silent where the
// answer would be longer than the `octets` that asked for it (§1.5, §2.4).
void answer_unprotected(Core& core, const Path& path, wire::Header request, wire::Notify answer, std::size_t octets);
// The same for an error, which is also said a few times a second only.
void refuse_unprotected(Core& core, const Path& path, const wire::Header& request, wire::Notify why,
                        std::size_t octets);

// Sends a request whose octets are made already; the rest as above, but no channel is needed.
void send_request(Core& core, Sa& sa, RequestWindow::InFlight request);
// Answers the request that is due, where it came from.
void send_response(Core& core, Sa& sa, wire::ExchangeType exchange, std::span<const wire::Payload> payloads,
                   const Path& path);

// The request in flight has not been answered in time: repeats it, or tells what becomes of the SA.
void on_retransmit_due(Core& core, Sa& sa);
// The response to the request in flight has come.
Purpose on_request_answered(Sa& sa);

}  // namespace culvert::ike::v2
