// The router's log: IOS lines in a bounded buffer, and whoever listens.
//
// Lines come from many places, some of them driven by strangers' packets, so each message kind has a budget; what is
// over it is counted, not kept. Text from a peer is made printable before it gets here or here, never later.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "net/time.h"

namespace culvert::router {

struct LogMessage {
  std::string facility;  // "IKEV2"
  int severity = 6;      // 0 emergencies to 7 debugging
  std::string mnemonic;  // "SA_UP"
  std::string text;
  bool unlimited = false;  // there are as many as the router's own doing makes, and each counts
};

// Where lines go, `logging console` and its like.
struct LogDestinations {
  bool console = true, monitor = true, buffer = true;
  bool operator==(const LogDestinations&) const = default;
};

class Syslog {
 public:
  // `line` may be several, "\n" between them.
  using Listener = std::function<void(const std::string& line)>;

  explicit Syslog(std::size_t buffer_octets_max = 64 * 1024) : buffer_octets_max_(buffer_octets_max) {}

  // Writes one line, unless its kind is over its budget.
  void write(net::Time now, net::WallTime wall, const LogMessage& message);
  // Debug output of one thing, printable text of one or more lines. Only what fits into the budget: may_debug() tells
  // before the text is made, and counts what is dropped.
  void debug(net::WallTime wall, const std::string& text);
  bool may_debug(net::Time now);
  // Says how many debug messages were dropped, once they are no longer.
  void report_dropped(net::Time now, net::WallTime wall);

  void set_buffer(std::size_t octets_max);
  void set_destinations(LogDestinations destinations) { destinations_ = destinations; }
  LogDestinations destinations() const { return destinations_; }
  // Hears every line written from now on, without its line end.
  void listen(Listener listener) { listeners_.push_back(std::move(listener)); }
  void clear() { lines_.clear(), octets_ = 0; }

  const std::deque<std::string>& lines() const { return lines_; }
  std::size_t buffer_octets_max() const { return buffer_octets_max_; }
  // By destination, whether anybody read it there or not.
  std::uint64_t to_console() const { return to_console_; }
  std::uint64_t to_monitor() const { return to_monitor_; }
  std::uint64_t to_buffer() const { return to_buffer_; }
  std::uint64_t dropped() const { return dropped_; }
  std::uint64_t rate_limited() const { return rate_limited_; }

 private:
  struct Budget {
    net::Time since{};
    unsigned used = 0;
  };
  bool within_budget(net::Time now, const std::string& kind);
  void deliver(std::string line);
  void trim();

  std::size_t buffer_octets_max_;
  std::deque<std::string> lines_;
  std::size_t octets_ = 0;
  LogDestinations destinations_;
  std::uint64_t to_console_ = 0, to_monitor_ = 0, to_buffer_ = 0, rate_limited_ = 0;
  std::uint64_t dropped_ = 0, dropped_unreported_ = 0;
  Budget debug_budget_;
  std::map<std::string, Budget> budgets_;
  std::vector<Listener> listeners_;
};

// "*Nov 21 05:40:13.123": the stamp before a log line; the star says that no clock source is configured.
std::string log_stamp(net::WallTime wall);
// The same characters with everything outside printable ASCII as \xNN.
std::string printable(std::string_view text);

}  // namespace culvert::router
