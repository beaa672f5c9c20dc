// The rows of EIGRP's configuration, as the store keeps them. Seen by the files that define, read and show them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/address.h"

namespace culvert::routing {

// -- `router eigrp` --

struct NetworkLine {
  net::Address address;
  std::optional<net::Address> wildcard;  // absent: the class of the address says
  bool operator==(const NetworkLine&) const = default;
};

struct StubLine {
  std::vector<std::string> advertised;  // "connected", "summary", ...; "receive-only" alone
  bool operator==(const StubLine&) const = default;
};

struct WeightsLine {
  std::uint32_t tos = 0, k1 = 1, k2 = 0, k3 = 1, k4 = 0, k5 = 0;
  bool operator==(const WeightsLine&) const = default;
};

// BANDWIDTH DELAY RELIABILITY LOAD MTU, in kbit/s, tens of microseconds, parts of 255, parts of 255 and octets.
struct MetricLine {
  std::uint32_t bandwidth_kbps = 0, delay_10us = 0, reliability = 0, load = 0, mtu = 0;
  bool operator==(const MetricLine&) const = default;
};

struct RedistributeLine {
  std::string source;  // "connected", "static"
  std::optional<MetricLine> metric;
  bool operator==(const RedistributeLine&) const = default;
};

struct DistanceLine {
  std::uint32_t internal = 90, external = 170;
  bool operator==(const DistanceLine&) const = default;
};

// `passive-interface Tunnel1`, or `no passive-interface Tunnel1` where all are passive.
struct PassiveLine {
  std::string interface;
  bool negated = false;
  bool operator==(const PassiveLine&) const = default;
};

struct NeighborLine {
  net::Address address;
  std::string interface;
  bool operator==(const NeighborLine&) const = default;
};

// `distribute-list LIST in|out [INTERFACE]`.
struct DistributeLine {
  std::string list, direction;
  std::optional<std::string> interface;  // absent: all
  bool operator==(const DistributeLine&) const = default;
};
// `offset-list LIST in|out OFFSET [INTERFACE]`; list 0 is every route.
struct OffsetLine {
  std::string list, direction;
  std::uint32_t offset = 0;
  std::optional<std::string> interface;
  bool operator==(const OffsetLine&) const = default;
};

struct ActiveTime {
  std::optional<std::uint32_t> minutes;  // absent: disabled
  bool operator==(const ActiveTime&) const = default;
};

struct EigrpRow {
  std::uint32_t autonomous_system = 0;
  std::vector<NetworkLine> networks;
  std::optional<net::Address> router_id;
  bool log_neighbor_changes = true;
  bool log_neighbor_warnings = true;
  std::optional<StubLine> stub;
  std::optional<WeightsLine> weights;
  std::optional<std::uint32_t> maximum_hops, variance, maximum_paths;
  std::optional<std::string> traffic_share;  // "balanced", or "min"
  std::vector<RedistributeLine> redistribute;
  std::optional<MetricLine> default_metric;
  std::optional<DistanceLine> distance;
  bool passive_by_default = false;
  std::vector<PassiveLine> passive;
  std::vector<NeighborLine> neighbors;
  std::vector<DistributeLine> distribute;
  std::vector<OffsetLine> offsets;
  std::optional<ActiveTime> active_time;
  bool shutdown = false;
};

// -- `interface` --

// A setting of an interface for one process.
struct ProcessNumber {
  std::uint32_t process = 0, value = 0;
  bool operator==(const ProcessNumber&) const = default;
};
// One that is on, for one process, unless `no` was said.
struct ProcessSwitch {
  std::uint32_t process = 0;
  bool negated = false;
  bool operator==(const ProcessSwitch&) const = default;
};
struct ProcessText {
  std::uint32_t process = 0;
  std::string value;
  bool operator==(const ProcessText&) const = default;
};
struct SummaryLine {
  std::uint32_t process = 0;
  net::Address address, mask;
  std::optional<std::uint32_t> distance;
  bool operator==(const SummaryLine&) const = default;
};

struct EigrpInterfaceRow {
  std::string name;
  std::vector<ProcessNumber> hello_intervals, hold_times, bandwidth_percents;
  std::vector<ProcessSwitch> split_horizons, next_hops_self;
  std::vector<ProcessText> authentication_modes, authentication_chains;
  std::vector<SummaryLine> summaries;
};

}  // namespace culvert::routing
