#include "ike/v2/core.h"

#include <cassert>

namespace culvert::ike::v2 {
namespace {

// What a stranger, or a tunnel that cannot be built, can cause any number of times.
bool limited(EventKind kind) {
  switch (kind) {
    case EventKind::sa_up:
    case EventKind::sa_down:
    case EventKind::child_up:
    case EventKind::child_down:
    case EventKind::rekeyed:
    case EventKind::dpd_dead: return false;
    default: return true;
  }
}

}  // namespace

Core::Core(net::Random& randomness, EngineOptions engine_options)
    : random(randomness), options(engine_options), unprotected_replies(20, std::chrono::milliseconds(100)) {}

Spi Core::draw_spi() {
  Spi spi = 0;
  while (spi == 0 || sas.contains(spi)) spi = random.u64();
  return spi;
}

Sa& Core::create(bool initiator, const Path& path, std::optional<Spi> drawn) {
  const auto spi = drawn ? *drawn : draw_spi();
  assert(!sas.contains(spi));
  auto& sa = *(sas[spi] = std::make_unique<Sa>());
  sa.local_spi = spi;
  sa.initiator = initiator;
  place(sa, path);
  sa.tunnel_id = free_tunnel_id();
  tunnel_ids_.insert(sa.tunnel_id);
  sa.session_id = ++last_session_;
  sa.order = next_order();
  touch(sa);
  return sa;
}

Sa* Core::find(Spi local_spi) {
  const auto found = sas.find(local_spi);
  return found == sas.end() || found->second->gone() ? nullptr : found->second.get();
}

std::vector<Sa*> Core::sas_with(const net::Address& remote) const {
  std::vector<Sa*> found;
  const auto of_peer = sas_of_peer_.find(remote);
  if (of_peer == sas_of_peer_.end()) return found;
  for (const auto spi : of_peer->second)
    if (auto* sa = sas.at(spi).get(); !sa->gone()) found.push_back(sa);
  return found;
}

void Core::place(Sa& sa, const Path& path) {
  displace(sa);
  sa.path = path;
  sas_of_peer_[path.remote.address].insert(sa.local_spi);
}

void Core::displace(const Sa& sa) {
  const auto of_peer = sas_of_peer_.find(sa.path.remote.address);
  if (of_peer == sas_of_peer_.end()) return;
  of_peer->second.erase(sa.local_spi);
  if (of_peer->second.empty()) sas_of_peer_.erase(of_peer);
}

void Core::serve(Sa& sa, const std::string& tunnel) {
  stop_serving(sa);
  sa.tunnel = tunnel;
  if (!tunnel.empty()) sas_of_tunnel[tunnel].insert(sa.local_spi);
}

std::uint32_t Core::free_tunnel_id() const {
  std::uint32_t id = 1;
  for (const auto taken : tunnel_ids_) {
    if (taken != id) break;
    ++id;
  }
  return id;
}

void Core::settle() {
  for (std::size_t i = 0; i < touched_.size(); ++i) {
    const auto found = sas.find(touched_[i]);
    if (found == sas.end()) continue;
    count_negotiations(*found->second);
    if (found->second->gone()) {
      erase(found->first);
    } else {
      expect(*found->second);
      sa_schedule.set(found->first, found->second->timers.next());
    }
  }
  touched_.clear();
}

void Core::expect(Sa& sa) {
  if (const bool half = sa.half_open(); sa.expected_half_open != half) {
    sa.expected_half_open = half;
    outputs.emplace_back(ExpectIke{sa.local_spi, half});
  }
}

void Core::count_negotiations(Sa& sa) {
  if (const bool half = sa.half_open(); half != sa.counted_half_open) {
    sa.counted_half_open = half;
    if (half) {
      half_open.emplace(sa.order, sa.local_spi);
    } else {
      half_open.erase(sa.order);
    }
    statistics.half_open = half_open.size();
  }
  if (const bool out = sa.negotiating_out(); out != sa.counted_out) {
    sa.counted_out = out;
    out ? ++statistics.negotiating_out : --statistics.negotiating_out;
  }
}

void Core::stop_serving(const Sa& sa) {
  const auto served = sas_of_tunnel.find(sa.tunnel);
  if (served == sas_of_tunnel.end()) return;
  served->second.erase(sa.local_spi);
  if (served->second.empty()) sas_of_tunnel.erase(served);
}

void Core::erase(Spi spi) {
  const auto& sa = *sas.at(spi);
  if (sa.expected_half_open) outputs.emplace_back(ForgetIke{spi});
  tunnel_ids_.erase(sa.tunnel_id);
  stop_serving(sa);
  displace(sa);
  sa_schedule.set(spi, std::nullopt);
  for (const auto& asked : {sa.asked, sa.asked_for_peer})
    if (asked) asks.erase(*asked);
  if (sa.init_key) initiated_by_peers.erase(*sa.init_key);
  sas.erase(spi);
}

void Core::ask(Sa& sa, std::optional<AskId>& slot, std::variant<GenerateKey, DeriveSecret> work) {
  assert(!slot);
  step(sa, std::holds_alternative<GenerateKey>(work) ? "[IKEv2 -> Crypto Engine] Computing DH public key"
                                                     : "[IKEv2 -> Crypto Engine] Computing DH secret key");
  slot = ++last_ask_;
  asks.emplace(*slot, sa.local_spi);
  outputs.emplace_back(Ask{*slot, std::move(work)});
}

void Core::forget(std::optional<AskId>& asked) {
  if (asked) asks.erase(*asked);
  asked.reset();
}

void Core::transmit(const Path& path, net::View message) {
  net::Bytes datagram(path.local.port == nat_port ? 4u : 0u);
  datagram.insert(datagram.end(), message.begin(), message.end());
  ++statistics.datagrams_out;
  outputs.emplace_back(Transmit{path, std::move(datagram)});
}

void Core::event(EventKind kind, const Sa& sa, std::string text) {
  if (trace) trace->happened(traced(&sa), kind, text);
  emit(Event{.kind = kind,
             .local = sa.path.local,
             .peer = sa.path.remote,
             .tunnel = sa.tunnel,
             .local_spi = sa.local_spi,
             .remote_spi = sa.remote_spi,
             .initiator = sa.initiator,
             .text = std::move(text)});
}

void Core::event(EventKind kind, const Path& path, std::string text, std::string tunnel) {
  if (trace) trace->happened({}, kind, text);
  emit(Event{
      .kind = kind, .local = path.local, .peer = path.remote, .tunnel = std::move(tunnel), .text = std::move(text)});
}

void Core::emit(Event event) {
  if (limited(event.kind)) {
    auto& limit = event_limits_.try_emplace(event.kind, 10, std::chrono::seconds(6)).first->second;
    if (!limit.allow(now)) {
      ++statistics.events_suppressed;
      return;
    }
  }
  outputs.emplace_back(std::move(event));
}

}  // namespace culvert::ike::v2
