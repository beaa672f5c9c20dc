#include "tests/world/world.h"

#include <algorithm>

#include <fmt/core.h>

#include "net/overloaded.h"
#include "tests/world/configurations.h"

namespace culvert::testing {

using namespace ike;

namespace {

bool same(const crypto::DirectionKeys& a, const crypto::DirectionKeys& b) {
  return a.encryption == b.encryption && a.integrity == b.integrity;
}

}  // namespace

// ---- World

World::World(Options options)
    : network(options.seed ^ 0x6e6574), ask_delay_max(options.ask_delay_max), random_(options.seed) {
  network.link = options.link;
}

Node& World::add(std::string name, std::string_view where) {
  nodes_.push_back(std::make_unique<Node>(*this, std::move(name), testing::address(where), random_.u64()));
  return *nodes_.back();
}

std::pair<Node&, Node&> World::pair(std::string_view left, std::string_view right) {
  auto& a = add("hq", left);
  auto& b = add("branch", right);
  a.configuration = site();
  b.configuration = site();
  add_tunnel(a.configuration, "Tunnel1", left, right, "secret");
  add_tunnel(b.configuration, "Tunnel1", right, left, "secret");
  return {a, b};
}

Node* World::at(const net::Address& address) {
  for (auto& node : nodes_)
    if (node->address == address) return node.get();
  return nullptr;
}

bool World::step(net::Time end) {
  auto due = network.next();
  for (const auto& node : nodes_)
    if (const auto next = node->next(); next && (!due || *next < *due)) due = next;
  if (!due || *due > end) {
    now = std::max(now, end);
    return false;
  }
  now = std::max(now, *due);
  while (const auto datagram = network.arrive(now))
    if (auto* node = at(datagram->to.address)) node->receive(*datagram);
  for (auto& node : nodes_) node->work();
  for (auto& node : nodes_) node->check_lifetimes();
  if (++steps_ % 16 == 0)
    for (auto& node : nodes_) node->check_ike_lifetimes();
  if (make_before_break) check_sending();
  return broken.empty();
}

void World::advance(net::Duration duration) {
  const auto end = now + duration;
  while (step(end)) {
  }
}

bool World::run_until(const std::function<bool()>& condition, net::Duration limit) {
  const auto end = now + limit;
  while (!condition())
    if (!step(end)) return broken.empty() && condition();
  return true;
}

void World::inject(const net::Endpoint& from, const net::Endpoint& to, net::Bytes bytes) {
  if (auto* node = at(to.address)) node->receive({from, to, std::move(bytes)});
}

void World::fail(std::string what) {
  if (broken.empty()) broken = std::move(what);
}

bool World::joined(const Node& a, const Node& b, std::string_view tunnel_a, std::string_view tunnel_b) {
  const auto of = [](const Node& node, std::string_view tunnel) {
    return std::ranges::count(node.installed, tunnel, &InstallSa::tunnel);
  };
  const auto* left = a.sending(tunnel_a);
  const auto* right = b.sending(tunnel_b);
  return left && right && of(a, tunnel_a) == 1 && of(b, tunnel_b) == 1 && left->inbound_spi == right->outbound_spi &&
         left->outbound_spi == right->inbound_spi;
}

void World::check_wakes(const Node& node) {
  const auto elapsed_s = static_cast<std::size_t>(net::whole_seconds(now - began_));
  if (node.idle_wakes_ > 20 + elapsed_s) fail(fmt::format("{} is woken for nothing", node.name));
}

namespace {

net::View without_marker(net::View datagram, std::uint16_t port) {
  return port == 4500 ? datagram.subspan(std::min<std::size_t>(4, datagram.size())) : datagram;
}

}  // namespace

wire::Payloads World::read(const Datagram& datagram) const {
  const bool marked = datagram.to.port == 4500 || datagram.from.port == 4500;
  return ledger_.read(without_marker(datagram.bytes, marked ? 4500 : 500));
}

std::string World::leftovers() const {
  for (const auto& node : nodes_) {
    const auto& left = node->engine().statistics();
    if (!node->installed.empty() || !node->engine().show(now).empty()) return "SAs outlive their tunnel";
    if (left.sas + left.half_open != 0) return "an IKE SA is leaked";
    if (left.child_spis != 0) return "an SPI is leaked";
    if (left.asks != 0) return "a question is leaked";
    if (node->engine().deadline()) return "a timer dangles";
  }
  return {};
}

void World::check_sending() {
  for (const auto& node : nodes_) {
    const auto* sending = node->sending("Tunnel1");
    if (!sending) return fail(fmt::format("{} has nothing to send on", node->name));
    const auto holds = [&](const auto& other) {
      return other != node && std::ranges::find(other->installed, sending->outbound_spi, &InstallSa::inbound_spi) !=
                                  other->installed.end();
    };
    if (std::ranges::none_of(nodes_, holds)) fail(fmt::format("{} sends on what its peer does not hold", node->name));
  }
}

void World::check_pair(const Node& node, const InstallSa& install) {
  const auto key = std::minmax(install.inbound_spi, install.outbound_spi);
  const auto [found, first] = history_.try_emplace({key.first, key.second}, &node, install);
  if (first) return;
  const auto& [other, twin] = found->second;
  const bool mirrored = same(twin.inbound, install.outbound) && same(twin.outbound, install.inbound) &&
                        twin.local_selectors == install.remote_selectors &&
                        twin.remote_selectors == install.local_selectors && twin.encryption == install.encryption &&
                        twin.integrity == install.integrity && twin.initiator != install.initiator &&
                        twin.udp.has_value() == install.udp.has_value();
  if (!mirrored) fail(fmt::format("{} and {} do not agree on a pair of SAs", node.name, other->name));
}

// ---- Node

Node::Node(World& world, std::string node_name, net::Address node_address, std::uint64_t seed)
    : name(std::move(node_name)), address(node_address), world_(world), random_(seed), exchange_(seed + 1) {
  begin_life();
}

void Node::begin_life() {
  ++lives_;
  options.observer = this;
  engine_ = std::make_unique<Engine>(random_, options);
}

void Node::derived(const ExportedKeys& keys) {
  if (also_observes) also_observes->derived(keys);
  if (auto wrong = world_.ledger_.derived(fmt::format("{} {}", name, lives_), keys); !wrong.empty())
    world_.fail(std::move(wrong));
}

net::Time Node::now() const { return world_.now; }

void Node::configure(Configuration next) {
  configuration = std::move(next);
  for (const auto& [keyring_name, keyring] : configuration.keyrings)
    for (const auto& peer : keyring.peers)
      if (!ever_signed_with(peer.local_key)) signing_keys_.push_back(peer.local_key);
  engine_->configure(now(), configuration);
  drain();
}

void Node::configure(const std::function<void(Configuration&)>& change) {
  auto next = configuration;
  change(next);
  configure(std::move(next));
}

void Node::restart() {
  loses_power = false;
  asks_.clear();
  installed.clear();
  ends_.clear();
  begin_life();
  seen_.clear();
  stopped_.clear();
  configure(Configuration(configuration));
}

const InstallSa* Node::sending(std::string_view tunnel) const {
  for (auto it = installed.rbegin(); it != installed.rend(); ++it)
    if (it->tunnel == tunnel && !it->receive_only) return &*it;
  return nullptr;
}

bool Node::heard_of(EventKind kind, std::string_view text) const {
  return std::ranges::any_of(
      events, [&](const Event& event) { return event.kind == kind && event.text.find(text) != std::string::npos; });
}

std::size_t Node::count(EventKind kind) const {
  return static_cast<std::size_t>(std::ranges::count(events, kind, &Event::kind));
}

std::size_t Node::ready_sas() const {
  const auto rows = engine_->show(now());
  return static_cast<std::size_t>(std::ranges::count(rows, SaStatus::ready, &SaView::status));
}

bool Node::ever_signed_with(const net::Secret& key) const {
  return std::ranges::find(signing_keys_, key) != signing_keys_.end();
}

std::optional<net::Time> Node::next() const {
  if (loses_power) return std::nullopt;
  auto due = engine_->deadline();
  for (const auto& pending : asks_)
    if (!due || pending.due < *due) due = pending.due;
  return due;
}

void Node::work() {
  if (loses_power) return;
  for (std::size_t i = 0; i < asks_.size();) {
    if (asks_[i].due > now()) {
      ++i;
      continue;
    }
    const auto pending = std::move(asks_[i]);
    asks_.erase(asks_.begin() + static_cast<std::ptrdiff_t>(i));
    engine_->answer(now(), pending.ask.id, perform(pending.ask, exchange_));
    drain();
  }
  const auto deadline = engine_->deadline();
  if (!deadline || *deadline > now()) return;
  const auto before = std::pair(outputs_, engine_->statistics().sas);
  engine_->timeout(now());
  drain();
  idle_wakes_ += before == std::pair(outputs_, engine_->statistics().sas);
  world_.check_wakes(*this);
  if (const auto again = engine_->deadline(); again && *again <= now() && asks_.empty())
    world_.fail(fmt::format("{}: a timer in the past", name));
}

void Node::receive(const Datagram& datagram) {
  if (loses_power) return;
  engine_->receive(now(), Path{datagram.to, datagram.from}, datagram.bytes);
  drain();
}

void Node::drain() {
  for (; auto output = engine_->poll(); ++outputs_) std::visit([&](auto& what) { take(what); }, *output);
  check();
}

void Node::take(Transmit& transmit) {
  if (loses_power) return;
  if (transmit.path.local.address != address) world_.fail(fmt::format("{} speaks from a wrong address", name));
  const auto message = without_marker(transmit.bytes, transmit.path.local.port);
  if (auto wrong = world_.ledger_.sent(message); !wrong.empty()) world_.fail(std::move(wrong));
  world_.network.send(now(), {transmit.path.local, transmit.path.remote, std::move(transmit.bytes)});
}

void Node::take(InstallSa& install) {
  ++installs;
  if (!seen_.insert(install.child).second) world_.fail(fmt::format("{} installs a child twice", name));
  if (install.inbound_spi < 256 || install.outbound_spi < 256) world_.fail(fmt::format("{}: a reserved SPI", name));
  if (std::ranges::find(installed, install.inbound_spi, &InstallSa::inbound_spi) != installed.end())
    world_.fail(fmt::format("{} uses an inbound SPI twice", name));
  const auto tunnel = configuration.tunnels.find(install.tunnel);
  if (tunnel == configuration.tunnels.end() || !tunnel->second.up)
    world_.fail(fmt::format("{} installs for a tunnel that is down", name));
  else if (const auto* peer = world_.at(install.remote);
           peer && !peer->ever_signed_with(key_for(configuration, install.tunnel).remote_key))
    world_.fail(fmt::format("{} trusts {} without the key", name, peer->name));
  world_.check_pair(*this, install);
  if (auto wrong = world_.ledger_.installed(fmt::format("{} {}", name, lives_), install); !wrong.empty())
    world_.fail(std::move(wrong));
  ends_[install.child] = now() + std::chrono::seconds(install.lifetime_s);
  installed.push_back(std::move(install));
}

void Node::take(SendOn& order) {
  const auto found = std::ranges::find(installed, order.child, &InstallSa::child);
  if (found == installed.end() || found->tunnel != order.tunnel)
    return world_.fail(fmt::format("{} sends on a child that is not installed", name));
  if (!std::exchange(found->receive_only, false) || stopped_.contains(order.child))
    world_.fail(fmt::format("{} orders sending twice", name));
  std::rotate(found, found + 1, installed.end());
}

void Node::take(SendNoMore& order) {
  const auto found = std::ranges::find(installed, order.child, &InstallSa::child);
  if (found == installed.end() || found->tunnel != order.tunnel || found->receive_only)
    return world_.fail(fmt::format("{} stops sending on a child that does not send", name));
  found->receive_only = true;
  stopped_.insert(order.child);
  if (!sending(order.tunnel)) world_.fail(fmt::format("{} stops sending on its last child", name));
}

void Node::take(MoveSa& move) {
  const auto found = std::ranges::find(installed, move.child, &InstallSa::child);
  if (found == installed.end() || found->tunnel != move.tunnel || !found->udp)
    return world_.fail(fmt::format("{} moves a child that is not installed in UDP", name));
  found->udp = move.udp;
}

void Node::take(RemoveSa& remove) {
  ++removes;
  const auto found = std::ranges::find(installed, remove.child, &InstallSa::child);
  if (found == installed.end()) return world_.fail(fmt::format("{} removes a child that is not installed", name));
  if (found->inbound_spi != remove.inbound_spi || found->outbound_spi != remove.outbound_spi)
    world_.fail(fmt::format("{} removes other SPIs than it installed", name));
  installed.erase(found);
  ends_.erase(remove.child);
}

void Node::take(Ask& ask) {
  const auto span = static_cast<std::uint64_t>(world_.ask_delay_max.count());
  asks_.push_back({now() + std::chrono::milliseconds(world_.random().below(span + 1)), std::move(ask)});
}

void Node::take(Event& event) {
  const bool printable = std::ranges::all_of(event.text, [](unsigned char c) { return c >= 0x20 && c < 0x7f; });
  if (!printable) world_.fail(fmt::format("{} logs what cannot be printed", name));
  events.push_back(std::move(event));
}

void Node::check_lifetimes() {
  if (loses_power) return;
  for (const auto& [child, end] : ends_)
    if (now() > end) world_.fail(fmt::format("{} holds a child beyond its lifetime", name));
}

void Node::check_ike_lifetimes() {
  if (loses_power) return;
  for (const auto& row : engine_->show(now()))
    if (row.status == SaStatus::ready && row.active_s > row.lifetime_s)
      world_.fail(fmt::format("{} holds an IKE SA beyond its lifetime", name));
}

void Node::check() {
  if (const auto deadline = engine_->deadline(); deadline && *deadline < now())
    world_.fail(fmt::format("{}: a deadline in the past", name));
  const auto& statistics = engine_->statistics();
  if (statistics.half_open > options.half_open_max) world_.fail(fmt::format("{}: too many half-open SAs", name));
  if (statistics.children_installed - statistics.children_removed != installed.size())
    world_.fail(fmt::format("{}: counters and dataplane differ", name));
}

}  // namespace culvert::testing
