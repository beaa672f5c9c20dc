#include "router/ping.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "net/checksum.h"

namespace culvert::router {

namespace {

constexpr std::uint8_t echo_reply = 0, unreachable = 3, echo_request = 8, time_exceeded = 11;
constexpr std::uint8_t fragmentation_needed = 4;
constexpr std::uint32_t headers_octets = 28;
constexpr std::uint16_t pattern = 0xabcd;  // the data pattern that IOS sends by default
constexpr std::uint32_t marks_per_line = 70;

std::int64_t milliseconds(net::Duration d) {
  return std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::milliseconds>(d).count());
}

}  // namespace

std::string Ping::heading() const {
  std::string text =
      fmt::format("Type escape sequence to abort.\nSending {}, {}-byte ICMP Echos to {}, timeout is {} seconds:\n",
                  request_.repeat, request_.size, request_.destination, request_.timeout_s);
  return text;
}

std::optional<net::Bytes> Ping::transmit(net::Time now) {
  if (finished() || sent_at_) return std::nullopt;
  net::Bytes echo;
  net::Writer w(echo);
  w.u16(echo_request << 8);
  w.u16(0);
  w.u16(identifier_);
  w.u16(static_cast<std::uint16_t>(done_));
  while (echo.size() + 20 < request_.size) w.u16(pattern);
  echo.resize(std::max(request_.size, headers_octets) - 20);
  w.patch_u16(2, net::checksum(echo));
  sent_at_ = now;
  return build_ipv4({.source = request_.source,
                     .destination = request_.destination,
                     .protocol = Protocol::icmp,
                     .dont_fragment = request_.dont_fragment,
                     .identification = static_cast<std::uint16_t>(identifier_ + done_)},
                    echo);
}

// The sequence number where `echo` is the header of our own request or its answer.
std::optional<std::uint16_t> Ping::sequence_asked(net::View echo) const {
  net::Reader r(echo);
  if (!r.u32()) return std::nullopt;
  const auto identifier = r.u16(), sequence = r.u16();
  return sequence && *identifier == identifier_ ? sequence : std::nullopt;
}

void Ping::receive(net::Time now, const Ipv4View& packet) {
  if (!sent_at_ || packet.payload.size() < 8) return;
  const auto type = std::to_integer<std::uint8_t>(packet.payload[0]);
  const auto code = std::to_integer<std::uint8_t>(packet.payload[1]);
  if (type == echo_reply) {
    if (packet.source != request_.destination || net::checksum(packet.payload) != 0) return;
    if (sequence_asked(packet.payload) != static_cast<std::uint16_t>(done_)) return;
    const auto taken = now - *sent_at_;
    shortest_ = answered_ == 0 ? taken : std::min(shortest_, taken);
    longest_ = std::max(longest_, taken);
    total_ += taken;
    ++answered_;
    mark('!');
  } else if (type == unreachable || type == time_exceeded) {
    const auto quoted = packet.payload.subspan(8);
    const auto header_octets = quoted.empty() ? 0 : (std::to_integer<std::size_t>(quoted[0]) & 15) * 4;
    if (quoted.size() < header_octets + 8) return;
    if (sequence_asked(quoted.subspan(header_octets)) != static_cast<std::uint16_t>(done_)) return;
    mark(type == time_exceeded ? '&' : code == fragmentation_needed ? 'M' : 'U');
  }
}

void Ping::timeout(net::Time now) {
  if (const auto due = deadline(); due && *due <= now) mark('.');
}

std::optional<net::Time> Ping::deadline() const {
  if (!sent_at_) return std::nullopt;
  return *sent_at_ + std::chrono::seconds(request_.timeout_s);
}

void Ping::mark(char c) {
  sent_at_.reset();
  marks_ += c;
  ++done_;
  if (done_ % marks_per_line == 0 && !finished()) marks_ += '\n';
}

std::string Ping::take_marks() { return std::exchange(marks_, {}); }

std::string Ping::summary() const {
  auto text = fmt::format("\nSuccess rate is {} percent ({}/{})",
                          done_ == 0 ? 0 : std::uint64_t{answered_} * 100 / done_, answered_, done_);
  if (answered_ > 0)
    text += fmt::format(", round-trip min/avg/max = {}/{}/{} ms", milliseconds(shortest_),
                        milliseconds(total_ / answered_), milliseconds(longest_));
  return text + "\n";
}

}  // namespace culvert::router
