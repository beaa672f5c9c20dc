// Why bytes from a peer are no message, and which notify tells the peer so.
#pragma once

#include <optional>
#include <string_view>

#include "ike/wire/numbers.h"

namespace culvert::ike::wire {

enum class Fault : std::uint8_t {
  truncated,            // a field or a structure ends beyond its container
  bad_length,           // a length that its field, or the sum of its parts, forbids
  bad_value,            // a value that RFC 7296 forbids: start above end, zero SPI, repeated attribute
  too_many,             // more parts than Culvert is willing to hold
  misplaced,            // a payload where it may not stand: after or inside the Encrypted payload
  old_major_version,    // below 2: another protocol, not answered here
  newer_major_version,  // above 2
  critical_payload,     // unknown, and the sender insists that it be understood
  count
};

struct WireError {
  Fault fault = Fault::truncated;
  PayloadType payload = PayloadType::none;  // where it was found; none for the header

  // The notify that answers a request with this fault; its data for unsupported_critical_payload is the payload type,
  // one octet. nullopt: silence. Whether an answer may be sent at all is the engine's affair (§2.21).
  std::optional<NotifyType> answer() const;
  bool operator==(const WireError&) const = default;
};

// "bad-length": for counters, logs and shows.
std::string_view text(Fault fault);

}  // namespace culvert::ike::wire
