#include "ike/v2/informational.h"

#include <algorithm>
#include <vector>

#include "ike/v2/child.h"
#include "ike/v2/ending.h"
#include "ike/v2/ike_rekey.h"
#include "ike/v2/invalid_spi.h"
#include "ike/v2/speak.h"

namespace culvert::ike::v2 {
namespace {

using wire::ExchangeType;
using wire::NotifyType;

// Whether the peer says that the IKE SA itself is over.
bool ends_ike(std::span<const wire::Payload> payloads) {
  const auto deletes_ike = [](const wire::Payload& payload) {
    const auto* deleted = std::get_if<wire::Delete>(&payload);
    return deleted && deleted->protocol == wire::ProtocolId::ike;
  };
  return std::ranges::any_of(payloads, deletes_ike) || wire::find_notify(payloads, NotifyType::authentication_failed) ||
         wire::find_notify(payloads, NotifyType::invalid_syntax);
}

// The children whose inbound SPIs, as the peer counts, a Delete lists. Those that are deleted already are not found.
std::vector<const Child*> children_deleted(const Established& state, std::span<const wire::Payload> payloads) {
  std::vector<const Child*> found;
  for (const auto& payload : payloads) {
    const auto* deleted = std::get_if<wire::Delete>(&payload);
    if (!deleted || deleted->protocol != wire::ProtocolId::esp) continue;
    for (const auto& child : state.children)
      if (child.stage != ChildStage::draining &&
          std::ranges::find(deleted->spis, child.outbound_spi) != deleted->spis.end())
        found.push_back(&child);
  }
  return found;
}

// Whether the answer names our half: not if our own Delete of it is under way (§1.4.1). One that waits is not sent.
bool to_be_named(Established& state, const Child& child) {
  if (child.stage != ChildStage::deleting) return true;
  return std::erase(state.farewells, child.inbound.spi()) != 0;
}

// A Delete may overtake the answer that tells us of the child: see ChildRekey.
void note_unknown(Established& state, std::span<const wire::Payload> payloads) {
  constexpr std::size_t noted_max = 16;
  auto* own = std::get_if<ChildRekey>(&state.own);
  if (!own) return;
  for (const auto& payload : payloads) {
    const auto* deleted = std::get_if<wire::Delete>(&payload);
    if (!deleted || deleted->protocol != wire::ProtocolId::esp) continue;
    for (const auto spi : deleted->spis)
      if (std::ranges::find(state.children, spi, &Child::outbound_spi) == state.children.end() &&
          own->deleted_unknown.size() < noted_max)
        own->deleted_unknown.push_back(spi);
  }
}

// Removes them and names our halves in the answer (RFC 7296 §1.4.1).
wire::Payloads delete_children(Core& core, Sa& sa, std::span<const wire::Payload> payloads) {
  wire::Delete answer{.protocol = wire::ProtocolId::esp, .spis = {}};
  std::vector<ChildId> ids;
  note_unknown(*sa.established(), payloads);
  for (const auto* child : children_deleted(*sa.established(), payloads)) {
    if (std::ranges::find(ids, child->id) != ids.end()) continue;
    ids.push_back(child->id);
    if (to_be_named(*sa.established(), *child)) answer.spis.push_back(child->inbound.spi());
  }
  for (const auto id : ids) on_deleted_by_peer(core, sa, id);
  if (answer.spis.empty()) return {};
  return {std::move(answer)};
}

}  // namespace

void on_informational(Core& core, Sa& sa, std::span<const wire::Payload> payloads, const Path& path) {
  if (ends_ike(payloads)) {
    yield_to_rival(core, sa);
    send_response(core, sa, ExchangeType::informational, {}, path);
    return linger(core, sa, "the peer closed it");
  }
  if (sa.established() && sa.established()->heir_of) claim_inheritance(core, sa);
  wire::Payloads answer;
  if (sa.established()) answer = delete_children(core, sa, payloads);
  if (sa.established()) on_invalid_spi_notifies(core, sa, payloads);
  send_response(core, sa, ExchangeType::informational, answer, path);
}

}  // namespace culvert::ike::v2
