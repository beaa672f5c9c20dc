// A whole message: the header and a chain of payloads (RFC 7296 §3.1, §3.2).
//
// Parsing is total: any octets give a Message or a WireError, in time and memory proportional to their number.
#pragma once

#include <cstddef>
#include <expected>
#include <span>
#include <variant>
#include <vector>

#include "ike/wire/error.h"
#include "ike/wire/header.h"
#include "ike/wire/payloads.h"
#include "ike/wire/sa.h"
#include "ike/wire/traffic_selectors.h"
#include "net/bytes.h"

namespace culvert::ike::wire {

using Payload =
    std::variant<SecurityAssociation, KeyExchange, Identification, Certificate, CertificateRequest, Authentication,
                 Nonce, Notify, Delete, VendorId, TrafficSelectors, Configuration, Eap, Encrypted, UnknownPayload>;
using Payloads = std::vector<Payload>;

constexpr std::size_t payloads_max = 128;  // of one chain

// The number that announces this payload in the one before it.
PayloadType type_of(const Payload& payload);

// The chain of an unprotected message, or of the part before and including Encrypted, which must be last.
// `first` is the header's Next Payload.
std::expected<Payloads, WireError> parse_chain(PayloadType first, net::View octets);
// The chain found inside an Encrypted payload: as above, and Encrypted may not occur.
std::expected<Payloads, WireError> parse_inner_chain(PayloadType first, net::View octets);
// Appends the payloads with their generic headers. Requires: Encrypted, if any, is the last.
void emit_chain(std::span<const Payload> payloads, net::Bytes& out);
// none for an empty chain.
PayloadType first_of(std::span<const Payload> payloads);

// The first payload of that kind; nullptr if there is none.
template <class T>
const T* find(std::span<const Payload> payloads) {
  for (const auto& payload : payloads)
    if (const auto* found = std::get_if<T>(&payload)) return found;
  return nullptr;
}
template <class T>
std::size_t count(std::span<const Payload> payloads) {
  std::size_t found = 0;
  for (const auto& payload : payloads) found += std::holds_alternative<T>(payload);
  return found;
}
const Notify* find_notify(std::span<const Payload> payloads, NotifyType type);
const Identification* find_identification(std::span<const Payload> payloads, Side side);
const TrafficSelectors* find_selectors(std::span<const Payload> payloads, Side side);

struct Message {
  Header header{};
  Payloads payloads{};

  // `datagram` without the non-ESP marker.
  static std::expected<Message, WireError> parse(net::View datagram);
  // The message as it goes on the wire. Requires: it fits in 65535 octets.
  net::Bytes emit() const;

  bool operator==(const Message&) const = default;
};

}  // namespace culvert::ike::wire
