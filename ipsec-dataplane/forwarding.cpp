#include "ipsec-dataplane/forwarding.h"

#include <fmt/format.h>

#include <algorithm>
#include <bitset>
#include <set>

#include "ipsec-dataplane/security_association.h"

namespace culvert::dataplane {

Forwarding::Forwarding(Fib fib, TablePublisher& publisher, std::vector<PortFacts> ports)
    : fib_(std::move(fib)), publisher_(publisher), ports_(std::move(ports)) {
  fib_.after_grace([this](std::function<void()> action) { publisher_.after_grace(std::move(action)); });
  publish();
}

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
  for (const auto& [key, held] : adjacencies_) used.insert(key.interface);
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

Forwarding::AdjacencyKey Forwarding::key_of(const NextHop& next_hop) const {
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

std::uint16_t Forwarding::hold(const AdjacencyKey& key) {
  if (const auto known = adjacencies_.find(key); known != adjacencies_.end()) {
    ++known->second.holders;
    return known->second.index;
  }
  std::uint16_t index = 0;
  if (!free_adjacencies_->empty()) {
    index = free_adjacencies_->back();
    free_adjacencies_->pop_back();
  } else if (adjacency_count_ <= Fib::next_hop_max) {
    index = adjacency_count_++;
  }
  if (index != 0) adjacencies_[key] = {index, 1};
  return index;
}

// The FIB must no longer lead to it by this holder. The index rests until no worker can still have looked it up.
void Forwarding::release(const AdjacencyKey& key) {
  const auto held = adjacencies_.find(key);
  if (held == adjacencies_.end() || --held->second.holders > 0) return;
  publisher_.after_grace([free = free_adjacencies_, index = held->second.index] { free->push_back(index); });
  adjacencies_.erase(held);
}

std::expected<void, std::string> Forwarding::set_route(const net::Prefix& prefix, const NextHop& next_hop) {
  const auto key = key_of(next_hop);
  if (key.interface == no_interface)
    return std::unexpected(fmt::format("route {}: there is no interface {}", prefix, next_hop.interface));
  const auto index = hold(key);
  if (index == 0) return std::unexpected(fmt::format("route {}: too many next hops", prefix));
  if (adjacencies_.at(key).holders == 1) publish();  // the adjacency before the prefix that leads to it
  if (!fib_.set(prefix, index)) {
    release(key);
    return std::unexpected(fmt::format("route {}: the forwarding table is full", prefix));
  }
  const auto former = routes_.find(prefix);
  if (former != routes_.end()) release(former->second);
  routes_[prefix] = key;
  return {};
}

void Forwarding::remove_route(const net::Prefix& prefix) {
  const auto route = routes_.find(prefix);
  if (route == routes_.end()) return;
  const auto key = route->second;
  routes_.erase(route);
  // A neighbor that stood behind the route of its own host address comes back into sight.
  const auto neighbor = prefix.length == 32 ? neighbor_route(prefix.address.v4_value()) : std::uint16_t{0};
  if (neighbor == 0)
    fib_.remove(prefix);
  else
    fib_.set(prefix, neighbor);
  release(key);
}

// The adjacency of a neighbor with this address, on whatever interface it is; 0 where there is none.
std::uint16_t Forwarding::neighbor_route(std::uint32_t address) const {
  const auto found = std::ranges::find(neighbors_, address, [](const auto& n) { return n.first.second; });
  if (found == neighbors_.end()) return 0;
  return adjacencies_.at({AdjacencyKind::neighbor, found->first.first, address}).index;
}

void Forwarding::neighbor_resolved(InterfaceIndex interface, net::Address address, const Mac& mac) {
  const AdjacencyKey key{AdjacencyKind::neighbor, interface, address.v4_value()};
  const auto [neighbor, fresh] = neighbors_.insert_or_assign({interface, address.v4_value()}, mac);
  if (!fresh) return publish();
  const auto index = hold(key);
  if (index == 0) {
    neighbors_.erase(neighbor);
    return;
  }
  publish();
  const auto prefix = net::Prefix::host(address);
  if (!routes_.contains(prefix)) fib_.set(prefix, index);
}

void Forwarding::neighbor_lost(InterfaceIndex interface, net::Address address) {
  if (neighbors_.erase({interface, address.v4_value()}) == 0) return;
  const auto prefix = net::Prefix::host(address);
  const auto other = neighbor_route(address.v4_value());  // the same address may live on another port too
  if (!routes_.contains(prefix)) other != 0 ? void(fib_.set(prefix, other)) : fib_.remove(prefix);
  release({AdjacencyKind::neighbor, interface, address.v4_value()});
  publish();
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
  tables.adjacencies.resize(adjacency_count_);
  for (const auto& [key, held] : adjacencies_) {
    auto& to = tables.adjacencies[held.index];
    if (!interfaces_.contains(key.interface)) continue;
    to = {.kind = key.kind, .resolved = false, .interface = key.interface, .mac = {}, .address = key.address};
    const auto neighbor = neighbors_.find({key.interface, key.address});
    if (key.kind != AdjacencyKind::neighbor || neighbor == neighbors_.end()) continue;
    to.resolved = true;
    to.mac = neighbor->second;
  }
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
