#include "ike/v2/rekey_parts.h"

#include "ike/v2/ending.h"
#include "ike/v2/tunnels.h"

namespace culvert::ike::v2 {
namespace {

constexpr std::size_t nonce_octets = 32;
constexpr auto refused_max = std::chrono::minutes(3);
constexpr auto handshake_max = std::chrono::minutes(1);
constexpr auto late_max = std::chrono::seconds(10);

}  // namespace

void refuse(Core& core, Sa& sa, wire::Notify why, const Path& path) {
  const wire::Payload payload = std::move(why);
  send_response(core, sa, wire::ExchangeType::create_child_sa, {&payload, 1}, path);
}

wire::Notify wrong_group(Group wanted) {
  net::Bytes data;
  net::Writer(data).u16(static_cast<std::uint16_t>(wanted));
  return notify(wire::NotifyType::invalid_ke_payload, std::move(data));
}

const wire::Notify* error_in(std::span<const wire::Payload> payloads) {
  for (const auto& payload : payloads)
    if (const auto* found = std::get_if<wire::Notify>(&payload); found && wire::is_error(found->type)) return found;
  return nullptr;
}

bool fits(const wire::KeyExchange* ke, Group group) {
  return ke && ke->group == static_cast<std::uint16_t>(group) && ke->value.size() == traits(group).public_octets;
}

net::Bytes new_nonce(Core& core) { return core.random.bytes(nonce_octets); }

void replace_if_late(Core& core, const std::string& tunnel, net::Duration left, std::uint32_t lifetime_s) {
  const net::Duration whole = std::chrono::seconds(lifetime_s);
  if (left < std::min<net::Duration>(whole / 16, late_max)) begin_beside(core, tunnel);
}

bool out_of_step(Core& core, Sa& sa) {
  auto& since = sa.established()->refused_since;
  if (!since) since = core.now;
  if (core.now - *since >= refused_max) begin_beside(core, sa.tunnel);
  if (core.now - *since < refused_max + handshake_max) return false;
  close(core, sa, "the peer put off every rekey");
  return true;
}

}  // namespace culvert::ike::v2
