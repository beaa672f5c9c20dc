#include "ipsec-dataplane/commands/captures.h"

#include <fmt/format.h>

namespace culvert::dataplane {

namespace {

// What a packet costs beside its octets: so that a buffer of tiny packets is bounded too.
constexpr std::size_t packet_overhead_octets = sizeof(CapturedPacket);

std::size_t cost_of(const CapturedPacket& packet) { return packet.octets.size() + packet_overhead_octets; }

}  // namespace

CapturePoint* Captures::find(const std::string& name) {
  const auto found = points_.find(name);
  return found == points_.end() ? nullptr : &found->second;
}

std::expected<CapturePoint*, std::string> Captures::edit(const std::string& name) {
  if (auto* known = find(name)) {
    if (known->tap) return std::unexpected(fmt::format("% Capture {} is active; stop it first\n", name));
    return known;
  }
  if (name.size() > name_size_max)
    return std::unexpected(fmt::format("% A capture name has at most {} characters\n", name_size_max));
  if (points_.size() >= points_max)
    return std::unexpected(fmt::format("% There are {} capture points already\n", points_max));
  return &points_[name];
}

std::expected<void, std::string> Captures::start(const std::string& name) {
  auto* point = find(name);
  if (point == nullptr) return std::unexpected(fmt::format("% Capture {} does not exist\n", name));
  if (point->tap) return std::unexpected(fmt::format("% Capture {} is already active\n", name));
  if (!point->interface) return std::unexpected(std::string("% Capture has no interface; it must have one\n"));
  if (!point->filter) return std::unexpected(std::string("% Capture has no match; it must have one\n"));
  point->started = hooks_.wall();
  point->tap = hooks_.start({.interface = *point->interface,
                             .in = point->in,
                             .out = point->out,
                             .filter = *point->filter,
                             .packet_octets_max = static_cast<std::uint16_t>(point->limits.packet_octets)});
  if (!point->tap) return std::unexpected(fmt::format("% No packets pass interface {}\n", *point->interface));
  point->packets.clear();
  point->octets = 0;
  point->dropped = point->captured = 0;
  point->link = point->tap->is_ethernet() ? LinkType::ethernet : LinkType::ipv4;
  hooks_.log("ENABLE", fmt::format("Capture Point {} enabled.", name));
  return {};
}

bool Captures::stop(const std::string& name) {
  auto* point = find(name);
  if (point == nullptr || !point->tap) return false;
  drain(*point);
  end(name, *point);
  return true;
}

void Captures::remove(const std::string& name) {
  stop(name);
  points_.erase(name);
}

void Captures::end(const std::string& name, CapturePoint& point) {
  hooks_.stop(point.tap);
  point.dropped += point.tap->missed();
  point.tap.reset();
  hooks_.log("DISABLE", fmt::format("Capture Point {} disabled.", name));
}

void Captures::service() {
  for (auto& [name, point] : points_) {
    if (!point.tap) continue;
    drain(point);
    if (is_over(point)) end(name, point);
  }
}

bool Captures::is_over(const CapturePoint& point) const {
  const auto& limits = point.limits;
  if (limits.packets != 0 && point.captured >= limits.packets) return true;
  return limits.duration_s != 0 && hooks_.wall() - point.started >= std::chrono::seconds(limits.duration_s);
}

// What the ring of a tap holds at most, so that workers who write meanwhile cannot keep control here.
void Captures::drain(CapturePoint& point) {
  for (std::size_t i = 0; i < Tap::slot_count; ++i) {
    auto tapped = point.tap->take();
    if (!tapped) return;
    keep(point, std::move(*tapped));
  }
}

void Captures::keep(CapturePoint& point, Tapped tapped) {
  if (point.limits.packets != 0 && point.captured >= point.limits.packets) return;
  CapturedPacket packet{point.started + tapped.since_start, tapped.direction, tapped.size_octets,
                        std::move(tapped.octets)};
  const auto room = std::size_t{point.buffer_mb} << 20;
  while (point.circular && !point.packets.empty() && point.octets + cost_of(packet) > room) {
    point.octets -= cost_of(point.packets.front());
    point.packets.pop_front();
  }
  if (point.octets + cost_of(packet) > room) {
    ++point.dropped;
    return;
  }
  ++point.captured;
  point.octets += cost_of(packet);
  point.packets.push_back(std::move(packet));
}

}  // namespace culvert::dataplane
