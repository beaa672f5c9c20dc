// Any datagram as an IKE message: what parses means the same after it was written and read again.
//
// links: culvert_ike_wire
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <span>

#include "ike/wire/message.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using culvert::ike::wire::Message;
  const auto message = Message::parse(std::as_bytes(std::span(data, size)));
  if (!message) return 0;
  const auto again = Message::parse(message->emit());
  assert(again && *again == *message);
  return 0;
}
