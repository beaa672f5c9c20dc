// The dataplane as the control thread sees it: start it, tell it what to forward, hand it packets, take what it punts.
//
// One object a process; every call comes from the control thread and none of them blocks on the network. No DPDK type
// is seen here. Interfaces are named; the plane gives each name an index and keeps it until the name is gone.
//
// The control loop watches punt_fd() for reading and deadline(); on either it calls service(now), then take_punted().
#pragma once

#include <cstdint>
#include <expected>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ipsec-dataplane/capture_tap.h"
#include "ipsec-dataplane/drop.h"
#include "ipsec-dataplane/interface.h"
#include "ipsec-dataplane/neighbors.h"
#include "ipsec-dataplane/packet_filter.h"
#include "ipsec-dataplane/sa_parameters.h"
#include "ipsec-dataplane/tunnel_config.h"
#include "net/address.h"
#include "net/bytes.h"
#include "net/time.h"

namespace culvert::dataplane {

struct CryptoPolicy;

struct PortOptions {
  std::string name;  // the interface name that the port bears: "GigabitEthernet0/0"
  // "af_packet:eth0" (a Linux interface), "memif:…", "ring", "null", or DPDK devargs ("net_tap0,iface=tap0").
  std::string device;
};

struct Options {
  std::string name;  // of the router; distinguishes processes on one machine
  std::vector<PortOptions> ports;
  unsigned workers = 1;      // 1 to workers_max
  unsigned memory_mb = 128;  // of packet buffers and tables
  bool hugepages = false;
  unsigned packet_count = 4096;
  std::uint64_t seed = 0;  // random; what others choose must not meet in one place of a table
};

struct PortInfo {
  std::string name;
  Mac mac;
  std::uint16_t mtu = 1500;
  bool link_up = false;
  std::string warning;  // what does not work as well as it could, in one line; empty if nothing
};

struct InterfaceConfig {
  std::string name;  // a port's name, or any other of the given kind
  InterfaceKind kind = InterfaceKind::port;
  bool up = false;                     // false drops everything in and out
  std::uint16_t mtu = 1500;            // largest IPv4 packet, 68 to 1920; for a tunnel: before ESP
  std::uint16_t tcp_mss = 0;           // `ip tcp adjust-mss`; 0 = off
  std::vector<net::Prefix> addresses;  // host bits set, the first is primary
  TunnelConfig tunnel;                 // for kind tunnel
  std::shared_ptr<const PacketFilter> input_filter, output_filter;  // none: everything passes
  std::shared_ptr<const CryptoPolicy> crypto_policy;                // none: everything passes in clear
  // IPv4 multicast that the router listens to here. Other multicast is dropped, and none is ever forwarded.
  std::vector<net::Address> multicast_groups = {};
  bool operator==(const InterfaceConfig&) const = default;
};

struct ForwardingConfig {
  std::vector<InterfaceConfig> interfaces;
};

struct NextHop {
  std::string interface;
  std::optional<net::Address> gateway;  // none: the destinations are on the interface's own network
  std::uint32_t weight = 1;             // share of the flows; at least 1
  auto operator<=>(const NextHop&) const = default;
};
using NextHops = std::vector<NextHop>;

// A prefix without host bits, and where it leads: flows are shared among the next hops, each stays with one. Connected
// networks are routes too (`gateway` empty). nullptr: the prefix is gone. Updates may share next hops.
struct RouteUpdate {
  net::Prefix prefix;
  std::shared_ptr<const NextHops> next_hops;
};

// ike: the UDP payload's whole IPv4 packet to port 500, or to 4500 with the non-ESP marker (still in place).
// icmp: ICMP to an own address that is no echo request. invalid_spi: ESP under an SPI that no SA has, some of many.
// eigrp: IP protocol 88 to an own address or to a multicast group of the interface. tcp: to an own address.
// want_sa: no outbound SA of a policy entry covers the packet; the plane holds the packet itself until one does. Of one
// flow it is said about once a second, as long as packets come.
enum class PuntKind : std::uint8_t { ike, icmp, invalid_spi, eigrp, want_sa, tcp };

struct Punted {
  std::string interface;  // the packet's current interface: a port, or the tunnel it came out of; want_sa: the entry's
                          // `tunnel`
  PuntKind kind;
  net::Bytes packet;  // IPv4
  FlowKey flow = {};  // want_sa: what the SA must cover
};

struct InterfaceStatistics {
  std::uint64_t in_packets = 0, in_octets = 0, in_drops = 0, out_packets = 0, out_octets = 0, out_drops = 0;
};

struct DropCount {
  Drop reason;
  std::uint64_t packets;
};

struct StageStatistics {
  std::string_view stage;
  std::uint64_t packets;
  std::uint64_t cycles;  // spent in it; 0 where the stage is not timed
};

struct WorkerStatistics {
  std::uint64_t turns = 0;   // of the loop
  std::uint64_t sleeps = 0;  // times it waited for a packet
};

struct NeighborRow {
  std::string interface;
  net::Address address;
  std::optional<Mac> mac;                    // nullopt: Incomplete
  std::optional<std::uint32_t> age_minutes;  // nullopt: "-", our own address
};

// Sizes on the way of a tunnel, in octets.
struct TunnelMtu {
  std::uint16_t path = 0;       // largest outer packet: as configured, or less where a router on the way said so
  std::uint16_t plaintext = 0;  // largest inner packet whose ESP fits it; 0 without an outbound SA
  bool learned = false;         // `path` is what a router said
};

// IPv4 datagrams in pieces, since the start.
struct FragmentStatistics {
  std::uint64_t fragments = 0, reassembled = 0, timed_out = 0, failed = 0;  // fragments came in; the rest are datagrams
  std::uint64_t cut = 0, fragments_made = 0, could_not_cut = 0;
};

// An address that another station claims; for the log.
struct ConflictEvent {
  std::string interface;
  net::Address address;
  Mac mac;
};

// A packet that a line of a filter reports (packet_filter.h).
struct FilterLog {
  FilterReport report;
  std::string interface;  // where it came in
};

// A packet that arrived in clear and should have been protected.
struct ClearPacket {
  std::string interface;
  FlowKey flow;
};

// Identifies an SA that was installed; never reused in one process.
using SaHandle = std::uint64_t;

class Dataplane {
 public:
  // Starts DPDK, the ports and the workers. The error is one line: what is wrong and how to mend it. Once per process.
  static std::expected<std::unique_ptr<Dataplane>, std::string> start(const Options& options);
  ~Dataplane();
  Dataplane(const Dataplane&) = delete;
  Dataplane& operator=(const Dataplane&) = delete;

  std::vector<PortInfo> ports() const;

  // The whole of the interfaces, again after every change. Routes of an interface that is gone lead nowhere.
  void apply(net::Time now, const ForwardingConfig& config);
  // In order; the tables are published once. Where ways are new, prefixes lead there once all workers know them, in a
  // service() soon. An error names the first route that could not be set, of these or of former ones, where the table
  // is full or an interface unknown: such a prefix is gone, the others are in force.
  std::expected<void, std::string> update_routes(const std::vector<RouteUpdate>& updates);
  std::expected<void, std::string> set_route(const net::Prefix& prefix, const NextHops& next_hops);

  // Installs one SA, inbound or outbound, of tunnel interface `tunnel` or of the policy entries of that name. On a
  // tunnel interface a new outbound SA replaces the former as the one that seals; of policy entries the newest that
  // covers a packet seals it. The former stays until it is removed. Where the last entry of the name goes, its SAs are
  // out of use at once, but not removed.
  std::expected<SaHandle, std::string> install_sa(std::string_view tunnel, const SaParameters& parameters);
  void remove_sa(SaHandle handle);
  // An outbound SA in UDP sends to another address, from and to other ports from now on. Another SA is left as it is.
  void move_sa(SaHandle handle, const UdpEncapsulation& udp, const net::Address& remote);
  // IKE messages of this SPI of ours come before those of strangers; `half_open`: only before those, since a peer began
  // the SA and has proved nothing yet.
  void expect_ike(std::uint64_t spi, bool half_open);
  void forget_ike(std::uint64_t spi);
  std::optional<SaStatistics> sa_statistics(SaHandle handle) const;
  bool has_outbound_sa(std::string_view tunnel) const;
  std::optional<TunnelMtu> tunnel_mtu(std::string_view tunnel) const;

  // Copies what passes an interface, a port or a tunnel, from now until it is removed; the caller reads the tap.
  // nullptr: there is no such interface.
  std::shared_ptr<Tap> add_tap(const TapOptions& options);
  void remove_tap(const std::shared_ptr<Tap>& tap);

  // Routes a whole IPv4 packet made by this router, of any size; it is cut where it must be.
  // Checksums are the caller's. False: dropped, a queue is full.
  bool inject(net::View packet);
  // Sends a whole IPv4 packet made by this router out of `interface`, wherever routes lead: to a multicast group or to
  // a neighbor on its network; into a tunnel whatever its destination. TTL and source are the caller's. False: dropped,
  // there is no such interface or a queue is full. A tunnel without an SA drops it as any other packet.
  bool inject_on(std::string_view interface, net::View packet);

  int punt_fd() const;
  std::optional<net::Time> deadline() const;
  // Takes what the workers punted: ARP and waiting packets are dealt with, the rest waits in take_punted().
  void service(net::Time now);
  std::vector<Punted> take_punted();
  std::vector<ConflictEvent> take_conflicts();
  std::vector<FilterLog> take_filter_log();
  // Some of the packets that a policy refused because they came in clear.
  std::vector<ClearPacket> take_clear_packets();

  std::vector<NeighborRow> neighbors(net::Time now) const;
  void clear_neighbors(net::Time now);

  InterfaceStatistics statistics(std::string_view interface) const;
  std::vector<DropCount> drops() const;  // reasons that occurred
  FragmentStatistics fragments() const;
  std::vector<StageStatistics> stages() const;
  std::vector<WorkerStatistics> workers() const;
  // Reports of filters that were withheld by the rate limit, since the start.
  std::uint64_t missed_filter_reports() const;

 private:
  class Implementation;
  explicit Dataplane(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace culvert::dataplane
