#include "ipsec-dataplane/forwarding.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <set>
#include <unordered_map>

#include "ipsec-dataplane/security_association.h"

namespace culvert::dataplane {

Forwarding::Forwarding(Fib fib, TablePublisher& publisher, std::vector<PortFacts> ports, std::uint64_t flow_seed)
    : fib_(std::move(fib)), publisher_(publisher), flow_seed_(flow_seed), ports_(std::move(ports)) {
  const auto after_grace = [this](std::function<void()> action) { publisher_.after_grace(std::move(action)); };
  fib_.after_grace(after_grace);
  adjacencies_.after_grace(after_grace);
  publish();
}

Forwarding::~Forwarding() { *self_ = nullptr; }

void Forwarding::apply(const ForwardingConfig& config) {
  interfaces_.clear();
  for (const auto& interface : config.interfaces) {
    auto index = index_of(interface.name);
    if (index == no_interface) index = free_index();
    if (index == no_interface) continue;  // the store allows fewer interfaces than there are indexes
    indexes_[interface.name] = index;
    interfaces_[index] = interface;
  }
  place_policies();
  forget_unused_names();
  publish();
}

InterfaceIndex Forwarding::free_index() const {
  std::bitset<interface_count_max> used;
  for (const auto& [name, index] : indexes_) used.set(index);
  for (InterfaceIndex i = 1; i < interface_count_max; ++i)
    if (!used.test(i)) return i;
  return no_interface;
}

// A name that is gone keeps its index while routes, neighbors or SAs still speak of it.
void Forwarding::forget_unused_names() {
  auto used = places();
  adjacencies_.each([&](const AdjacencyKey& key, std::uint16_t) { used.insert(key.interface); });
  for (const auto& [handle, association] : associations_) used.insert(association.tunnel);
  std::erase_if(indexes_, [&](const auto& entry) { return !used.contains(entry.second); });
}

InterfaceIndex Forwarding::index_of(std::string_view name) const {
  const auto found = indexes_.find(name);
  return found == indexes_.end() ? no_interface : found->second;
}

std::string Forwarding::name_of(InterfaceIndex index) const {
  if (const auto interface = interfaces_.find(index); interface != interfaces_.end()) return interface->second.name;
  const auto place = policy_places_.find(index);
  return place == policy_places_.end() ? std::string() : place->second.name;
}

std::set<InterfaceIndex> Forwarding::places() const {
  std::set<InterfaceIndex> all;
  for (const auto& [index, interface] : interfaces_) all.insert(index);
  for (const auto& [index, place] : policy_places_) all.insert(index);
  return all;
}

Mac Forwarding::mac_of(const InterfaceConfig& interface) const {
  const auto port = std::ranges::find(ports_, interface.name, &PortFacts::name);
  return port == ports_.end() ? Mac{} : port->mac;
}

AdjacencyKey Forwarding::key_of(const NextHop& next_hop) const {
  const auto index = index_of(next_hop.interface);
  const auto interface = interfaces_.find(index);
  if (interface == interfaces_.end()) return {};
  switch (interface->second.kind) {
    case InterfaceKind::tunnel: return {AdjacencyKind::tunnel, index, 0};
    case InterfaceKind::null: return {AdjacencyKind::discard, index, 0};
    case InterfaceKind::loopback: return {AdjacencyKind::discard, index, 0};
    case InterfaceKind::policy: return {};
    case InterfaceKind::port: break;
  }
  if (next_hop.gateway) return {AdjacencyKind::neighbor, index, next_hop.gateway->v4_value()};
  return {AdjacencyKind::glean, index, 0};
}

std::expected<std::uint16_t, std::string> Forwarding::hold(const NextHops& next_hops) {
  Adjacencies::Shares shares;
  for (const auto& hop : next_hops) {
    const auto key = key_of(hop);
    if (key.interface == no_interface) return std::unexpected(fmt::format("there is no interface {}", hop.interface));
    shares.emplace_back(key, std::max(hop.weight, 1u));
  }
  if (shares.empty()) return std::unexpected("no next hop");
  const auto index = shares.size() == 1 ? adjacencies_.hold(shares.front().first) : adjacencies_.hold(shares);
  if (index == 0) return std::unexpected("too many next hops");
  return index;
}

bool Forwarding::described(bool publish_anyway) {
  const bool fresh = adjacencies_.take_fresh();
  if (fresh || publish_anyway) publish();
  return waiting_ == 0 && (!fresh || publisher_.seen_by_all());
}

// `change` is made once all workers have the current snapshot, and all changes before it are made.
void Forwarding::after_those(std::function<void()> change) {
  ++waiting_;
  publisher_.after_grace([self = self_, change = std::move(change)] {
    if (*self == nullptr) return;
    --(*self)->waiting_;
    change();
  });
}

void Forwarding::note(const net::Prefix& prefix, std::string_view why) {
  if (done_) done_ = std::unexpected(fmt::format("route {}: {}", prefix, why));
}

std::expected<void, std::string> Forwarding::update_routes(const std::vector<RouteUpdate>& updates) {
  std::unordered_map<const NextHops*, std::uint16_t> known;
  std::vector<std::uint16_t> indexes(updates.size());
  for (std::size_t i = 0; i < updates.size(); ++i) {
    const auto& [prefix, next_hops] = updates[i];
    if (!next_hops) continue;
    if (const auto same = known.find(next_hops.get()); same != known.end()) {
      adjacencies_.hold_again(indexes[i] = same->second);
    } else if (const auto index = hold(*next_hops)) {
      known[next_hops.get()] = indexes[i] = *index;
    } else {
      note(prefix, index.error());
    }
  }
  if (described())
    lead_by(updates, indexes);
  else
    after_those([this, updates, indexes] { lead_by(updates, indexes); });
  return std::exchange(done_, {});
}

void Forwarding::lead_by(const std::vector<RouteUpdate>& updates, const std::vector<std::uint16_t>& indexes) {
  for (std::size_t i = 0; i < updates.size(); ++i) {
    if (indexes[i] == 0)
      remove_route(updates[i].prefix);
    else if (!lead(updates[i].prefix, indexes[i]))
      note(updates[i].prefix, "the forwarding table is full");
  }
}

std::optional<std::uint16_t> Forwarding::route_of(const net::Prefix& prefix) const {
  if (prefix.length == 32 && neighbor_hosts_.contains(prefix.address.v4_value())) return std::nullopt;
  return fib_.find(prefix);
}

// Takes over the caller's hold of the index. False: the table is full, and the prefix gone.
bool Forwarding::lead(const net::Prefix& prefix, std::uint16_t index) {
  const auto former = route_of(prefix);
  if (!fib_.set(prefix, index)) {
    adjacencies_.release(index);
    return false;
  }
  if (former) adjacencies_.release(*former);
  if (prefix.length == 32) neighbor_hosts_.erase(prefix.address.v4_value());
  return true;
}

void Forwarding::remove_route(const net::Prefix& prefix) {
  const auto route = route_of(prefix);
  if (!route) return;
  // A neighbor that stood behind the route of its own host address comes back into sight.
  const auto neighbor = prefix.length == 32 ? neighbor_route(prefix.address.v4_value()) : std::uint16_t{0};
  if (neighbor == 0) {
    fib_.remove(prefix);
  } else {
    fib_.set(prefix, neighbor);
    neighbor_hosts_.insert(prefix.address.v4_value());
  }
  adjacencies_.release(*route);
}

// The adjacency of a neighbor with this address, on whatever interface it is; 0 where there is none.
std::uint16_t Forwarding::neighbor_route(std::uint32_t address) const {
  const auto found = std::ranges::find(neighbors_, address, [](const auto& n) { return n.first.second; });
  if (found == neighbors_.end()) return 0;
  return adjacencies_.find({AdjacencyKind::neighbor, found->first.first, address});
}

void Forwarding::neighbor_resolved(InterfaceIndex interface, net::Address address, const Mac& mac) {
  const AdjacencyKey key{AdjacencyKind::neighbor, interface, address.v4_value()};
  const NeighborKey neighbor{interface, address.v4_value()};
  const auto [known, fresh] = neighbors_.insert_or_assign(neighbor, mac);
  if (!fresh) return publish();
  if (adjacencies_.hold(key) == 0) {
    neighbors_.erase(known);
    return;
  }
  if (described(true))
    lead_to_neighbor(neighbor);
  else
    after_those([this, neighbor] { lead_to_neighbor(neighbor); });
}

void Forwarding::lead_to_neighbor(NeighborKey neighbor) {
  if (!neighbors_.contains(neighbor)) return;  // lost meanwhile
  const auto prefix = net::Prefix::host(net::Address::v4(neighbor.second));
  const auto index = adjacencies_.find({AdjacencyKind::neighbor, neighbor.first, neighbor.second});
  if (!route_of(prefix) && fib_.set(prefix, index)) neighbor_hosts_.insert(neighbor.second);
}

void Forwarding::neighbor_lost(InterfaceIndex interface, net::Address address) {
  const NeighborKey neighbor{interface, address.v4_value()};
  if (neighbors_.erase(neighbor) == 0) return;
  if (described())
    forget_neighbor(neighbor);
  else
    after_those([this, neighbor] { forget_neighbor(neighbor); });
  publish();
}

void Forwarding::forget_neighbor(NeighborKey neighbor) {
  const auto [interface, address] = neighbor;
  const auto prefix = net::Prefix::host(net::Address::v4(address));
  const auto other = neighbor_route(address);  // the same address may live on another port too
  if (neighbor_hosts_.contains(address)) {
    other != 0 ? void(fib_.set(prefix, other)) : fib_.remove(prefix);
    if (other == 0) neighbor_hosts_.erase(address);
  }
  adjacencies_.release(adjacencies_.find({AdjacencyKind::neighbor, interface, address}));
}

SaHandle Forwarding::add_association(InterfaceIndex tunnel, const SaParameters& parameters,
                                     std::shared_ptr<SecurityAssociation> association) {
  auto& added = associations_[++last_handle_];
  added = {tunnel, parameters.direction, parameters.spi, policy_places_.contains(tunnel), std::move(association)};
  note_outbound_change(added);
  publish();
  return last_handle_;
}

void Forwarding::remove_association(SaHandle handle) {
  const auto found = associations_.find(handle);
  if (found == associations_.end()) return;
  note_outbound_change(found->second);
  associations_.erase(found);
  publish();
}

std::shared_ptr<SecurityAssociation> Forwarding::association(SaHandle handle) const {
  const auto found = associations_.find(handle);
  return found == associations_.end() ? nullptr : found->second.association;
}

bool Forwarding::has_association(std::uint32_t inbound_spi) const {
  return std::ranges::any_of(associations_, [&](const auto& entry) {
    return entry.second.direction == SaDirection::inbound && entry.second.spi == inbound_spi;
  });
}

InterfaceIndex Forwarding::sender_of(const QuotedEsp& quoted) const {
  for (const auto& [_, a] : associations_) {
    if (a.direction != SaDirection::outbound || a.spi != quoted.spi) continue;
    const auto& p = a.association->parameters();
    const bool same_way = p.local == quoted.local && p.remote == quoted.remote && p.udp.has_value() == quoted.in_udp;
    if (same_way && quoted.sequence != 0 && quoted.sequence <= a.association->statistics().sequence) return a.tunnel;
  }
  return no_interface;
}

void Forwarding::set_path_mtu(InterfaceIndex tunnel, std::optional<std::uint16_t> mtu) {
  const auto former = learned_mtus_.find(tunnel);
  const bool known = former != learned_mtus_.end();
  if (mtu ? known && former->second == *mtu : !known) return;
  if (mtu)
    learned_mtus_[tunnel] = *mtu;
  else
    learned_mtus_.erase(former);
  publish();
}

std::uint16_t Forwarding::path_mtu(InterfaceIndex tunnel) const {
  const auto place = policy_places_.find(tunnel);
  const auto interface = interfaces_.find(tunnel);
  const std::uint16_t configured = place != policy_places_.end()    ? place->second.path.path_mtu
                                   : interface != interfaces_.end() ? interface->second.tunnel.path_mtu
                                                                    : std::uint16_t{0};
  const auto learned = learned_mtus_.find(tunnel);
  return learned == learned_mtus_.end() ? configured : std::min(configured, learned->second);
}

void Forwarding::publish() {
  auto tables = std::make_unique<Tables>();
  tables->fib = fib_.view();
  tables->flow_seed = flow_seed_;
  fill_interfaces(*tables);
  fill_own_addresses(*tables);
  fill_adjacencies(*tables);
  fill_policies(*tables);
  fill_associations(*tables);
  fill_filters(*tables);
  fill_taps(*tables);
  publisher_.publish(std::move(tables));
}

void Forwarding::add_tap(std::shared_ptr<Tap> tap) {
  taps_.push_back(std::move(tap));
  publish();
}

void Forwarding::remove_tap(const std::shared_ptr<Tap>& tap) {
  if (std::erase(taps_, tap) != 0) publish();
}

void Forwarding::fill_taps(Tables& tables) const {
  for (const auto& tap : taps_)
    if (const auto index = index_of(tap->options().interface); index != no_interface)
      tables.taps.push_back({index, tap});
}

void Forwarding::fill_interfaces(Tables& tables) const {
  if (!interfaces_.empty()) tables.interfaces.resize(interfaces_.rbegin()->first + 1u);
  for (const auto& [index, from] : interfaces_) {
    auto& to = tables.interfaces[index];
    to = {.name = from.name,
          .kind = from.kind,
          .present = true,
          .up = from.up,
          .port = 0,
          .mtu = from.mtu,
          .tcp_mss = from.tcp_mss,
          .mac = {},
          .addresses = {},
          .tunnel = {},
          .groups = {}};
    for (const auto& prefix : from.addresses)
      if (prefix.address.is_v4())
        to.addresses.push_back({prefix.address.v4_value(), prefix.broadcast().v4_value(), prefix.length});
    for (const auto& group : from.multicast_groups)
      if (group.is_v4()) to.groups.push_back(group.v4_value());
    if (from.tunnel.local && from.tunnel.remote)
      to.tunnel = {.local = from.tunnel.local->v4_value(),
                   .remote = from.tunnel.remote->v4_value(),
                   .outbound = nullptr,
                   .df_bit = from.tunnel.df_bit,
                   .fragmentation = from.tunnel.fragmentation};
    const auto port = std::ranges::find(ports_, from.name, &PortFacts::name);
    if (from.kind != InterfaceKind::port) continue;
    if (port == ports_.end()) {
      to.up = false;  // an interface of that kind without a port carries nothing
      continue;
    }
    to.port = port->id;
    to.mac = port->mac;
    if (tables.by_port.size() <= port->id) tables.by_port.resize(port->id + 1u, no_interface);
    tables.by_port[port->id] = index;
  }
}

void Forwarding::fill_filters(Tables& tables) const {
  const auto held = [&](const std::shared_ptr<const PacketFilter>& filter) {
    if (filter) tables.filters.push_back(filter);
    return filter.get();
  };
  for (const auto& [index, from] : interfaces_) {
    tables.interfaces[index].input_filter = held(from.input_filter);
    tables.interfaces[index].output_filter = held(from.output_filter);
  }
}

void Forwarding::fill_own_addresses(Tables& tables) const {
  for (const auto& [index, interface] : interfaces_) {
    if (!interface.up) continue;
    for (const auto& own : tables.interfaces[index].addresses) {
      if (own.length < 31) {
        const auto network = own.broadcast & ~((1u << (32 - own.length)) - 1);
        for (const auto all : {own.broadcast, network})
          if (!tables.own.contains(all)) tables.own[all] = {index, true};
      }
      tables.own[own.address] = {index, false};
    }
  }
}

void Forwarding::fill_adjacencies(Tables& tables) const {
  tables.adjacencies.resize(adjacencies_.end());
  adjacencies_.each([&](const AdjacencyKey& key, std::uint16_t index) {
    auto& to = tables.adjacencies[index];
    if (!interfaces_.contains(key.interface)) return;
    to = {.kind = key.kind, .resolved = false, .interface = key.interface, .mac = {}, .address = key.address};
    const auto neighbor = neighbors_.find({key.interface, key.address});
    if (key.kind != AdjacencyKind::neighbor || neighbor == neighbors_.end()) return;
    to.resolved = true;
    to.mac = neighbor->second;
  });
  adjacencies_.each_shared([&](const FlowShares& shares, std::uint16_t index) {
    tables.adjacencies[index].kind = AdjacencyKind::shared;
    tables.adjacencies[index].address = static_cast<std::uint32_t>(tables.shares.size());
    tables.shares.push_back(shares);
  });
}

namespace {

void seal_with(Tunnel& tunnel, SecurityAssociation& association, std::uint16_t path_mtu) {
  tunnel.outbound = &association;
  tunnel.plaintext_mtu = static_cast<std::uint16_t>(association.plaintext_mtu(path_mtu));
  tunnel.whole_only = association.selectors().names_ports();
}

void may_seal_with(Tunnel& tunnel, SecurityAssociation& association, std::uint16_t path_mtu) {
  const bool first = tunnel.outbound == nullptr, whole_only = tunnel.whole_only;
  const auto plaintext_mtu = tunnel.plaintext_mtu;
  seal_with(tunnel, association, path_mtu);
  tunnel.outbounds.insert(tunnel.outbounds.begin(), &association);
  if (first) return;
  tunnel.plaintext_mtu = std::min(tunnel.plaintext_mtu, plaintext_mtu);
  tunnel.whole_only |= whole_only;
}

}  // namespace

void Forwarding::fill_associations(Tables& tables) const {
  for (const auto& [handle, a] : associations_) {  // in the order of installation: the newest outbound SA seals
    if (!in_use(a)) continue;
    tables.associations.push_back(a.association);
    if (a.direction == SaDirection::inbound)
      tables.inbound[a.spi] = a.association.get();
    else if (a.tunnel < tables.interfaces.size())
      (a.of_policy ? may_seal_with : seal_with)(tables.interfaces[a.tunnel].tunnel, *a.association, path_mtu(a.tunnel));
  }
}

}  // namespace culvert::dataplane
