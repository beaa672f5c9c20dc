// `show crypto session [detail]`, and everything of this room in one call.
#include <fmt/format.h>

#include <algorithm>

#include "ike/commands/show.h"

namespace culvert::ike {

namespace {

using parser::Arguments;

constexpr const char* codes =
    "Code: C - IKE Configuration mode, D - Dead Peer Detection     \n"
    "K - Keepalives, N - NAT-traversal, T - cTCP encapsulation     \n"
    "X - IKE Extended Authentication, F - IKE Fragmentation\n"
    "R - IKE Auto Reconnect, U - IKE Dynamic Route Update\n"
    "S - SIP VPN\n\n";

std::string status_of(const SaView* ike, std::size_t pairs) {
  const bool ready = ike != nullptr && ike->status == SaStatus::ready;
  if (ready) return pairs > 0 ? "UP-ACTIVE" : "UP-IDLE";
  if (pairs > 0) return "UP-NO-IKE";
  return ike != nullptr ? "DOWN-NEGOTIATING" : "DOWN";
}

std::string capabilities(const SaView& ike) {
  std::string letters;
  if (ike.dpd) letters += 'D';
  if (ike.nat_local || ike.nat_remote) letters += 'N';
  return letters.empty() ? "(none)" : letters;
}

// "0.0.0.0/0.0.0.0", "host 10.0.0.1".
std::string flow_end(const std::vector<TrafficSelector>& selectors) {
  const auto s = selectors.empty() ? TrafficSelector::any(net::Family::ipv4) : selectors.front();
  if (s.start == s.end) return fmt::format("host {}", s.start);
  const auto wildcard = s.start.is_v4() ? s.start.v4_value() ^ s.end.v4_value() : 0;
  return fmt::format("{}/{}", s.start, net::Address::v4(~wildcard));
}

std::string flow(const std::vector<const IpsecSaRow*>& rows, bool detail) {
  const std::vector<TrafficSelector> any{TrafficSelector::any(net::Family::ipv4)};
  const auto* newest = rows.empty() ? nullptr : rows.back();
  const auto& local = newest != nullptr ? newest->child.local_selectors : any;
  const auto& remote = newest != nullptr ? newest->child.remote_selectors : any;
  const int protocol = newest != nullptr && !local.empty() ? local.front().protocol : 0;
  auto text =
      fmt::format("  IPSEC FLOW: permit {} {} {} \n        Active SAs: {}, origin: crypto map\n",
                  protocol == 0 ? "ip" : std::to_string(protocol), flow_end(local), flow_end(remote), rows.size() * 2);
  if (!detail) return text;
  DirectionCounters in, out;
  std::int64_t left_s = 0;
  for (const auto* row : rows) {
    in.packets += row->in.packets, out.packets += row->out.packets;
    in.bad_icv += row->in.bad_icv + row->in.replayed + row->in.malformed + row->in.outside_selectors + row->in.failed;
    out.failed += row->out.failed;
    left_s = std::max(left_s, row->child.left_s);
  }
  const auto kb = newest != nullptr ? newest->child.lifetime_kb : 0;
  text += fmt::format("        Inbound:  #pkts dec'ed {} drop {} life (KB/Sec) {}/{}\n", in.packets, in.bad_icv, kb,
                      left_s);
  return text + fmt::format("        Outbound: #pkts enc'ed {} drop {} life (KB/Sec) {}/{}\n", out.packets, out.failed,
                            kb, left_s);
}

std::string ike_line(const SaView& ike, bool detail) {
  auto text = fmt::format("  Session ID: {} \n  IKEv2 SA: local {}/{} remote {}/{} {} \n", ike.session_id,
                          ike.local.address, ike.local.port, ike.remote.address, ike.remote.port,
                          ike.status == SaStatus::ready ? "Active" : "Inactive");
  const auto left = std::max<std::int64_t>(0, static_cast<std::int64_t>(ike.lifetime_s) - ike.active_s);
  if (detail)
    text += fmt::format("          Capabilities:{} connid:{} lifetime:{}\n", capabilities(ike), ike.tunnel_id,
                        clock_of(left));
  return text;
}

std::string one_session(const ProtectedTunnel& tunnel, const std::vector<const SaView*>& ikes,
                        const std::vector<const IpsecSaRow*>& rows, bool detail) {
  const auto* best = ikes.empty() ? nullptr : ikes.front();
  for (const auto* ike : ikes)
    if (ike->status == SaStatus::ready) best = ike;
  auto text = fmt::format("Interface: {}\n", tunnel.name);
  if (best != nullptr && !best->profile.empty()) text += fmt::format("Profile: {}\n", best->profile);
  if (detail && best != nullptr && best->status == SaStatus::ready)
    text += fmt::format("Uptime: {}\n", clock_of(best->active_s));
  text += fmt::format("Session status: {:<14}\n", status_of(best, rows.size()));
  text += fmt::format("Peer: {} port {} ", tunnel.remote ? tunnel.remote->to_string() : "0.0.0.0",
                      best != nullptr ? best->remote.port : 500);
  if (detail)
    text += fmt::format("fvrf: (none) ivrf: (none)\n      Phase1_id: {}\n      Desc: (none)",
                        best != nullptr && best->remote_id ? best->remote_id->to_string() : "(none)");
  text += "\n";
  for (const auto* ike : ikes) text += ike_line(*ike, detail);
  return text + flow(rows, detail) + "\n";
}

}  // namespace

std::string clock_of(std::int64_t seconds) {
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string show_session(const std::vector<ProtectedTunnel>& tunnels, const std::vector<SaView>& sas,
                         const std::vector<IpsecSaRow>& ipsec_sas, bool detail) {
  std::string text = "Crypto session current status\n\n";
  if (detail) text += codes;
  for (const auto& tunnel : tunnels) {
    std::vector<const SaView*> ikes;
    std::vector<const IpsecSaRow*> rows;
    for (const auto& sa : sas)
      if (sa.tunnel == tunnel.name) ikes.push_back(&sa);
    for (const auto& row : ipsec_sas)
      if (row.child.tunnel == tunnel.name) rows.push_back(&row);
    text += one_session(tunnel, ikes, rows, detail);
  }
  return text;
}

void add_session_shows(parser::ExecCommands& commands, const CryptoSources& sources) {
  for (const bool detail : {false, true}) {
    std::vector<std::string> help{"Show running system information", "Encryption module", "Show crypto sessions"};
    if (detail) help.emplace_back("Detailed");
    commands.add({.spec = detail ? "show crypto session detail" : "show crypto session",
                  .help = help,
                  .run = parser::text_command([sources, detail](const Arguments&) {
                    return show_session(sources.tunnels(), sources.sas(), sources.ipsec_sas(), detail);
                  })});
  }
  commands.add({.spec = "clear crypto session [remote <remote:ipv4>]",
                .help = {"Reset functions", "Encryption subsystem", "Clear crypto sessions", "Clear by remote address",
                         "IPv4 address"},
                .privilege = 15,
                .run = parser::text_command([sources](const Arguments& a) {
                  ClearFilter filter;
                  if (a.has("remote")) filter.remote = net::Address::parse(a["remote"]);
                  sources.clear(filter);
                  return std::string();
                })});
}

void add_crypto_commands(parser::ExecCommands& commands, const CryptoSources& sources) {
  add_ikev2_shows(commands, sources);
  add_ikev2_configuration_shows(commands, sources);
  add_ipsec_shows(commands, sources);
  add_session_shows(commands, sources);
  add_algorithm_shows(commands);
  add_rekey_commands(commands, sources);
}

}  // namespace culvert::ike
