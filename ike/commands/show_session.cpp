// `show crypto session [detail]`, and everything of this room in one call.
#include <fmt/format.h>

#include <algorithm>

#include "ike/commands/sa_flows.h"
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

// "0.0.0.0/0.0.0.0", "host 10.0.0.1 port 80".
std::string flow_end(const TrafficSelector& s) {
  const auto wildcard = s.start.is_v4() ? s.start.v4_value() ^ s.end.v4_value() : 0;
  auto text =
      s.start == s.end ? fmt::format("host {}", s.start) : fmt::format("{}/{}", s.start, net::Address::v4(~wildcard));
  if (!s.any_port() && s.start_port == s.end_port) text += fmt::format(" port {}", s.start_port);
  return text;
}

std::string traffic(const std::vector<const IpsecSaRow*>& rows) {
  DirectionCounters in, out;
  std::int64_t left_s = 0;
  for (const auto* row : rows) {
    in.packets += row->in.packets, out.packets += row->out.packets;
    in.bad_icv += row->in.bad_icv + row->in.replayed + row->in.malformed + row->in.outside_selectors + row->in.failed;
    out.failed += row->out.failed;
    left_s = std::max(left_s, row->child.left_s);
  }
  const auto kb = rows.empty() ? 0 : rows.back()->child.lifetime_kb;
  return fmt::format(
      "        Inbound:  #pkts dec'ed {} drop {} life (KB/Sec) {}/{}\n"
      "        Outbound: #pkts enc'ed {} drop {} life (KB/Sec) {}/{}\n",
      in.packets, in.bad_icv, kb, left_s, out.packets, out.failed, kb, left_s);
}

// Pairs that share their SAs stand above one count.
std::string one_flow(const SaFlow& flow, bool detail) {
  std::string text;
  for (const auto& [local, remote] : flow.pairs)
    text += fmt::format("  IPSEC FLOW: permit {} {} {} \n", local.protocol == 0 ? "ip" : std::to_string(local.protocol),
                        flow_end(local), flow_end(remote));
  text += fmt::format("        Active SAs: {}, origin: crypto map\n", flow.rows.size() * 2);
  return detail ? text + traffic(flow.rows) : text;
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

// A tunnel interface, or the entries of a map on one interface that lead to one peer.
struct Session {
  std::vector<const ProtectedTunnel*> tunnels;
  std::vector<const SaView*> ikes;
  std::vector<SaFlow> flows;
};

bool belongs(const Session& session, const ProtectedTunnel& tunnel) {
  const auto& first = *session.tunnels.front();
  return !tunnel.crypto_map.empty() && first.crypto_map == tunnel.crypto_map && first.bearer == tunnel.bearer &&
         first.remote == tunnel.remote;
}

bool serves(const SaView& sa, const ProtectedTunnel& tunnel) {
  return sa.tunnel == tunnel.name ||
         std::ranges::any_of(sa.children, [&](const ChildView& child) { return child.tunnel == tunnel.name; });
}

std::vector<Session> sessions_of(const std::vector<ProtectedTunnel>& tunnels, const std::vector<SaView>& sas,
                                 const std::vector<IpsecSaRow>& ipsec_sas) {
  std::vector<Session> sessions;
  for (const auto& tunnel : tunnels) {
    auto session = std::ranges::find_if(sessions, [&](const Session& one) { return belongs(one, tunnel); });
    if (session == sessions.end()) session = sessions.insert(sessions.end(), Session{});
    session->tunnels.push_back(&tunnel);
    for (auto& flow : flows_of(tunnel, ipsec_sas)) session->flows.push_back(std::move(flow));
    for (const auto& sa : sas)
      if (serves(sa, tunnel) && std::ranges::find(session->ikes, &sa) == session->ikes.end())
        session->ikes.push_back(&sa);
  }
  return sessions;
}

std::string one_session(const Session& session, bool detail) {
  const auto& tunnel = *session.tunnels.front();
  const auto* best = session.ikes.empty() ? nullptr : session.ikes.front();
  std::size_t pairs = 0;
  for (const auto& flow : session.flows) pairs += flow.rows.size();
  for (const auto* ike : session.ikes)
    if (ike->status == SaStatus::ready) best = ike;
  auto text = fmt::format("Interface: {}\n", tunnel.interface());
  if (best != nullptr && !best->profile.empty()) text += fmt::format("Profile: {}\n", best->profile);
  if (detail && best != nullptr && best->status == SaStatus::ready)
    text += fmt::format("Uptime: {}\n", clock_of(best->active_s));
  text += fmt::format("Session status: {:<14}\n", status_of(best, pairs));
  text += fmt::format("Peer: {} port {} ", tunnel.remote ? tunnel.remote->to_string() : "0.0.0.0",
                      best != nullptr ? best->remote.port : 500);
  if (detail)
    text += fmt::format("fvrf: (none) ivrf: (none)\n      Phase1_id: {}\n      Desc: (none)",
                        best != nullptr && best->remote_id ? best->remote_id->to_string() : "(none)");
  text += "\n";
  for (const auto* ike : session.ikes) text += ike_line(*ike, detail);
  for (const auto& flow : session.flows) text += one_flow(flow, detail);
  return text + "\n";
}

}  // namespace

std::string clock_of(std::int64_t seconds) {
  return fmt::format("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

std::string show_session(const std::vector<ProtectedTunnel>& tunnels, const std::vector<SaView>& sas,
                         const std::vector<IpsecSaRow>& ipsec_sas, bool detail) {
  std::string text = "Crypto session current status\n\n";
  if (detail) text += codes;
  for (const auto& session : sessions_of(tunnels, sas, ipsec_sas)) text += one_session(session, detail);
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
  add_crypto_map_commands(commands, sources);
  add_algorithm_shows(commands);
  add_rekey_commands(commands, sources);
}

}  // namespace culvert::ike
