// `show crypto ikev2 sa` and `clear crypto ikev2 sa`.
#include <fmt/format.h>

#include "ike/commands/definitions.h"
#include "ike/commands/show.h"

namespace culvert::ike {

namespace {

using parser::Arguments;

std::string status_of(const SaView& sa) {
  switch (sa.status) {
    case SaStatus::negotiating: return "IN-NEG";
    case SaStatus::ready: return "READY";
    case SaStatus::deleting: return "DELETE";
  }
  return "";
}

std::string address_and_port(const net::Endpoint& e) { return fmt::format("{}/{}", e.address, e.port); }

std::string algorithms(const SaView& sa) {
  if (!sa.encryption) return "";
  const auto& cipher = traits(*sa.encryption);
  const auto name = cipher.shown.substr(0, cipher.shown.find_last_not_of("0123456789-") + 1);
  std::string text = fmt::format("      Encr: {}", cipher.key_length_bits ? name : cipher.shown);
  if (cipher.key_length_bits) text += fmt::format(", keysize: {}", *cipher.key_length_bits);
  if (sa.prf) text += fmt::format(", PRF: {}", traits(*sa.prf).shown);
  if (sa.integrity)
    text += fmt::format(", Hash: {}", *sa.integrity == Integrity::none ? "None" : traits(*sa.integrity).shown);
  if (sa.group) text += fmt::format(", DH Grp:{}", static_cast<int>(*sa.group));
  text += fmt::format(", Auth sign: {}, Auth verify: {}\n", sa.auth_sign.empty() ? "Unknown" : sa.auth_sign,
                      sa.auth_verify.empty() ? "Unknown" : sa.auth_verify);
  return text;
}

std::string message_ids(const SaView& sa) {
  const auto row = [](std::string_view left, auto a, std::string_view right, auto b) {
    return fmt::format("      {:<18} {:<14} {:<18} {:<10}\n", left, a, right, b);
  };
  return row("Local req msg id:", sa.local_request_id, "Remote req msg id:", sa.remote_request_id) +
         row("Local next msg id:", sa.local_next_id, "Remote next msg id:", sa.remote_next_id) +
         row("Local req queued:", sa.local_requests_queued, "Remote req queued:", sa.remote_next_id) +
         row("Local window:", sa.local_window, "Remote window:", sa.remote_window);
}

std::string natted(const SaView& sa) {
  if (sa.nat_local && sa.nat_remote) return "NAT-T is detected at both ends";
  if (sa.nat_local) return "NAT-T is detected inside";
  if (sa.nat_remote) return "NAT-T is detected outside";
  return "NAT-T is not detected";
}

std::string details(const SaView& sa) {
  std::string text = fmt::format("      CE id: 0, Session-id: {}\n      Local spi: {:016X}       Remote spi: {:016X}\n",
                                 sa.session_id, sa.local_spi, sa.remote_spi);
  text += fmt::format("      Status Description: {}\n", sa.status_description);
  text += fmt::format("      Local id: {}\n", sa.local_id ? sa.local_id->to_string() : "Unknown");
  text += fmt::format("      Remote id: {}\n", sa.remote_id ? sa.remote_id->to_string() : "Unknown");
  text += message_ids(sa);
  text += sa.dpd ? fmt::format("      DPD configured for {} seconds, retry {}\n", sa.dpd->interval_s, sa.dpd->retry_s)
                 : "      DPD configured for 0 seconds, retry 0\n";
  text += fmt::format("      {}  \n      Initiator of SA : {}\n", natted(sa), sa.initiator ? "Yes" : "No");
  for (const auto& child : sa.children)
    for (const auto& selector : child.remote_selectors)
      text += fmt::format("      Child sa: {}, remote selector {}, ESP spi in/out: 0x{:X}/0x{:X}\n", child.tunnel,
                          to_string(selector), child.inbound_spi, child.outbound_spi);
  return text;
}

std::string one_sa(const SaView& sa, bool detailed) {
  auto text = fmt::format("Tunnel-id {:<21} {:<21} {:<20} Status \n", "Local", "Remote", "fvrf/ivrf");
  text += fmt::format("{:<9} {:<21} {:<21} {:<20} {:<6} \n", sa.tunnel_id, address_and_port(sa.local),
                      address_and_port(sa.remote), "none/none", status_of(sa));
  text += algorithms(sa);
  text += fmt::format("      Life/Active Time: {}/{} sec\n", sa.lifetime_s, sa.active_s);
  if (detailed) text += details(sa);
  return text + "\n";
}

}  // namespace

// IOS prints both headers, whatever there is.
std::string show_ikev2_sa(const std::vector<SaView>& sas, bool detailed) {
  if (sas.empty()) return "\n";
  std::string v4 = " IPv4 Crypto IKEv2  SA \n\n", v6 = " IPv6 Crypto IKEv2  SA \n\n";
  for (const auto& sa : sas) (sa.local.address.is_v4() ? v4 : v6) += one_sa(sa, detailed);
  return v4 + v6;
}

void add_ikev2_shows(parser::ExecCommands& commands, const CryptoSources& sources) {
  const std::vector<std::string> help{"Show running system information", "Encryption module", "Shows ikev2 info",
                                      "Shows ikev2 SAs"};
  commands.add({.spec = "show crypto ikev2 sa", .help = help, .run = parser::text_command([sources](const Arguments&) {
                                                                return show_ikev2_sa(sources.sas(), false);
                                                              })});
  auto detailed = help;
  detailed.push_back("Detailed information");
  commands.add(
      {.spec = "show crypto ikev2 sa detailed",
       .help = detailed,
       .run = parser::text_command([sources](const Arguments&) { return show_ikev2_sa(sources.sas(), true); })});
  commands.add({.spec = "show crypto ikev2 stats",
                .help = {help[0], help[1], help[2], "Shows ikev2 sa stats"},
                .run = parser::text_command([sources](const Arguments&) {
                  return show_ikev2_stats(sources.statistics(), sources.sas(), limits_of(sources.configuration));
                })});
  commands.add({.spec = "clear crypto ikev2 sa [local <local:ipv4>|remote <remote:ipv4>]",
                .help = {"Reset functions", "Encryption subsystem", "Clear ikev2", "Clear ikev2 SAs",
                         "Clear ikev2 SAs with this local address", "IPv4 address",
                         "Clear ikev2 SAs with this remote address", "IPv4 address"},
                .privilege = 15,
                .run = parser::text_command([sources](const Arguments& a) {
                  ClearFilter filter;
                  if (a.has("local")) filter.local = net::Address::parse(a["local"]);
                  if (a.has("remote")) filter.remote = net::Address::parse(a["remote"]);
                  sources.clear(filter);
                  return std::string();
                })});
}

}  // namespace culvert::ike
