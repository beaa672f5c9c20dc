// Why a packet ends here: one list gives the code, the counter's name and the text a show command prints.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace culvert::dataplane {

enum class Drop : std::uint8_t {
  none,
  // parse
  frame_too_short,
  frame_too_long,
  vlan_unsupported,
  ipv6_unsupported,
  unknown_ethertype,
  not_our_mac,
  bad_ip_version,
  bad_ip_header_length,
  bad_ip_length,
  bad_ip_checksum,
  bad_source,
  malformed_arp,
  // filters
  access_list,
  // crypto policy
  clear_of_protected,
  outside_policy,
  policy_blocked,
  sa_wait_full,
  sa_wait_timeout,
  // classify
  interface_down,
  nat_keepalive,
  bad_udp,
  not_accepted,
  group_not_joined,
  fragment_to_us,
  // reassembly
  fragment_malformed,
  fragment_overlap,
  fragment_too_long,
  fragments_full,
  fragment_duplicate,
  reassembly_timeout,
  // route
  ttl_expired,
  no_route,
  null_route,
  no_neighbor,
  egress_down,
  too_big,
  passes_exceeded,
  burst_full,
  no_buffer,
  icmp_rate,
  // ESP, in
  no_sa,
  bad_icv,
  replay,
  malformed_esp,
  wrong_selectors,
  esp_dummy,
  congestion_unmarkable,
  clear_on_ipsec_tunnel,
  // ESP, out
  tunnel_down,
  sa_sequence_exhausted,
  // ESP, both
  crypto_failed,
  sa_ring_full,
  // punt and tx
  punt_full,
  tx_full,
  count
};

struct DropText {
  Drop drop;
  std::string_view counter;  // name in tables and JSON
  std::string_view shown;    // line of a show command
};

inline constexpr std::array drop_texts{
    DropText{Drop::none, "none", "Not dropped"},
    DropText{Drop::frame_too_short, "frame-too-short", "Frame shorter than its headers"},
    DropText{Drop::frame_too_long, "frame-too-long", "Frame longer than the port can take"},
    DropText{Drop::vlan_unsupported, "vlan-unsupported", "802.1Q tag on an untagged port"},
    DropText{Drop::ipv6_unsupported, "ipv6-unsupported", "IPv6 is not routed"},
    DropText{Drop::unknown_ethertype, "unknown-ethertype", "Ethertype without a handler"},
    DropText{Drop::not_our_mac, "not-our-mac", "Unicast frame for another station"},
    DropText{Drop::bad_ip_version, "bad-ip-version", "IP version is not 4"},
    DropText{Drop::bad_ip_header_length, "bad-ip-header-length", "IP header length is wrong"},
    DropText{Drop::bad_ip_length, "bad-ip-length", "IP total length is wrong"},
    DropText{Drop::bad_ip_checksum, "bad-ip-checksum", "IP header checksum is wrong"},
    DropText{Drop::bad_source, "bad-source", "Source address is not a host's"},
    DropText{Drop::malformed_arp, "malformed-arp", "Malformed ARP"},
    DropText{Drop::access_list, "access-list", "Denied by an access list"},
    DropText{Drop::clear_of_protected, "clear-of-protected", "Came in clear, the crypto policy protects it"},
    DropText{Drop::outside_policy, "outside-policy", "Came out of an SA that the crypto policy has not for it"},
    DropText{Drop::policy_blocked, "policy-blocked", "To be protected by what is no longer configured"},
    DropText{Drop::sa_wait_full, "sa-wait-full", "Too many packets wait for an SA"},
    DropText{Drop::sa_wait_timeout, "sa-wait-timeout", "No SA came for it in time"},
    DropText{Drop::interface_down, "interface-down", "Received on an interface that is down"},
    DropText{Drop::nat_keepalive, "nat-keepalive", "NAT keepalive (normal)"},
    DropText{Drop::bad_udp, "bad-udp", "UDP header is wrong"},
    DropText{Drop::not_accepted, "not-accepted", "For the router, no such service"},
    DropText{Drop::group_not_joined, "group-not-joined", "Multicast that nobody here listens to"},
    DropText{Drop::fragment_to_us, "fragment-to-us", "Fragment handed to ESP"},
    DropText{Drop::fragment_malformed, "fragment-malformed", "Fragment with a wrong length"},
    DropText{Drop::fragment_overlap, "fragment-overlap", "Fragments overlap"},
    DropText{Drop::fragment_too_long, "fragment-too-long", "Fragments of a packet above 65535 octets"},
    DropText{Drop::fragments_full, "fragments-full", "Too many fragments to hold"},
    DropText{Drop::fragment_duplicate, "fragment-duplicate", "Fragment received twice (normal)"},
    DropText{Drop::reassembly_timeout, "reassembly-timeout", "Fragments of a packet that never became whole"},
    DropText{Drop::ttl_expired, "ttl-expired", "TTL expired"},
    DropText{Drop::no_route, "no-route", "No route"},
    DropText{Drop::null_route, "null-route", "Routed to Null0"},
    DropText{Drop::no_neighbor, "no-neighbor", "Next hop did not answer ARP"},
    DropText{Drop::egress_down, "egress-down", "Egress interface is down"},
    DropText{Drop::too_big, "too-big", "Too big for the egress MTU, DF set"},
    DropText{Drop::passes_exceeded, "passes-exceeded", "Nested too deeply"},
    DropText{Drop::burst_full, "burst-full", "No room in the burst"},
    DropText{Drop::no_buffer, "no-buffer", "No packet buffer"},
    DropText{Drop::icmp_rate, "icmp-rate", "ICMP error withheld by the rate limit"},
    DropText{Drop::no_sa, "no-sa", "ESP with an unknown SPI"},
    DropText{Drop::bad_icv, "bad-icv", "ESP authentication failed"},
    DropText{Drop::replay, "replay", "ESP sequence number replayed"},
    DropText{Drop::malformed_esp, "malformed-esp", "Malformed ESP"},
    DropText{Drop::wrong_selectors, "wrong-selectors", "Inner packet outside the SA's selectors"},
    DropText{Drop::esp_dummy, "esp-dummy", "ESP dummy packet (normal)"},
    DropText{Drop::congestion_unmarkable, "congestion-unmarkable", "Congestion met by a packet without ECN"},
    DropText{Drop::clear_on_ipsec_tunnel, "clear-on-ipsec-tunnel", "Clear packet where ESP is required"},
    DropText{Drop::tunnel_down, "tunnel-down", "Tunnel has no outbound SA"},
    DropText{Drop::sa_sequence_exhausted, "sa-sequence-exhausted", "ESP sequence numbers used up"},
    DropText{Drop::crypto_failed, "crypto-failed", "The crypto device failed"},
    DropText{Drop::sa_ring_full, "sa-ring-full", "Queue to the SA's worker is full"},
    DropText{Drop::punt_full, "punt-full", "Queue to the control plane is full"},
    DropText{Drop::tx_full, "tx-full", "Transmit queue is full"},
};
static_assert(drop_texts.size() == static_cast<std::size_t>(Drop::count));
static_assert([] {
  for (std::size_t i = 0; i < drop_texts.size(); ++i)
    if (drop_texts[i].drop != static_cast<Drop>(i)) return false;
  return true;
}());

constexpr const DropText& text_of(Drop d) { return drop_texts[static_cast<std::size_t>(d)]; }

}  // namespace culvert::dataplane
