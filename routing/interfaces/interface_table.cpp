#include "routing/interfaces/interface_table.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <span>
#include <utility>

namespace culvert::routing {

namespace {

std::size_t letters_in(std::string_view name) {
  return static_cast<std::size_t>(std::ranges::find_if(name, [](char c) { return c >= '0' && c <= '9'; }) -
                                  name.begin());
}

// The numbers of a name: {0, 1} of "GigabitEthernet0/1".
std::vector<std::uint64_t> numbers_of(std::string_view name) {
  std::vector<std::uint64_t> numbers;
  const char* at = name.data() + letters_in(name);
  const char* const end = name.data() + name.size();
  while (at < end) {
    std::uint64_t number = 0;
    const auto read = std::from_chars(at, end, number);
    if (read.ec != std::errc{}) break;
    numbers.push_back(number);
    at = read.ptr + (read.ptr < end ? 1 : 0);
  }
  return numbers;
}

bool listed_by(std::span<const std::string_view> order, std::string_view a, std::string_view b) {
  const auto rank = [order](std::string_view name) {
    return std::ranges::find(order, name.substr(0, letters_in(name))) - order.begin();
  };
  return std::pair(rank(a), numbers_of(a)) < std::pair(rank(b), numbers_of(b));
}

constexpr std::uint32_t port_mtu_default = 1500;
// What IOS shows for an IPsec tunnel before its SA tells better: 1500 less the largest overhead of tunnel-mode ESP.
constexpr std::uint32_t tunnel_mtu_default = 1400;
constexpr std::uint32_t loopback_mtu = 1514;

}  // namespace

InterfaceKind kind_of(std::string_view name) {
  const auto letters = name.substr(0, letters_in(name));
  if (letters == "Loopback") return InterfaceKind::loopback;
  if (letters == "Tunnel") return InterfaceKind::tunnel;
  if (letters == "Null") return InterfaceKind::null;
  return InterfaceKind::port;
}

std::string short_name(std::string_view name) {
  const auto letters = letters_in(name);
  return std::string(name.substr(0, std::min<std::size_t>(2, letters))) + std::string(name.substr(letters));
}

bool listed_before(std::string_view a, std::string_view b) {
  constexpr std::string_view order[] = {"GigabitEthernet", "Serial", "Loopback", "Null", "Tunnel"};
  return listed_by(order, a, b);
}

bool listed_in_configuration_before(std::string_view a, std::string_view b) {
  constexpr std::string_view order[] = {"Loopback", "Tunnel", "GigabitEthernet", "Serial", "Null"};
  return listed_by(order, a, b);
}

std::uint32_t Interface::mtu() const {
  if (settings.ip_mtu) return *settings.ip_mtu;
  if (kind == InterfaceKind::tunnel) return tunnel_mtu_default;
  if (kind == InterfaceKind::loopback) return loopback_mtu;
  return port ? port->mtu : port_mtu_default;
}

void InterfaceTable::configure(net::Time now, const std::vector<InterfaceSettings>& settings) {
  std::set<std::string, std::less<>> named;
  for (const auto& one : settings) {
    named.insert(one.name);
    auto& interface = interfaces_[one.name];
    interface.settings = one;
    interface.kind = kind_of(one.name);
    if (const auto facts = ports_.find(one.name); facts != ports_.end()) interface.port = facts->second;
  }
  std::erase_if(interfaces_, [&](const auto& entry) { return !named.contains(entry.first); });
  settle(now);
}

void InterfaceTable::port(net::Time now, const std::string& name, const PortFacts& facts) {
  ports_[name] = facts;
  if (const auto found = interfaces_.find(name); found != interfaces_.end()) found->second.port = facts;
  settle(now);
}

void InterfaceTable::tunnel_secured(net::Time now, const std::string& name, bool secured) {
  const auto found = interfaces_.find(name);
  if (found == interfaces_.end()) return;
  found->second.tunnel_secured = secured;
  settle(now);
}

std::optional<InterfaceEvent> InterfaceTable::poll() {
  if (events_.empty()) return std::nullopt;
  auto event = std::move(events_.front());
  events_.pop_front();
  return event;
}

const Interface* InterfaceTable::find(std::string_view name) const {
  const auto found = interfaces_.find(name);
  return found == interfaces_.end() ? nullptr : &found->second;
}

std::optional<net::Address> InterfaceTable::tunnel_source_address(const Interface& tunnel) const {
  if (const auto address = net::Address::parse(tunnel.settings.tunnel_source)) {
    const auto* owner = owner_of(*address);
    return owner != nullptr && owner->protocol_up ? address : std::nullopt;
  }
  const auto* source = find(tunnel.settings.tunnel_source);
  if (source == nullptr || !source->protocol_up || !source->settings.address) return std::nullopt;
  return source->settings.address->address;
}

const Interface* InterfaceTable::owner_of(net::Address address) const {
  for (const auto& [_, interface] : interfaces_)
    if (interface.settings.address && interface.settings.address->address == address) return &interface;
  return nullptr;
}

// Ports and loopbacks first: a tunnel looks at the interface it sends from.
void InterfaceTable::settle(net::Time now) {
  for (auto& [_, interface] : interfaces_)
    if (interface.kind != InterfaceKind::tunnel) settle_one(now, interface);
  for (auto& [_, interface] : interfaces_)
    if (interface.kind == InterfaceKind::tunnel) settle_one(now, interface);
}

void InterfaceTable::settle_one(net::Time now, Interface& interface) {
  using What = InterfaceEvent::What;
  const bool line = wants_line(interface);
  const bool protocol = line && wants_protocol(interface);
  if (std::exchange(interface.line_up, line) != line) {
    const auto down = interface.admin_down() ? What::administratively_down : What::line_down;
    events_.push_back({line ? What::line_up : down, interface.settings.name});
  }
  if (std::exchange(interface.protocol_up, protocol) != protocol) {
    interface.changed = now;
    events_.push_back({protocol ? What::protocol_up : What::protocol_down, interface.settings.name});
  }
}

bool InterfaceTable::wants_line(const Interface& interface) const {
  if (interface.admin_down()) return false;
  switch (interface.kind) {
    case InterfaceKind::port: return interface.port && interface.port->carrier;
    case InterfaceKind::tunnel: return tunnel_source_address(interface) && interface.settings.tunnel_destination;
    case InterfaceKind::loopback:
    case InterfaceKind::null: return true;
  }
  std::unreachable();
}

bool InterfaceTable::wants_protocol(const Interface& interface) const {
  return interface.kind != InterfaceKind::tunnel || interface.tunnel_secured;
}

}  // namespace culvert::routing
