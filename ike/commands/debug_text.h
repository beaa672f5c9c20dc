// The words of `debug crypto ikev2` and `debug crypto ikev2 packet`, as IOS-XE 17 spells them.
//
// A message is told by its payloads' names and lengths, its proposals, notify types, identities' kinds and traffic
// selectors. No value that a key is made of, nor AUTH data, nor an identity's content is ever in a text.
#pragma once

#include <string>

#include "ike/trace.h"

namespace culvert::ike {

// "IKEv2:(SESSION ID = 31,SA ID = 1):", or "IKEv2:" where there is no SA; `kind` goes behind the 2: "-ERROR".
std::string debug_prefix(TracedSa sa, std::string_view kind = {});

// Where from and where to, SPIs, exchange, and the payloads by name; several lines, the last without its end.
std::string message_summary(const TracedMessage& message);
// The same with what each payload says of itself.
std::string message_details(const TracedMessage& message);

// "NAT_DETECTION_SOURCE_IP", or "Unknown - 40969".
std::string notify_name(wire::NotifyType type);

}  // namespace culvert::ike
