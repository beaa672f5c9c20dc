#include "router/syslog.h"

#include <ctime>
#include <utility>

#include <fmt/format.h>

namespace culvert::router {

namespace {

// Of one kind of message, in one window: enough to see what goes on, too few for strangers to flush the buffer.
constexpr unsigned budget_lines = 50;
constexpr auto budget_window = std::chrono::seconds(10);

// A message of debug output may be forty lines. What is more than this a second nobody reads, and a flood must not keep
// the control thread from its work.
constexpr unsigned debug_messages = 200;
constexpr auto debug_window = std::chrono::seconds(1);

}  // namespace

std::string log_stamp(net::WallTime wall) {
  const auto since = wall.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(since - seconds).count();
  const std::time_t time = seconds.count();
  std::tm parts{};
  gmtime_r(&time, &parts);
  constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  return fmt::format("*{} {:2} {:02}:{:02}:{:02}.{:03}", months.substr(static_cast<std::size_t>(parts.tm_mon) * 3, 3),
                     parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec, milliseconds);
}

std::string printable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto code = static_cast<unsigned char>(c);
    if (code >= 0x20 && code < 0x7f)
      out += c;
    else
      out += fmt::format("\\x{:02x}", code);
  }
  return out;
}

void Syslog::write(net::Time now, net::WallTime wall, const LogMessage& message) {
  const auto kind = fmt::format("%{}-{}-{}", message.facility, message.severity, message.mnemonic);
  if (!message.unlimited && !within_budget(now, kind)) {
    ++rate_limited_;
    return;
  }
  deliver(fmt::format("{}: {}: {}", log_stamp(wall), kind, printable(message.text)));
}

void Syslog::debug(net::WallTime wall, const std::string& text) {
  deliver(fmt::format("{}: {}", log_stamp(wall), text));
}

bool Syslog::may_debug(net::Time now) {
  if (now - debug_budget_.since >= debug_window) debug_budget_ = {now, 0};
  if (++debug_budget_.used <= debug_messages) return true;
  ++dropped_;
  ++dropped_unreported_;
  return false;
}

void Syslog::report_dropped(net::Time now, net::WallTime wall) {
  if (dropped_unreported_ == 0 || now - debug_budget_.since < debug_window) return;
  write(now, wall,
        {"SYS", 3, "LOGGER_DROPPED",
         fmt::format("System dropped {} debug messages.", std::exchange(dropped_unreported_, 0))});
}

void Syslog::deliver(std::string line) {
  if (destinations_.console) ++to_console_;
  if (destinations_.monitor) ++to_monitor_;
  for (const auto& listener : listeners_) listener(line);
  if (!destinations_.buffer) return;
  ++to_buffer_;
  octets_ += line.size() + 1;
  lines_.push_back(std::move(line));
  trim();
}

void Syslog::set_buffer(std::size_t octets_max) {
  buffer_octets_max_ = octets_max;
  trim();
}

void Syslog::trim() {
  while (octets_ > buffer_octets_max_ && lines_.size() > 1) {
    octets_ -= lines_.front().size() + 1;
    lines_.pop_front();
  }
}

bool Syslog::within_budget(net::Time now, const std::string& kind) {
  auto& budget = budgets_[kind];
  if (now - budget.since >= budget_window) budget = {now, 0};
  return ++budget.used <= budget_lines;
}

}  // namespace culvert::router
