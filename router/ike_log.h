// What the log says of an IKE engine's events.
#pragma once

#include "ike/engine.h"
#include "router/syslog.h"

namespace culvert::router {

LogMessage log_message(const ike::Event& event);
// "SA UP", and whether it tells of something that went wrong.
std::string_view ike_words(ike::EventKind kind);
bool is_ike_error(ike::EventKind kind);

}  // namespace culvert::router
