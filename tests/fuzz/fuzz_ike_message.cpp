// Any datagram as an IKE message, and any octets as what a peer has encrypted: what parses means the same after it was
// written and read again.
//
// links: culvert_ike_wire
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "ike/wire/message.h"

namespace {

using namespace culvert::ike::wire;

// A selector of unknown type is left out, so a list of them may have become empty, which is not emitted.
bool can_be_emitted(const Payloads& payloads) {
  for (const auto& payload : payloads)
    if (const auto* found = std::get_if<TrafficSelectors>(&payload); found && found->selectors.empty()) return false;
  return true;
}

void require(bool holds) {
  if (!holds) std::abort();
}

void whole_message(culvert::net::View octets) {
  const auto message = Message::parse(octets);
  if (!message || !can_be_emitted(message->payloads)) return;
  const auto again = Message::parse(message->emit());
  require(again && *again == *message);
}

// The first octet is the type of the first payload.
void inner_chain(culvert::net::View octets) {
  if (octets.empty()) return;
  const auto payloads =
      parse_inner_chain(PayloadType{std::to_integer<std::uint8_t>(octets.front())}, octets.subspan(1));
  if (!payloads || !can_be_emitted(*payloads)) return;
  culvert::net::Bytes emitted;
  emit_chain(*payloads, emitted);
  const auto again = parse_inner_chain(first_of(*payloads), emitted);
  require(again && *again == *payloads);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto octets = std::as_bytes(std::span(data, size));
  whole_message(octets);
  inner_chain(octets);
  return 0;
}
