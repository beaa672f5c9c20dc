#include "ike/v2/show.h"

#include <algorithm>

#include "net/overloaded.h"

namespace culvert::ike::v2 {
namespace {

ChildView view(const Sa& sa, const Child& child, net::Time now) {
  const std::uint16_t local_port = child.encapsulated ? child.path.local.port : std::uint16_t{0};
  const std::uint16_t remote_port = child.encapsulated ? child.path.remote.port : std::uint16_t{0};
  return {.id = child.id,
          .tunnel_id = sa.tunnel_id,
          .tunnel = child.tunnel,
          .local = {child.path.local.address, local_port},
          .remote = {child.path.remote.address, remote_port},
          .inbound_spi = child.inbound.spi(),
          .outbound_spi = child.outbound_spi,
          .encryption = child.suite.encryption,
          .integrity = child.suite.integrity,
          .pfs = child.suite.group,
          .local_selectors = child.local_selectors,
          .remote_selectors = child.remote_selectors,
          .lifetime_s = child.lifetime_s,
          .lifetime_kb = child.lifetime_kb,
          .extended_sequence_numbers = child.suite.sequence_numbers == SequenceNumbers::extended_64,
          .replay_window_packets = child.replay_window_packets,
          .active_s = net::whole_seconds(now - child.installed),
          .left_s = std::max<std::int64_t>(0, net::whole_seconds(child.expires - now)),
          .initiator = child.initiator};
}

std::string describe(const State& state) {
  return std::visit(net::overloaded{[](const InitiatorMakingKey&) { return "Initiator making its key"; },
                                    [](const AwaitingInit&) { return "Initiator waiting for INIT response"; },
                                    [](const InitiatorDeriving&) { return "Initiator deriving keys"; },
                                    [](const AwaitingAuth&) { return "Initiator waiting for AUTH response"; },
                                    [](const ResponderMakingKey&) { return "Responder making its key"; },
                                    [](const HalfOpen&) { return "Responder waiting for AUTH message"; },
                                    [](const ResponderDeriving&) { return "Responder deriving keys"; },
                                    [](const Authenticating&) { return "Responder waiting for AUTH message"; },
                                    [](const Established&) { return "Negotiation done"; },
                                    [](const Closing&) { return "Deleting"; }, [](const Gone&) { return "Deleted"; }},
                    state);
}

std::optional<IkeSuite> suite_of(const State& state) {
  return std::visit(
      [](const auto& s) -> std::optional<IkeSuite> {
        if constexpr (requires { s.channel; }) return s.channel.suite;
        if constexpr (requires { s.exchanged; }) return s.exchanged.suite;
        return std::nullopt;
      },
      state);
}

SaStatus status_of(const Sa& sa) {
  if (const auto* state = sa.established()) {
    if (state->replaced || !state->doomed.empty()) return SaStatus::deleting;
    return state->heir_of ? SaStatus::negotiating : SaStatus::ready;
  }
  return std::holds_alternative<Closing>(sa.state) ? SaStatus::deleting : SaStatus::negotiating;
}

void add_established(SaView& out, const Sa& sa, const Established& state, net::Time now) {
  out.auth_sign = out.auth_verify = "PSK";
  out.lifetime_s = state.lifetime_s;
  out.active_s = net::whole_seconds(now - state.since);
  out.local_id = state.local_id;
  out.remote_id = state.remote_id;
  out.profile = state.profile;
  out.dpd = state.dpd;
  out.local_requests_queued = static_cast<std::uint32_t>(!state.farewells.empty());
  for (const auto& child : state.children) out.children.push_back(view(sa, child, now));
}

SaView view(const Sa& sa, net::Time now) {
  SaView out{.tunnel_id = sa.tunnel_id,
             .session_id = sa.session_id,
             .local = sa.path.local,
             .remote = sa.path.remote,
             .status = status_of(sa),
             .status_description = describe(sa.state),
             .local_spi = sa.local_spi,
             .remote_spi = sa.remote_spi,
             .tunnel = sa.tunnel,
             .local_request_id = sa.requests.next() == 0 ? 0 : sa.requests.next() - 1,
             .local_next_id = sa.requests.next(),
             .remote_request_id = sa.responses.due() == 0 ? 0 : sa.responses.due() - 1,
             .remote_next_id = sa.responses.due(),
             .nat_local = sa.nat.local,
             .nat_remote = sa.nat.remote,
             .initiator = sa.initiator};
  if (const auto suite = suite_of(sa.state)) {
    out.encryption = suite->encryption;
    out.integrity = suite->integrity;
    out.prf = suite->prf;
    out.group = suite->group;
  }
  if (const auto* state = sa.established()) add_established(out, sa, *state, now);
  return out;
}

// The peer has closed it, and nothing is left but to repeat our last response should it ask again.
bool only_echoes(const Sa& sa) {
  const auto* closing = std::get_if<Closing>(&sa.state);
  return closing && closing->owed == Farewell::none && sa.requests.free();
}

}  // namespace

std::vector<SaView> show(const Core& core, net::Time now) {
  std::vector<SaView> rows;
  for (const auto& [spi, sa] : core.sas)
    if (!sa->gone() && !only_echoes(*sa)) rows.push_back(view(*sa, now));
  std::ranges::sort(rows, {}, &SaView::tunnel_id);
  return rows;
}

}  // namespace culvert::ike::v2
