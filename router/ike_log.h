// What the log says of an IKE engine's events.
#pragma once

#include "ike/engine.h"
#include "router/syslog.h"

namespace culvert::router {

LogMessage log_message(const ike::Event& event);

}  // namespace culvert::router
