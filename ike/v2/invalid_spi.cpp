#include "ike/v2/invalid_spi.h"

#include <algorithm>
#include <vector>

#include "ike/v2/child.h"
#include "ike/v2/dpd.h"
#include "ike/v2/speak.h"
#include "ike/v2/tunnels.h"
#include "net/bytes.h"

namespace culvert::ike::v2 {
namespace {

constexpr auto told_interval = std::chrono::seconds(10);

bool due(net::Time& last, net::Time now) {
  if (last != net::Time{} && now - last < told_interval) return false;
  last = now;
  return true;
}

bool connects(const Path& path, const net::Address& local, const net::Address& remote) {
  return path.local.address == local && path.remote.address == remote;
}

void tell(Core& core, Sa& sa, std::uint32_t spi) {
  auto& state = *sa.established();
  if (!sa.requests.free() || !sa.requests.has_ids_left() || !due(state.invalid_spi_told, core.now)) return;
  auto why = notify(wire::NotifyType::invalid_spi);
  net::Writer(why.data).u32(spi);
  const wire::Payload payload = std::move(why);
  core.touch(sa);
  send_probe(core, sa, {&payload, 1});
}

// An attempt that waits for its time is made now. One that is under way, or a tunnel that carries, is left alone.
void hurry(Core& core, const std::string& name, TunnelRun& run) {
  if (run.attempt || carried(core, name) || !due(run.hurried, core.now)) return;
  core.tunnel_schedule.set(name, core.now);
}

}  // namespace

void on_invalid_spi(Core& core, const net::Address& local, const net::Address& remote, std::uint32_t spi) {
  ++core.statistics.invalid_spis;
  bool known = false;
  for (const auto& [_, sa] : core.sas) {
    const auto* state = sa->established();
    if (!state || state->replaced || !connects(sa->path, local, remote)) continue;
    known = true;
    tell(core, *sa, spi);
  }
  if (known) return;
  for (auto& [name, run] : core.tunnels) {
    const auto tunnel = core.configuration.tunnels.find(name);
    if (tunnel == core.configuration.tunnels.end()) continue;
    if (tunnel->second.local == local && tunnel->second.remote == remote) hurry(core, name, run);
  }
}

void on_invalid_spi_notifies(Core& core, Sa& sa, std::span<const wire::Payload> payloads) {
  std::vector<ChildId> unknown;
  for (const auto& payload : payloads) {
    const auto* told = std::get_if<wire::Notify>(&payload);
    if (!told || told->type != wire::NotifyType::invalid_spi) continue;
    const auto spi = net::Reader(told->data).u32();
    for (const auto& child : sa.established()->children)
      if (spi && child.outbound_spi == *spi && child.stage == ChildStage::live) unknown.push_back(child.id);
  }
  for (const auto id : unknown) close_child(core, sa, id, "the peer does not know it");
}

}  // namespace culvert::ike::v2
