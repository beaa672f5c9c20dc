// show ip eigrp neighbors, show ip eigrp interfaces.
#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "routing/commands/eigrp_show.h"
#include "routing/commands/route_text.h"
#include "routing/interfaces/interface_table.h"

namespace culvert::routing {

namespace {

using eigrp::wire::Stub;

std::int64_t milliseconds(net::Duration duration) {
  return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
}

// 0 is who was never measured; whoever answers faster than the column can say took one.
std::int64_t round_trip_ms(net::Duration duration) {
  return std::chrono::ceil<std::chrono::milliseconds>(duration).count();
}

std::string stub_lines(std::uint16_t flags) {
  struct Flag {
    std::uint16_t bit;
    const char* text;
  };
  constexpr std::array words{Flag{Stub::connected, "CONNECTED "}, Flag{Stub::static_routes, "STATIC "},
                             Flag{Stub::summary, "SUMMARY "}, Flag{Stub::redistributed, "REDISTRIBUTED "}};
  std::string advertised;
  for (const auto& word : words)
    if ((flags & word.bit) != 0) advertised += word.text;
  const auto first = advertised.empty() ? std::string("   Receive-Only Peer Advertising (No) Routes\n")
                                        : fmt::format("   Stub Peer Advertising ({}) Routes\n", advertised);
  return first + "   Suppressing queries\n";
}

std::string detail_lines(const eigrp::NeighborView& n) {
  auto text = n.configured ? std::string("   Static neighbor\n") : std::string();
  text += fmt::format("   Version {}.{}/{}.{}, Retrans: {}, Retries: {}, Prefixes: {}\n", n.version.os_major,
                      n.version.os_minor, n.version.tlv_major, n.version.tlv_minor, n.retransmissions, n.retries,
                      n.prefixes);
  if (n.pending) text += "   Waiting for INIT, the three-way handshake is not over\n";
  text += "   Topology-ids from peer - 0\n";
  if (n.stub) text += stub_lines(*n.stub);
  for (const auto& [opcode, sequence] : n.queue)
    text += fmt::format("    {} seq {}\n", eigrp::wire::text(opcode), sequence);
  return text;
}

std::string authentication_text(const eigrp::InterfaceView& i) {
  if (!i.authentication) return "not set";
  const auto chain = i.key_chain.empty() ? std::string("not set") : fmt::format("\"{}\"", i.key_chain);
  return i.authentication_mode == "md5" ? fmt::format("md5,  key-chain is {}", chain)
                                        : fmt::format("HMAC-SHA-256, key-chain is {}", chain);
}

// HELLOs have a line of their own, and do not count among the unreliable multicasts.
std::string interface_detail(const eigrp::InterfaceView& i) {
  const auto seconds = [](net::Duration d) { return net::whole_seconds(d); };
  auto text = fmt::format("  Hello-interval is {}, Hold-time is {}\n", seconds(i.hello_interval), seconds(i.hold_time));
  text += fmt::format("  Split-horizon is {}\n", i.split_horizon ? "enabled" : "disabled");
  if (i.pending_routes == 0) text += "  Next xmit serial <none>\n";
  text += fmt::format("  Packetized sent/expedited: {}/{}\n", i.multicasts_sent + i.unicasts_sent, i.replies_sent);
  text += fmt::format("  Hello's sent/expedited: {}/{}\n", i.hellos_sent, i.hellos_expedited);
  text += fmt::format("  Un/reliable mcasts: {}/{}  Un/reliable ucasts: {}/{}\n",
                      i.plain_multicasts - std::min(i.plain_multicasts, i.hellos_sent), i.multicasts_sent,
                      i.plain_unicasts, i.unicasts_sent);
  text += fmt::format("  Mcast exceptions: {}  CR packets: {}  ACKs suppressed: {}\n", i.multicast_exceptions,
                      i.conditional_receive_sent, i.acks_suppressed);
  text += fmt::format("  Retransmissions sent: {}  Out-of-sequence rcvd: {}\n", i.retransmissions,
                      i.out_of_sequence_received);
  if (!i.next_hop_self) text += "  Next-hop-self disabled, next-hop info forwarded\n";
  text += fmt::format("  Topology-ids on interface - 0\n  Authentication mode is {}\n", authentication_text(i));
  return text + "  Topologies advertised on this interface:  base\n  Topologies not advertised on this interface:\n\n";
}

}  // namespace

net::Address id_address(std::uint32_t router_id) { return net::Address::v4(router_id); }

std::string show_eigrp_neighbors(const eigrp::Engine& engine, net::Time now, bool detail,
                                 const std::string* interface) {
  auto text = fmt::format("EIGRP-IPv4 Neighbors for AS({})\n", engine.configuration().autonomous_system);
  auto rows = engine.neighbors(now);
  if (interface != nullptr) std::erase_if(rows, [&](const auto& row) { return row.interface != *interface; });
  std::ranges::sort(rows, std::greater{}, &eigrp::NeighborView::handle);
  if (!rows.empty())
    text +=
        "H   Address                 Interface              Hold Uptime   SRTT   RTO  Q  Seq\n"
        "                                                   (sec)         (ms)       Cnt Num\n";
  for (const auto& n : rows) {
    text +=
        fmt::format("{:<4}{:<24}{:<23}{:>4} {:<8}{:>5}{:>6}{:>3}  {}\n", n.handle, n.address, short_name(n.interface),
                    net::whole_seconds(n.hold_left), elapsed_text(n.up_for), round_trip_ms(n.smooth_round_trip),
                    milliseconds(n.retransmission_timeout), n.queued, n.last_sequence);
    if (detail) text += detail_lines(n);
  }
  return detail ? text + "Max Nbrs: 0, Current Nbrs: 0\n" : text;
}

std::string show_eigrp_interfaces(const eigrp::Engine& engine, net::Time now, bool detail, const std::string* only) {
  auto text = fmt::format(
      "EIGRP-IPv4 Interfaces for AS({})\n"
      "                              Xmit Queue   PeerQ        Mean   Pacing Time   Multicast    Pending\n"
      "Interface              Peers  Un/Reliable  Un/Reliable  SRTT   Un/Reliable   Flow Timer   Routes\n",
      engine.configuration().autonomous_system);
  auto rows = engine.interfaces(now);
  std::erase_if(rows, [&](const auto& row) { return row.passive || (only != nullptr && row.name != *only); });
  std::ranges::sort(rows, [](const auto& a, const auto& b) { return listed_before(a.name, b.name); });
  for (const auto& i : rows) {
    text += fmt::format("{:<23}{:>3}{:>11}{:>10}{:>12}{:>10}{:>13}{:>12}\n", short_name(i.name), i.peers,
                        fmt::format("0/{}", i.queued_multicast), fmt::format("0/{}", i.queued_unicast),
                        round_trip_ms(i.mean_round_trip), fmt::format("0/{}", milliseconds(i.pacing)),
                        milliseconds(i.multicast_flow), i.pending_routes);
    if (detail) text += interface_detail(i);
  }
  return text;
}

}  // namespace culvert::routing
