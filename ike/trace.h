// What an engine tells somebody who watches it: every message it sends and takes, without its protection, and the steps
// in between. For `debug crypto ikev2`.
//
// While nobody watches, a step costs one comparison. The payloads are those of the wire, with key exchange values and
// AUTH data in them: whoever prints leaves out what is nobody's business.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ike/engine.h"
#include "ike/wire/message.h"

namespace culvert::ike {

// The IKE SA that something is about, as show commands number it; zeros where there is none.
struct TracedSa {
  std::uint32_t session_id = 0, tunnel_id = 0;
};

struct TracedMessage {
  bool sent = false;
  TracedSa sa;
  const Path& path;
  const wire::Header& header;
  std::span<const wire::Payload> payloads;  // of a protected message those inside
  std::size_t size_octets = 0;              // of the whole message, protection included
};

class Trace {
 public:
  virtual ~Trace() = default;
  virtual void message(const TracedMessage& message) = 0;
  virtual void step(TracedSa sa, std::string_view text) = 0;
  // Beside the Event, and not limited as those are.
  virtual void happened(TracedSa sa, EventKind kind, std::string_view text) = 0;
};

}  // namespace culvert::ike
