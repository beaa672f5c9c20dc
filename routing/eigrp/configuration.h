// What one EIGRP process is told to be: an autonomous system in one address family and one table.
//
// A value: the engine takes a whole one and works out what changed. Names of interfaces are as everywhere; names of
// access lists, key chains and the like are resolved by whoever builds this.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "net/address.h"
#include "routing/eigrp/metric.h"
#include "routing/eigrp/wire/authentication.h"

namespace culvert::routing::eigrp {

// `network 10.1.0.0 0.0.0.255`: interfaces with an address in it take part, and their networks are advertised.
struct Network {
  net::Address address;
  net::Address wildcard;  // one bits do not matter
  bool covers(const net::Address& other) const;
  bool operator==(const Network&) const = default;
};

struct FilterRule {
  bool permit = false;
  Network match{};                // of the prefix's address
  std::optional<Network> source;  // who tells; absent: anybody
  std::uint8_t length_min = 0, length_max = 128;
  bool operator==(const FilterRule&) const = default;
};
// Which prefixes pass: the first rule that matches says; none does, and the prefix is refused.
struct Filter {
  std::vector<FilterRule> rules;
  std::string name;  // for show
  bool operator==(const Filter&) const = default;
};
// Whether `prefix` passes, as `teller` says it: the neighbour on the way in, ourselves on the way out.
bool permits(const Filter& filter, const net::Prefix& prefix, const net::Address& teller);

// Adds to the delay of routes that match (`offset-list`), in the units of the metric's style.
struct Offset {
  Filter filter;
  std::uint32_t delay = 0;
  std::string interface;  // where it counts, and then instead of one for all interfaces; empty: all
  bool operator==(const Offset&) const = default;
};
// What is added to a route that comes in or leaves by this interface.
std::uint32_t offset_of(const std::vector<Offset>& offsets, std::string_view interface, const net::Prefix& prefix,
                        const net::Address& teller);

// `eigrp stub`: never asked for a way, and advertises only these.
struct StubSettings {
  bool connected = true, static_routes = false, summary = true, redistributed = false, receive_only = false;
  bool operator==(const StubSettings&) const = default;
};

// `default-metric` and `redistribute ... metric`.
struct SeedMetric {
  std::uint64_t bandwidth_kbps = 0;
  std::uint64_t delay_ps = 0;
  std::uint8_t reliability = 255, load = 1;
  std::uint32_t mtu = 1500;
  bool operator==(const SeedMetric&) const = default;
};

struct Redistribution {
  std::optional<SeedMetric> metric;  // else the default metric, else that of the outgoing interface
  bool operator==(const Redistribution&) const = default;
};

// `neighbor 10.0.0.2 Tunnel1`: the interface then speaks to its named neighbours only, by unicast.
struct StaticNeighbor {
  net::Address address;
  std::string interface;
  bool operator==(const StaticNeighbor&) const = default;
};

// `ip summary-address eigrp 100 10.0.0.0 255.0.0.0 [distance]`.
struct Summary {
  net::Prefix prefix;
  std::uint8_t distance = 5;  // of the discard route; 255: no discard route
  bool operator==(const Summary&) const = default;
};

// The keys that are valid now. Lifetimes are the caller's: it configures anew when one begins or ends.
struct AuthenticationSettings {
  bool required = false;
  std::optional<wire::AuthenticationKey> send;
  std::vector<wire::AuthenticationKey> accept;
  std::string mode, key_chain;  // for show: "md5", "SITES"; either may be empty
  bool operator==(const AuthenticationSettings&) const = default;
};

struct InterfaceSettings {
  std::optional<std::uint16_t> hello_interval_s;  // else 5, or 60 where the interface is slow and has no multicast
  std::optional<std::uint16_t> hold_time_s;       // else three times the default hello interval
  std::uint32_t bandwidth_percent = 50;           // 1 and above, of the configured bandwidth
  bool split_horizon = true;
  bool next_hop_self = true;
  std::optional<bool> passive;  // else Configuration::passive_by_default
  AuthenticationSettings authentication;
  std::vector<Summary> summaries;
  std::optional<Filter> filter_in, filter_out;
  bool operator==(const InterfaceSettings&) const = default;
};

struct Configuration {
  std::uint16_t autonomous_system = 0;
  net::Family family = net::Family::ipv4;
  std::optional<std::uint32_t> router_id;  // else the highest address of the interfaces that are up
  std::vector<Network> networks;
  KValues k;
  MetricStyle style = MetricStyle::classic;
  std::uint32_t rib_scale = 128;
  std::uint8_t variance = 1;           // 1 to 128
  std::uint8_t maximum_paths = 4;      // 1 to 32
  bool traffic_share_balanced = true;  // else all traffic by the paths of the least metric
  std::uint8_t maximum_hops = 100;
  std::uint8_t internal_distance = 90, external_distance = 170;
  std::optional<std::uint32_t> active_time_s = 180;  // nullopt: never stuck in active
  std::optional<StubSettings> stub;
  std::optional<SeedMetric> default_metric;
  std::optional<Redistribution> redistribute_connected, redistribute_static;
  bool passive_by_default = false;
  std::vector<StaticNeighbor> neighbors;
  std::map<std::string, InterfaceSettings> interfaces;  // those not named have the defaults
  std::optional<Filter> filter_in, filter_out;
  std::vector<Offset> offsets_in, offsets_out;
  bool log_neighbor_changes = true;
  bool log_neighbor_warnings = true;
  bool operator==(const Configuration&) const = default;
};

}  // namespace culvert::routing::eigrp
