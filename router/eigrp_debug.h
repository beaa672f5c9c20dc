// `debug eigrp packets` and `debug eigrp fsm`: what the engines tell who watches, as lines of the log.
#pragma once

#include <functional>
#include <optional>
#include <string_view>

#include "net/time.h"
#include "router/syslog.h"
#include "routing/eigrp/engine.h"

namespace culvert::router {

struct EigrpDebugFlags {
  bool packets = false, fsm = false;
  bool any() const { return packets || fsm; }
};

class EigrpDebug : public routing::eigrp::Trace {
 public:
  struct Clock {
    std::function<net::Time()> now;
    std::function<net::WallTime()> wall;
  };
  // `log` outlives this.
  EigrpDebug(Syslog& log, Clock clock) : log_(log), clock_(std::move(clock)) {}

  EigrpDebugFlags flags;

  void received(const routing::eigrp::Arrival& arrival, const routing::eigrp::wire::Packet& packet) override;
  void refused(const routing::eigrp::Arrival& arrival, unsigned opcode, std::string_view why) override;
  void sent(std::string_view interface, const std::optional<net::Address>& destination,
            const routing::eigrp::wire::Packet& packet) override;
  void fsm(std::string_view line) override;

 private:
  void packet(std::string_view first, const routing::eigrp::wire::Packet& packet);
  bool may_write() { return log_.may_debug(clock_.now()); }

  Syslog& log_;
  Clock clock_;
};

}  // namespace culvert::router
