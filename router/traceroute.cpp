#include "router/traceroute.h"

#include <utility>

#include <fmt/format.h>

namespace culvert::router {

namespace {

constexpr std::uint8_t unreachable = 3, time_exceeded = 11, port_unreachable = 3;
constexpr std::size_t icmp_header_octets = 8, probe_octets = 32;

// What follows the address of a router that cannot send a probe on; empty for the destination's own answer.
std::string mark_of(std::uint8_t code) {
  switch (code) {
    case port_unreachable: return "";
    case 0: return "!N";
    case 1: return "!H";
    case 2: return "!P";
    case 4: return "!M";
    case 9:
    case 10:
    case 13: return "!A";
    default: return "!U";
  }
}

std::int64_t milliseconds(net::Duration d) { return std::chrono::duration_cast<std::chrono::milliseconds>(d).count(); }

}  // namespace

std::string Traceroute::heading() const {
  return fmt::format(
      "Type escape sequence to abort.\nTracing the route to {}\nVRF info: (vrf in name/id, vrf out name/id)\n",
      request_.destination);
}

std::optional<net::Bytes> Traceroute::transmit(net::Time now) {
  if (finished_ || sent_at_) return std::nullopt;
  if (probe_ == 0) text_ += fmt::format("{:>3} ", ttl_);
  sent_at_ = now;
  const auto port = static_cast<std::uint16_t>(request_.port + sent_);
  return build_udp({request_.source, source_port_}, {request_.destination, port},
                   static_cast<std::uint16_t>(source_port_ + sent_), net::Bytes(probe_octets), ttl_);
}

bool Traceroute::is_about_our_probe(net::View quoted) const {
  const auto header = quoted.empty() ? 0 : (std::to_integer<std::size_t>(quoted[0]) & 15) * 4;
  if (header < 20 || quoted.size() < header + 4) return false;
  net::Reader udp(quoted.subspan(header));
  const auto from = udp.u16(), to = udp.u16();
  return *from == source_port_ && *to == static_cast<std::uint16_t>(request_.port + sent_);
}

void Traceroute::receive(net::Time now, const Ipv4View& packet) {
  if (!sent_at_ || packet.payload.size() < icmp_header_octets) return;
  const auto type = std::to_integer<std::uint8_t>(packet.payload[0]);
  const auto code = std::to_integer<std::uint8_t>(packet.payload[1]);
  if ((type != unreachable && type != time_exceeded) || !is_about_our_probe(packet.payload.subspan(icmp_header_octets)))
    return;
  name_hop(packet.source);
  const auto mark = type == unreachable ? mark_of(code) : "";
  text_ += mark.empty() ? fmt::format(" {} msec", milliseconds(now - *sent_at_)) : fmt::format(" {} ", mark);
  ends_here_ = ends_here_ || type == unreachable;
  next_probe();
}

// A hop that answers from several addresses has a line for each change.
void Traceroute::name_hop(net::Address address) {
  if (last_named_ == address) return;
  if (last_named_) text_ += "\n    ";
  text_ += address.to_string();
  last_named_ = address;
}

void Traceroute::timeout(net::Time now) {
  const auto due = deadline();
  if (!due || *due > now) return;
  text_ += " * ";
  next_probe();
}

void Traceroute::next_probe() {
  sent_at_.reset();
  ++sent_;
  if (++probe_ < request_.probes) return;
  text_ += '\n';
  probe_ = 0;
  last_named_.reset();
  finished_ = ends_here_ || ttl_ == request_.ttl_last;
  ++ttl_;
}

std::optional<net::Time> Traceroute::deadline() const {
  if (!sent_at_) return std::nullopt;
  return *sent_at_ + std::chrono::seconds(request_.timeout_s);
}

std::string Traceroute::take_text() { return std::exchange(text_, {}); }

}  // namespace culvert::router
