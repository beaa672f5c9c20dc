// `show crypto ipsec sa|transform-set|profile`.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "ike/commands/definitions.h"
#include "ike/commands/sa_flows.h"
#include "ike/commands/show.h"

namespace culvert::ike {

namespace {

using parser::Arguments;

// The selector as IOS writes it: an address and mask where the range is a prefix, else its two ends.
std::string identity_text(const TrafficSelector& s) {
  const auto low = s.start.is_v4() ? s.start.v4_value() : 0, high = s.end.is_v4() ? s.end.v4_value() : 0;
  const auto span = low ^ high;
  const bool is_prefix = (span & (span + 1)) == 0 && (low & span) == 0;
  const auto second = is_prefix ? net::Address::v4(~span) : s.end;
  return fmt::format("({}/{}/{}/{})", s.start, second, s.protocol, s.start_port == s.end_port ? s.start_port : 0);
}

// A Child SA may have several of an end.
std::string identity_lines(const char* end, const std::vector<TrafficSelector>& selectors) {
  std::string text;
  for (const auto& s : selectors)
    text += fmt::format("   {:<6} ident (addr/mask/prot/port): {}\n", end, identity_text(s));
  return text;
}

// What was counted on all pairs of a flow.
class Totals {
 public:
  explicit Totals(const std::vector<const IpsecSaRow*>& rows) : rows_(rows) {}
  std::uint64_t sent(std::uint64_t DirectionCounters::* counter) const { return sum(&IpsecSaRow::out, counter); }
  std::uint64_t received(std::uint64_t DirectionCounters::* counter) const { return sum(&IpsecSaRow::in, counter); }

 private:
  std::uint64_t sum(DirectionCounters IpsecSaRow::* direction, std::uint64_t DirectionCounters::* counter) const {
    std::uint64_t all = 0;
    for (const auto* row : rows_) all += (row->*direction).*counter;
    return all;
  }
  const std::vector<const IpsecSaRow*>& rows_;
};

using Counted = DirectionCounters;

std::string error_lines(const Totals& t) {
  const auto sent = t.sent(&Counted::failed) + t.sent(&Counted::no_room) + t.sent(&Counted::sequence_exhausted) +
                    t.sent(&Counted::outside_selectors);
  const auto received = t.received(&Counted::bad_icv) + t.received(&Counted::replayed) +
                        t.received(&Counted::malformed) + t.received(&Counted::bad_length) +
                        t.received(&Counted::wrong_protocol) + t.received(&Counted::outside_selectors) +
                        t.received(&Counted::no_room) + t.received(&Counted::failed);
  return fmt::format("    #send errors {}, #recv errors {}\n\n", sent, received);
}

// One line for each of the causes, in the words of IOS; what Culvert does not do is 0.
std::string detailed_error_lines(const Totals& t) {
  return fmt::format(
      "    #pkts no sa (send) 0, #pkts invalid sa (rcv) 0\n"
      "    #pkts encaps failed (send) {}, #pkts decaps failed (rcv) {}\n"
      "    #pkts invalid prot (recv) {}, #pkts verify failed: {}\n"
      "    #pkts invalid identity (recv) {}, #pkts invalid len (rcv) {}\n"
      "    #pkts replay rollover (send): {}, #pkts replay rollover (rcv) 0\n"
      "    ##pkts replay failed (rcv): {}\n"
      "    #pkts tagged (send): 0, #pkts untagged (rcv): 0\n"
      "    #pkts not tagged (send): 0, #pkts not untagged (rcv): 0\n"
      "    #pkts internal err (send): {}, #pkts internal err (recv) {}\n\n",
      t.sent(&Counted::no_room) + t.sent(&Counted::outside_selectors), t.received(&Counted::malformed),
      t.received(&Counted::wrong_protocol), t.received(&Counted::bad_icv), t.received(&Counted::outside_selectors),
      t.received(&Counted::bad_length), t.sent(&Counted::sequence_exhausted), t.received(&Counted::replayed),
      t.sent(&Counted::failed), t.received(&Counted::failed) + t.received(&Counted::no_room));
}

std::string counters(const std::vector<const IpsecSaRow*>& rows, bool detail) {
  const Totals t(rows);
  return fmt::format(
             "    #pkts encaps: {}, #pkts encrypt: {}, #pkts digest: {}\n"
             "    #pkts decaps: {}, #pkts decrypt: {}, #pkts verify: {}\n"
             "    #pkts compressed: 0, #pkts decompressed: 0\n"
             "    #pkts not compressed: 0, #pkts compr. failed: 0\n"
             "    #pkts not decompressed: 0, #pkts decompress failed: 0\n",
             t.sent(&Counted::packets), t.sent(&Counted::ciphered), t.sent(&Counted::authenticated),
             t.received(&Counted::packets), t.received(&Counted::ciphered), t.received(&Counted::authenticated)) +
         (detail ? detailed_error_lines(t) : error_lines(t));
}

std::string timing(const IpsecSaRow& row, const DirectionCounters& counted) {
  const auto used_kb = counted.octets / 1000;
  if (row.child.lifetime_kb == 0) return fmt::format("remaining key lifetime (sec): {}", row.child.left_s);
  const auto left_kb = row.child.lifetime_kb > used_kb ? row.child.lifetime_kb - used_kb : 0;
  return fmt::format("remaining key lifetime (k/sec): ({}/{})", left_kb, row.child.left_s);
}

std::string one_direction(const IpsecSaRow& row, std::uint32_t spi, const DirectionCounters& counted,
                          const std::string& map_tag) {
  const bool udp = row.child.local.port != 0;
  const auto window = row.child.replay_window_packets;
  return fmt::format(
      "      spi: 0x{0:X}({0})\n"
      "        transform: {1} ,\n"
      "        in use settings ={{Tunnel{2}{8}, }}\n"
      "        conn id: {3}, crypto map: {4}\n"
      "        sa timing: {5}\n"
      "        IV size: {6} bytes\n"
      "        replay detection support: {7}\n"
      "        Status: ACTIVE(ACTIVE)\n",
      spi, shown_transforms(row.child.encryption, row.child.integrity), udp ? " UDP-Encaps" : "", row.child.id, map_tag,
      timing(row, counted), traits(row.child.encryption).iv_octets,
      window == 0 ? "N" : fmt::format("Y  replay window size: {}", window),
      row.child.extended_sequence_numbers ? ", ESN" : "");
}

std::string pfs_line(const IpsecSaRow* newest) {
  const auto pfs = newest != nullptr ? newest->child.pfs : std::nullopt;
  if (!pfs) return "     PFS (Y/N): N, DH group: none\n";
  return fmt::format("     PFS (Y/N): Y, DH group: {}\n", pfs_keyword(*pfs));
}

// Without an SA there is no telling how much room ESP takes.
std::string mtu_line(const ProtectedTunnel& tunnel) {
  if (tunnel.plaintext_mtu == 0) return fmt::format("plaintext mtu {0}, ip mtu {0}", tunnel.mtu);
  return fmt::format("plaintext mtu {}, path mtu {}, ip mtu {}, ip mtu idb {}",
                     std::min(tunnel.mtu, tunnel.plaintext_mtu), tunnel.path_mtu, tunnel.path_mtu,
                     tunnel.leaves_by.empty() ? "(none)" : tunnel.leaves_by);
}

std::string text_or_none(const std::optional<net::Address>& address) {
  return address ? address->to_string() : "0.0.0.0";
}

std::string one_flow(const ProtectedTunnel& tunnel, const SaFlow& flow, bool detail) {
  const auto& rows = flow.rows;
  const auto* newest = rows.empty() ? nullptr : rows.back();
  const auto peer_port = newest != nullptr && newest->child.remote.port != 0 ? newest->child.remote.port : 500;
  const auto current_spi = newest != nullptr ? newest->child.outbound_spi : 0;
  std::string text = "   protected vrf: (none)\n";
  text += identity_lines("local", flow.local) + identity_lines("remote", flow.remote);
  text += fmt::format("   current_peer {} port {}\n     PERMIT, flags={{origin_is_acl,}}\n",
                      text_or_none(tunnel.remote), peer_port);
  text += counters(rows, detail);
  text += fmt::format("     local crypto endpt.: {}, remote crypto endpt.: {}\n", text_or_none(tunnel.local),
                      text_or_none(tunnel.remote));
  text += fmt::format("     {0}\n     current outbound spi: 0x{1:X}({1})\n", mtu_line(tunnel), current_spi);
  text += pfs_line(newest) + "\n     inbound esp sas:\n";
  for (const auto* row : rows) text += one_direction(*row, row->child.inbound_spi, row->in, tunnel.map_tag());
  text += "\n     inbound ah sas:\n\n     inbound pcp sas:\n\n     outbound esp sas:\n";
  for (const auto* row : rows) text += one_direction(*row, row->child.outbound_spi, row->out, tunnel.map_tag());
  return text + "\n     outbound ah sas:\n\n     outbound pcp sas:\n";
}

std::string heading(const ProtectedTunnel& tunnel) {
  return fmt::format("\ninterface: {}\n    Crypto map tag: {}, local addr {}\n", tunnel.interface(), tunnel.map_tag(),
                     text_or_none(tunnel.local));
}

std::string one_transform_set(const TransformSet& set) {
  return fmt::format("Transform set {}: {{ {}  }} \n   will negotiate = {{ Tunnel,  }}, \n", set.name,
                     shown_transforms(set.encryption, set.integrity));
}

std::string one_ipsec_profile(const Configuration& c, const IpsecProfile& profile) {
  auto text = fmt::format("IPSEC profile {}\n", profile.name);
  if (!profile.ikev2_profile.empty()) text += fmt::format("\tIKEv2 Profile: {}\n", profile.ikev2_profile);
  text += fmt::format("\t{}\n", lifetime_text(profile.lifetime_kb, profile.lifetime_s));
  text += fmt::format("\tResponder-Only (Y/N): N\n\tPFS (Y/N): {}\n", profile.pfs ? "Y" : "N");
  if (profile.pfs) text += fmt::format("\tDH group:  {}\n", pfs_keyword(*profile.pfs));
  return text + "\tMixed-mode : Disabled\n" + transform_sets_text(c, profile.transform_sets) + "\n";
}

constexpr const char* show_sa =
    "show crypto ipsec sa [(interface <interface:interface>|map <map:word>|peer <peer:ipv4>)]";

std::vector<std::string> show_sa_help(std::vector<std::string> help, bool detail) {
  for (const auto* one :
       {"IPSEC SA table", "Show info for specific interface", "Interface", "Show SAs for a specific crypto map",
        "Crypto map tag", "Show all SAs for a given peer address", "IP address of peer"})
    help.emplace_back(one);
  if (detail) help.emplace_back("show counters detail");
  return help;
}

std::vector<ProtectedTunnel> chosen(std::vector<ProtectedTunnel> tunnels, const Arguments& a) {
  const auto peer = a.has("peer") ? net::Address::parse(a["peer"]) : std::nullopt;
  std::erase_if(tunnels, [&](const ProtectedTunnel& tunnel) {
    return (a.has("interface") && a["interface"] != tunnel.interface()) ||
           (a.has("map") && a["map"] != tunnel.map_tag()) || (peer && tunnel.remote != peer);
  });
  return tunnels;
}

// The IKE SAs that carry Child SAs of the map go with all that is on them.
void clear_map(const CryptoSources& sources, const std::string& map) {
  std::set<std::string> names;
  for (const auto& tunnel : sources.tunnels())
    if (tunnel.map_tag() == map) names.insert(tunnel.name);
  for (const auto& sa : sources.sas())
    if (names.contains(sa.tunnel) ||
        std::ranges::any_of(sa.children, [&](const ChildView& child) { return names.contains(child.tunnel); }))
      sources.clear({.tunnel_id = sa.tunnel_id, .local = {}, .remote = {}});
}

void clear_sas(const CryptoSources& sources, const Arguments& a) {
  if (a.has("what")) return sources.clear_counters();
  if (a.has("map")) return clear_map(sources, a["map"]);
  ClearFilter filter;
  if (a.has("peer")) filter.remote = net::Address::parse(a["peer"]);
  sources.clear(filter);
}

void add_clear(parser::ExecCommands& commands, const CryptoSources& sources) {
  commands.add({.spec = "clear crypto sa [(what:(counters)|map <map:word>|peer <peer:ipv4>)]",
                .help = {"Reset functions", "Encryption subsystem", "Clear all crypto SAs", "Reset the SA counters",
                         "Clear all SAs for a given crypto map", "Crypto map tag",
                         "Clear all SAs for a given crypto peer", "IP address of peer"},
                .privilege = 15,
                .run = parser::text_command([sources](const Arguments& a) {
                  clear_sas(sources, a);
                  return std::string();
                })});
}

}  // namespace

std::string transform_sets_text(const Configuration& configuration, const std::vector<std::string>& names) {
  std::string text = "\tTransform sets={ \n";
  const std::vector<std::string> fallback{default_transform_set().name};
  for (const auto& name : names.empty() ? fallback : names)
    if (const auto* set = configuration.transform_set(name))
      text += fmt::format("\t\t{}:  {{ {}  }} , \n", name, shown_transforms(set->encryption, set->integrity));
  return text + "\t}\n";
}

std::string shown_transforms(Encryption encryption, Integrity integrity) {
  auto cipher = [&]() -> std::string {
    switch (encryption) {
      case Encryption::null: return "esp-null";
      case Encryption::des: return "esp-des";
      case Encryption::triple_des: return "esp-3des";
      case Encryption::aes_cbc_128: return "esp-aes";
      case Encryption::aes_cbc_192: return "esp-192-aes";
      case Encryption::aes_cbc_256: return "esp-256-aes";
      case Encryption::aes_ctr_128: return "esp-ctr";
      case Encryption::aes_ctr_192: return "esp-ctr 192";
      case Encryption::aes_ctr_256: return "esp-ctr 256";
      case Encryption::aes_gcm_128: return "esp-gcm";
      case Encryption::aes_gcm_192: return "esp-gcm 192";
      case Encryption::aes_gcm_256: return "esp-gcm 256";
      case Encryption::chacha20_poly1305: return "esp-chacha20-poly1305";
    }
    return "";
  }();
  if (integrity == Integrity::none) return cipher;
  const auto keyword = integrity == Integrity::sha1 ? "sha" : traits(integrity).keyword;
  return fmt::format("{} esp-{}-hmac", cipher, keyword);
}

// Entries of one map on one interface stand under one heading.
std::string show_ipsec_sa(const std::vector<ProtectedTunnel>& tunnels, const std::vector<IpsecSaRow>& sas,
                          bool detail) {
  std::string text, last_heading;
  for (const auto& tunnel : tunnels) {
    auto this_heading = heading(tunnel);
    if (this_heading != last_heading) text += this_heading;
    last_heading = std::move(this_heading);
    for (const auto& flow : flows_of(tunnel, sas)) text += "\n" + one_flow(tunnel, flow, detail);
  }
  return text.empty() ? "\nNo SAs found\n" : text;
}

std::string show_transform_sets(const config::View& view) {
  const auto c = configuration_of(view);
  auto text = one_transform_set(*c.transform_set(default_transform_set().name));
  for (const auto& [name, set] : c.transform_sets)
    if (name != default_transform_set().name) text += one_transform_set(set);
  return text + "\n";
}

std::string show_ipsec_profiles(const config::View& view) {
  const auto c = configuration_of(view);
  std::string text;
  for (const auto& [_, profile] : c.ipsec_profiles) text += one_ipsec_profile(c, profile);
  return text;
}

void add_ipsec_shows(parser::ExecCommands& commands, const CryptoSources& sources) {
  const std::vector<std::string> help{"Show running system information", "Encryption module", "Show IPSEC policy"};
  const auto add = [&](const char* word, const char* last_help, std::function<std::string(const Arguments&)> text) {
    auto words = help;
    words.emplace_back(last_help);
    commands.add({.spec = fmt::format("show crypto ipsec {}", word),
                  .help = words,
                  .run = parser::text_command(std::move(text))});
  };
  for (const auto* detail : {"", " detail"})
    commands.add({.spec = std::string(show_sa) + detail,
                  .help = show_sa_help(help, *detail != '\0'),
                  .run = parser::text_command([sources, detail](const Arguments& a) {
                    return show_ipsec_sa(chosen(sources.tunnels(), a), sources.ipsec_sas(), *detail != '\0');
                  })});
  add("security-association", "Show parameters for IPSec security associations",
      [sources](const Arguments&) { return show_ipsec_association(sources.configuration); });
  add("transform-set", "Crypto transform sets",
      [sources](const Arguments&) { return show_transform_sets(sources.configuration); });
  add("profile", "Show ipsec profile information",
      [sources](const Arguments&) { return show_ipsec_profiles(sources.configuration); });
  commands.add({.spec = "show crypto engine accelerator statistic",
                .help = {help[0], help[1], "Show crypto engine info", "Show crypto accelerator info",
                         "Show crypto accelerator statistics"},
                .run = parser::text_command(
                    [sources](const Arguments&) { return show_accelerator_statistic(sources.ipsec_sas()); })});
  add_clear(commands, sources);
}

}  // namespace culvert::ike
