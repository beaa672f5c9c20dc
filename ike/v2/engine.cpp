#include "ike/engine.h"

#include <algorithm>
#include <utility>

#include "ike/plan.h"
#include "ike/v2/child.h"
#include "ike/v2/core.h"
#include "ike/v2/create_child.h"
#include "ike/v2/dpd.h"
#include "ike/v2/ending.h"
#include "ike/v2/init.h"
#include "ike/v2/invalid_spi.h"
#include "ike/v2/keepalive.h"
#include "ike/v2/receive.h"
#include "ike/v2/show.h"
#include "ike/v2/speak.h"
#include "ike/v2/tunnels.h"
#include "ike/v2/wants.h"

namespace culvert::ike {
namespace v2 {
namespace {

void on_half_open_due(Core& core, Sa& sa) {
  if (std::holds_alternative<Closing>(sa.state)) {
    sa.state = Gone{};
  } else {
    abort(core, sa, "the peer did not go on to IKE_AUTH");
  }
}

// Each due timer in turn; any of them may end the SA, and then the rest is silent.
void on_sa_due(Core& core, Sa& sa) {
  core.touch(sa);
  const auto due = [&](Timer timer) { return !sa.gone() && sa.timers.fired(timer, core.now); };
  if (due(Timer::half_open)) on_half_open_due(core, sa);
  if (due(Timer::lifetime)) close(core, sa, "lifetime reached");
  if (due(Timer::rekey) && sa.established()) sa.established()->rekey_due = true;
  if (due(Timer::child)) on_child_due(core, sa);
  if (due(Timer::retransmit)) on_retransmit_due(core, sa);
  if (due(Timer::dpd)) on_dpd_due(core, sa);
  if (due(Timer::keepalive)) on_keepalive_due(core, sa);
  begin_what_is_due(core, sa);
}

bool is_being_rekeyed(const Established& state, ChildId id) {
  const auto* own = std::get_if<ChildRekey>(&state.own);
  return own && own->old == id;
}

// Marks what is to be rekeyed on this SA, and says how many.
std::size_t mark_for_rekey(Established& state, RekeyOf what) {
  if (state.replaced || state.heir_of || !state.doomed.empty() || state.children.empty()) return 0;
  if (what == RekeyOf::ike_sas)
    return std::holds_alternative<IkeRekey>(state.own) || std::exchange(state.rekey_due, true) ? 0 : 1;
  std::size_t marked = 0;
  for (auto& child : state.children)
    if (child.stage == ChildStage::live && !is_being_rekeyed(state, child.id))
      marked += !std::exchange(child.rekey_due, true);
  return marked;
}

bool selected(const Sa& sa, const ClearFilter& filter) {
  return (!filter.tunnel_id || *filter.tunnel_id == sa.tunnel_id) &&
         (!filter.local || *filter.local == sa.path.local.address) &&
         (!filter.remote || *filter.remote == sa.path.remote.address);
}

}  // namespace
}  // namespace v2

using v2::Core;

namespace {

std::string_view text_of(Expiry cause) {
  switch (cause) {
    case Expiry::kilobytes_end: return "volume reached";
    case Expiry::sequence_number: return "sequence numbers used up";
    case Expiry::not_installed: return "the dataplane cannot take it";
    case Expiry::kilobytes: break;
  }
  return "rekeyed";
}

// Sets the time of a call, which never runs backwards, and settles accounts at its end.
class Call {
 public:
  Call(Core& core, net::Time now) : core_(core) { core_.now = std::max(core_.now, now); }
  ~Call() { core_.settle(); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

 private:
  Core& core_;
};

}  // namespace

Answer perform(const Ask& ask, const crypto::KeyExchange& exchange) {
  if (const auto* generate = std::get_if<GenerateKey>(&ask.work)) {
    auto made = exchange.generate(generate->group);
    return made ? Answer(std::move(*made)) : Answer(AskFailed{});
  }
  const auto& derive = std::get<DeriveSecret>(ask.work);
  auto secret = exchange.derive(derive.own, derive.peer_public);
  return secret ? Answer(std::move(*secret)) : Answer(AskFailed{});
}

Engine::Engine(net::Random& random, EngineOptions options) : core_(std::make_unique<Core>(random, options)) {}
Engine::~Engine() = default;

void Engine::receive(net::Time now, const Path& path, net::View datagram) {
  const Call call(*core_, now);
  v2::receive(*core_, path, datagram);
}

void Engine::timeout(net::Time now) {
  const Call call(*core_, now);
  while (const auto spi = core_->sa_schedule.pop(core_->now))
    if (auto* sa = core_->find(*spi)) v2::on_sa_due(*core_, *sa);
  while (const auto name = core_->tunnel_schedule.pop(core_->now)) v2::on_tunnel_due(*core_, *name);
}

void Engine::configure(net::Time now, Configuration configuration) {
  const Call call(*core_, now);
  const auto changes = plan(core_->configuration, configuration);
  core_->configuration = std::move(configuration);
  for (const auto& change : changes) v2::apply(*core_, change);
}

void Engine::answer(net::Time now, AskId id, Answer answer) {
  const Call call(*core_, now);
  const auto asked = core_->asks.find(id);
  if (asked == core_->asks.end()) return;
  auto* sa = core_->find(asked->second);
  core_->asks.erase(asked);
  if (!sa) return;
  const bool for_peer = sa->asked_for_peer == id;
  (for_peer ? sa->asked_for_peer : sa->asked).reset();
  core_->step(*sa, std::holds_alternative<AskFailed>(answer) ? "[Crypto Engine -> IKEv2] DH key Computation FAILED"
                                                             : "[Crypto Engine -> IKEv2] DH key Computation PASSED");
  if (!sa->established()) return v2::on_answer(*core_, *sa, std::move(answer));
  v2::on_rekey_answer(*core_, *sa, for_peer, std::move(answer));
}

void Engine::traffic(net::Time now, ChildId child, bool received, bool sent) {
  const Call call(*core_, now);
  const auto owner = core_->owner_of_child.find(child);
  auto* sa = owner == core_->owner_of_child.end() ? nullptr : core_->find(owner->second);
  if (!sa || !sa->established()) return;
  if (received) v2::on_sign_of_life(*core_, *sa);
  auto& used = *v2::find_child(*sa, child);
  used.used = core_->now;
  if (received && used.stage == v2::ChildStage::live) v2::send_on(*core_, used);
  v2::begin_what_is_due(*core_, *sa);
  if (sent && !received) sa->established()->sent_since_heard = true;
}

void Engine::came_from(net::Time now, ChildId child, const net::Endpoint& remote) {
  const Call call(*core_, now);
  const auto owner = core_->owner_of_child.find(child);
  auto* sa = owner == core_->owner_of_child.end() ? nullptr : core_->find(owner->second);
  if (sa && sa->established() && v2::find_child(*sa, child)->encapsulated)
    v2::follow(*core_, *sa, {sa->path.local, remote});
}

void Engine::want(net::Time now, std::string_view tunnel, const SelectorPair& packet) {
  const Call call(*core_, now);
  v2::want(*core_, tunnel, packet);
}

void Engine::expire(net::Time now, ChildId child, Expiry cause) {
  const Call call(*core_, now);
  const auto owner = core_->owner_of_child.find(child);
  auto* sa = owner == core_->owner_of_child.end() ? nullptr : core_->find(owner->second);
  if (!sa || !sa->established()) return;
  auto& expired = *v2::find_child(*sa, child);
  if (cause == Expiry::kilobytes) {
    expired.rekey_due = expired.stage == v2::ChildStage::live;
    return v2::begin_what_is_due(*core_, *sa);
  }
  if (expired.stage == v2::ChildStage::live || expired.stage == v2::ChildStage::replaced)
    v2::close_child(*core_, *sa, child, text_of(cause));
}

void Engine::invalid_spi(net::Time now, const net::Address& local, const net::Address& remote, std::uint32_t spi) {
  const Call call(*core_, now);
  v2::on_invalid_spi(*core_, local, remote, spi);
}

std::size_t Engine::clear(net::Time now, const ClearFilter& filter) {
  const Call call(*core_, now);
  std::size_t closed = 0;
  for (const auto& [spi, sa] : core_->sas) {
    if (sa->gone() || std::holds_alternative<v2::Closing>(sa->state) || !v2::selected(*sa, filter)) continue;
    v2::close(*core_, *sa, "cleared by operator");
    ++closed;
  }
  return closed;
}

std::size_t Engine::rekey(net::Time now, RekeyOf what, const ClearFilter& filter) {
  const Call call(*core_, now);
  std::size_t marked = 0;
  for (const auto& [spi, sa] : core_->sas) {
    auto* state = v2::selected(*sa, filter) ? sa->established() : nullptr;
    if (!state) continue;
    marked += v2::mark_for_rekey(*state, what);
    v2::begin_what_is_due(*core_, *sa);
  }
  return marked;
}

std::optional<Output> Engine::poll() {
  if (core_->outputs.empty()) return std::nullopt;
  auto output = std::move(core_->outputs.front());
  core_->outputs.pop_front();
  return output;
}

std::optional<net::Time> Engine::deadline() const {
  const auto sa = core_->sa_schedule.next();
  const auto tunnel = core_->tunnel_schedule.next();
  if (!sa && !tunnel) return std::nullopt;
  const auto soonest = std::min(sa.value_or(net::Time::max()), tunnel.value_or(net::Time::max()));
  return std::max(soonest, core_->now);
}

std::vector<SaView> Engine::show(net::Time now) const { return v2::show(*core_, std::max(now, core_->now)); }

void Engine::set_trace(Trace* trace) { core_->trace = trace; }

const Statistics& Engine::statistics() const {
  core_->statistics.sas = core_->sas.size();
  core_->statistics.child_spis = core_->child_spis->size();
  core_->statistics.asks = core_->asks.size();
  return core_->statistics;
}

}  // namespace culvert::ike
