// What a capture point shows of itself and of its packets.
#include <fmt/format.h>

#include <algorithm>

#include "ipsec-dataplane/commands/captures.h"
#include "net/address.h"

namespace culvert::dataplane {

namespace {

std::string limit_text(std::uint32_t limit) { return limit == 0 ? "0 (no limit)" : std::to_string(limit); }

std::string_view direction_text(const CapturePoint& point) {
  if (point.in && point.out) return "BOTH";
  return point.in ? "IN" : "OUT";
}

std::uint64_t dropped_of(const CapturePoint& point) { return point.dropped + (point.tap ? point.tap->missed() : 0); }

std::string protocol_name(unsigned protocol) {
  switch (protocol) {
    case 1: return "ICMP";
    case 6: return "TCP";
    case 17: return "UDP";
    case 50: return "ESP";
    case 51: return "AH";
    case 88: return "EIGRP";
    default: return std::to_string(protocol);
  }
}

struct Summary {
  std::string source, destination, protocol;
  unsigned dscp = 0;
};

std::string mac_text(net::View octets) {
  Mac mac;
  for (std::size_t i = 0; i < mac.octets.size(); ++i) mac.octets[i] = std::to_integer<std::uint8_t>(octets[i]);
  return mac.to_string();
}

Summary summary_of(LinkType link, net::View octets) {
  constexpr std::size_t ethernet_octets = 14;
  if (link == LinkType::ethernet) {
    if (octets.size() < ethernet_octets) return {"-", "-", "-"};
    const auto type = *net::Reader(octets.subspan(12)).u16();
    if (type != 0x0800)
      return {mac_text(octets.subspan(6)), mac_text(octets), type == 0x0806 ? "ARP" : fmt::format("0x{:04X}", type)};
    octets = octets.subspan(ethernet_octets);
  }
  if (octets.size() < 20) return {"-", "-", "-"};
  const auto address = [&](std::size_t at) {
    return net::Address::v4(*net::Reader(octets.subspan(at)).u32()).to_string();
  };
  return {address(12), address(16), protocol_name(std::to_integer<unsigned>(octets[9])),
          std::to_integer<unsigned>(octets[1]) >> 2};
}

std::string hex_lines(net::View octets) {
  std::string text;
  for (std::size_t at = 0; at < octets.size(); at += 16) {
    text += fmt::format("  {:04X}: ", at);
    std::string letters;
    for (std::size_t i = at; i < at + 16; ++i) {
      if (i % 4 == 0) text += ' ';
      if (i >= octets.size()) {
        text += "  ";
        continue;
      }
      const auto octet = std::to_integer<unsigned>(octets[i]);
      text += fmt::format("{:02X}", octet);
      letters += octet >= 0x20 && octet < 0x7f ? static_cast<char>(octet) : '.';
    }
    text += "  " + letters + "\n";
  }
  return text;
}

constexpr std::string_view brief_rule =
    " ----------------------------------------------------------------------------\n";

std::string brief_row(const CapturePoint& point, std::size_t number) {
  const auto& packet = point.packets[number];
  const auto summary = summary_of(point.link, packet.octets);
  const std::chrono::duration<double> since = packet.when - point.packets.front().when;
  return fmt::format(" {:>3} {:>5} {:>11.6f}   {:<15}  ->  {:<15} {:>3}  {}\n", number, packet.size_octets,
                     since.count(), summary.source, summary.destination, summary.dscp, summary.protocol);
}

std::string brief_head() {
  return fmt::format("{} #   size   timestamp     source               destination     dscp protocol\n{}", brief_rule,
                     brief_rule);
}

}  // namespace

std::string show_capture(const std::string& name, const CapturePoint& point) {
  auto text = fmt::format("\nStatus Information for Capture {}\n  Target Type: \n", name);
  if (point.interface) text += fmt::format(" Interface: {}, Direction: {}\n", *point.interface, direction_text(point));
  text += fmt::format("   Status : {}\n  Filter Details: \n", point.tap ? "Active" : "Inactive");
  if (!point.filter)
    text += "   Filter not attached\n";
  else if (point.filter->everything)
    text += "   Capture all packets\n";
  else
    text += fmt::format("   IPv4 \n    Source IP:  {}\n    Destination IP:  {}\n   Protocol: {}\n", point.source_text,
                        point.destination_text, point.protocol_text);
  text += fmt::format("  Buffer Details: \n   Buffer Type: {}\n   Buffer Size (in MB): {}\n",
                      point.circular ? "CIRCULAR" : "LINEAR (default)", point.buffer_mb);
  text += fmt::format(
      "  Limit Details: \n   Number of Packets to capture: {}\n   Packet Capture duration: {}\n"
      "   Packet Size to capture: {}\n",
      limit_text(point.limits.packets), limit_text(point.limits.duration_s), limit_text(point.limits.packet_octets));
  return text;
}

std::string show_capture_buffer(const CapturePoint& point) {
  const auto last = point.packets.empty() ? point.started : point.packets.back().when;
  const auto seconds = std::max<std::int64_t>(1, net::whole_seconds(last - point.started));
  return fmt::format(
      " buffer size (KB) : {}\n buffer used (KB) : {}\n packets in buf   : {}\n packets dropped  : {}\n"
      " packets per sec  : {}\n",
      std::uint64_t{point.buffer_mb} * 1024, point.octets / 1024, point.packets.size(), dropped_of(point),
      static_cast<std::int64_t>(point.captured) / seconds);
}

std::string show_capture_brief(const CapturePoint& point) {
  auto text = brief_head();
  for (std::size_t i = 0; i < point.packets.size(); ++i) text += brief_row(point, i);
  return text;
}

std::string show_capture_dump(const CapturePoint& point) {
  auto text = brief_head();
  for (std::size_t i = 0; i < point.packets.size(); ++i)
    text += brief_row(point, i) + hex_lines(point.packets[i].octets) + "\n";
  return text;
}

}  // namespace culvert::dataplane
