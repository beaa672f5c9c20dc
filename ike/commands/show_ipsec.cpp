// `show crypto ipsec sa|transform-set|profile`.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "ike/commands/definitions.h"
#include "ike/commands/show.h"

namespace culvert::ike {

namespace {

using parser::Arguments;

// The selector as IOS writes it: an address and mask where the range is a prefix, else its two ends.
std::string identity_line(const std::vector<TrafficSelector>& selectors) {
  const auto s = selectors.empty() ? TrafficSelector::any(net::Family::ipv4) : selectors.front();
  const auto low = s.start.is_v4() ? s.start.v4_value() : 0, high = s.end.is_v4() ? s.end.v4_value() : 0;
  const auto span = low ^ high;
  const bool is_prefix = (span & (span + 1)) == 0 && (low & span) == 0;
  const auto second = is_prefix ? net::Address::v4(~span) : s.end;
  return fmt::format("({}/{}/{}/{})", s.start, second, s.protocol, s.start_port == s.end_port ? s.start_port : 0);
}

// What was counted on all pairs of a tunnel.
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
                          const std::string& tunnel) {
  const bool udp = row.child.local.port != 0;
  const auto window = row.child.replay_window_packets;
  return fmt::format(
      "      spi: 0x{0:X}({0})\n"
      "        transform: {1} ,\n"
      "        in use settings ={{Tunnel{2}{8}, }}\n"
      "        conn id: {3}, crypto map: {4}-head-0\n"
      "        sa timing: {5}\n"
      "        IV size: {6} bytes\n"
      "        replay detection support: {7}\n"
      "        Status: ACTIVE(ACTIVE)\n",
      spi, shown_transforms(row.child.encryption, row.child.integrity), udp ? " UDP-Encaps" : "", row.child.id, tunnel,
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

std::string one_tunnel(const ProtectedTunnel& tunnel, const std::vector<const IpsecSaRow*>& rows, bool detail) {
  const auto text_or = [](const std::optional<net::Address>& a) { return a ? a->to_string() : std::string("0.0.0.0"); };
  const auto* newest = rows.empty() ? nullptr : rows.back();
  const auto peer_port = newest != nullptr && newest->child.remote.port != 0 ? newest->child.remote.port : 500;
  const auto current_spi = newest != nullptr ? newest->child.outbound_spi : 0;
  auto text = fmt::format("\ninterface: {0}\n    Crypto map tag: {0}-head-0, local addr {1}\n\n", tunnel.name,
                          text_or(tunnel.local));
  text += "   protected vrf: (none)\n";
  const std::vector<TrafficSelector> any{TrafficSelector::any(net::Family::ipv4)};
  text += fmt::format("   local  ident (addr/mask/prot/port): {}\n",
                      identity_line(newest != nullptr ? newest->child.local_selectors : any));
  text += fmt::format("   remote ident (addr/mask/prot/port): {}\n",
                      identity_line(newest != nullptr ? newest->child.remote_selectors : any));
  text += fmt::format("   current_peer {} port {}\n     PERMIT, flags={{origin_is_acl,}}\n", text_or(tunnel.remote),
                      peer_port);
  text += counters(rows, detail);
  text += fmt::format("     local crypto endpt.: {}, remote crypto endpt.: {}\n", text_or(tunnel.local),
                      text_or(tunnel.remote));
  text += fmt::format("     {0}\n     current outbound spi: 0x{1:X}({1})\n", mtu_line(tunnel), current_spi);
  text += pfs_line(newest) + "\n     inbound esp sas:\n";
  for (const auto* row : rows) text += one_direction(*row, row->child.inbound_spi, row->in, tunnel.name);
  text += "\n     inbound ah sas:\n\n     inbound pcp sas:\n\n     outbound esp sas:\n";
  for (const auto* row : rows) text += one_direction(*row, row->child.outbound_spi, row->out, tunnel.name);
  return text + "\n     outbound ah sas:\n\n     outbound pcp sas:\n";
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
  text += "\tMixed-mode : Disabled\n\tTransform sets={ \n";
  const std::vector<std::string> fallback{default_transform_set().name};
  for (const auto& name : profile.transform_sets.empty() ? fallback : profile.transform_sets)
    if (const auto* set = c.transform_set(name))
      text += fmt::format("\t\t{}:  {{ {}  }} , \n", name, shown_transforms(set->encryption, set->integrity));
  return text + "\t}\n\n";
}

}  // namespace

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

std::string show_ipsec_sa(const std::vector<ProtectedTunnel>& tunnels, const std::vector<IpsecSaRow>& sas,
                          bool detail) {
  std::string text;
  for (const auto& tunnel : tunnels) {
    std::vector<const IpsecSaRow*> rows;
    for (const auto& row : sas)
      if (row.child.tunnel == tunnel.name) rows.push_back(&row);
    text += one_tunnel(tunnel, rows, detail);
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
  add("sa", "IPSEC SA table",
      [sources](const Arguments&) { return show_ipsec_sa(sources.tunnels(), sources.ipsec_sas()); });
  commands.add({.spec = "show crypto ipsec sa detail",
                .help = {help[0], help[1], help[2], "IPSEC SA table", "show counters detail"},
                .run = parser::text_command([sources](const Arguments&) {
                  return show_ipsec_sa(sources.tunnels(), sources.ipsec_sas(), true);
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
  commands.add({.spec = "clear crypto sa [counters]",
                .help = {"Reset functions", "Encryption subsystem", "Clear all crypto SAs", "Reset the SA counters"},
                .privilege = 15,
                .run = parser::text_command([sources](const Arguments& a) {
                  if (a.has("counters"))
                    sources.clear_counters();
                  else
                    sources.clear({});
                  return std::string();
                })});
}

}  // namespace culvert::ike
