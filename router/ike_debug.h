// `debug crypto ikev2`: what somebody watches the IKE engine for, and how it becomes lines of the log.
//
// The engine is watched only while something is on, so that debugging costs nothing while it is off.
#pragma once

#include <functional>
#include <string>

#include "ike/trace.h"
#include "net/time.h"
#include "router/syslog.h"

namespace culvert::router {

struct DebugFlags {
  bool general = false;  // steps, messages by the names of their payloads, errors
  bool error = false;    // errors alone
  bool packet = false;   // messages with what their payloads say
  bool any() const { return general || error || packet; }
};

class IkeDebug : public ike::Trace {
 public:
  struct Clock {
    std::function<net::Time()> now;
    std::function<net::WallTime()> wall;
  };
  // `log` outlives this.
  IkeDebug(Syslog& log, Clock clock) : log_(log), clock_(std::move(clock)) {}

  DebugFlags flags;

  void message(const ike::TracedMessage& message) override;
  void step(ike::TracedSa sa, std::string_view text) override;
  void happened(ike::TracedSa sa, ike::EventKind kind, std::string_view text) override;

 private:
  bool may_write() { return log_.may_debug(clock_.now()); }

  Syslog& log_;
  Clock clock_;
};

}  // namespace culvert::router
