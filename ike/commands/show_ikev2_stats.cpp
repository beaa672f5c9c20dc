// `show crypto ikev2 stats`: the lines of IOS that have a meaning here, then what Culvert counts beside them.
#include <fmt/format.h>

#include <algorithm>

#include "ike/commands/show.h"

namespace culvert::ike {

namespace {

constexpr std::string_view rule = "--------------------------------------------------------------------------------\n";

std::string sa_counts(std::string_view direction, const std::vector<SaView>& sas, bool initiator) {
  const auto count = [&](auto wanted) {
    return std::ranges::count_if(sas, [&](const SaView& sa) { return sa.initiator == initiator && wanted(sa); });
  };
  return fmt::format("Total {} IKEv2 SA Count: {:<8} active: {:<8} negotiating: {:<6}\n", direction,
                     count([](const SaView&) { return true; }),
                     count([](const SaView& sa) { return sa.status == SaStatus::ready; }),
                     count([](const SaView& sa) { return sa.status == SaStatus::negotiating; }));
}

std::string requests(std::string_view direction, std::uint64_t all, std::uint64_t accepted, std::uint64_t rejected) {
  return fmt::format("{} IKEv2 Requests: {:<8} accepted: {:<8} rejected: {:<8}\n", direction, all, accepted, rejected);
}

std::string negotiations(const Statistics& s, const std::vector<SaView>& sas, const Limits& limits) {
  std::string text = fmt::format("System Resource Limit:   0        Max IKEv2 SAs: {:<8} Max in nego(in/out): {}/{}\n",
                                 limits.sas.value_or(0), limits.negotiating_in.value_or(EngineOptions{}.half_open_max),
                                 limits.negotiating_out.value_or(EngineOptions{}.negotiating_out_max));
  text += sa_counts("incoming", sas, false) + sa_counts("outgoing", sas, true);
  text += requests("Incoming", s.requests_in, s.accepted_in, s.rejected_in);
  text += requests("Outgoing", s.initiated, s.accepted_out, s.rejected_out);
  text += fmt::format("Rejected IKEv2 Requests: {:<8} rsrc low: {:<8} SA limit: {:<8}\n",
                      s.half_open_refused + s.sa_limit_refused, s.half_open_refused, s.sa_limit_refused);
  text += fmt::format("IKEv2 packets dropped at dispatch: {:<8}\n",
                      s.malformed + s.wrong_version + s.unknown_spi + s.wrong_state);
  text += fmt::format("Incoming IKEV2 Cookie Challenged Requests: {:<8}\n", s.cookies_demanded);
  text += fmt::format("    accepted: {:<8} rejected: {:<8} rejected no cookie: {:<8}\n", s.cookies_accepted,
                      s.cookies_bad, s.cookies_missing);
  return text;
}

}  // namespace

std::string show_ikev2_stats(const Statistics& s, const std::vector<SaView>& sas, const Limits& limits) {
  const auto row = [](std::string_view what, std::uint64_t count) { return fmt::format("  {:<48}{}\n", what, count); };
  std::string text = fmt::format("{}                          Crypto IKEv2 SA Statistics\n{}", rule, rule);
  text += negotiations(s, sas, limits);
  text += row("IKEv2 SAs established", s.established) + row("Negotiations failed", s.failed) +
          row("IKEv2 SAs rekeyed", s.ike_rekeys) + row("IPsec SA pairs rekeyed", s.child_rekeys) +
          row("Rekeys that crossed", s.rekey_collisions) + row("IPsec SA pairs installed", s.children_installed) +
          row("IPsec SA pairs removed", s.children_removed) + row("Datagrams received", s.datagrams_in) +
          row("Datagrams sent", s.datagrams_out) + row("NAT keepalives received", s.keepalives_in) +
          row("NAT keepalives sent", s.keepalives_out) + row("Requests retransmitted", s.retransmitted) +
          row("Responses repeated", s.repeated) + row("Dropped: malformed", s.malformed) +
          row("Dropped: wrong version", s.wrong_version) + row("Dropped: unknown SPI", s.unknown_spi) +
          row("Dropped: integrity check failed", s.not_authentic) + row("Dropped: wrong state", s.wrong_state) +
          row("Dropped: outside the window", s.outside_window) +
          row("Negotiations that gave way to newcomers", s.half_open_evicted) +
          row("Errors to strangers left unanswered", s.unanswered) +
          row("Unprotected notifications not believed", s.hints) + row("Log lines suppressed", s.events_suppressed);
  return text;
}

}  // namespace culvert::ike
