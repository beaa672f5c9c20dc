#include "ipsec-dataplane/dataplane.h"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_ring.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <set>

#include "ipsec-dataplane/dataplane_implementation.h"
#include "ipsec-dataplane/eal.h"
#include "ipsec-dataplane/flow_key.h"
#include "ipsec-dataplane/icmp.h"
#include "ipsec-dataplane/packet_pool.h"
#include "ipsec-dataplane/security_association.h"
#include "ipsec-dataplane/stages.h"
#include "net/overloaded.h"
#include "net/try.h"

namespace culvert::dataplane {
namespace {

constexpr unsigned whole_packet_count = 64;  // reassembled, or our own before they are cut
constexpr unsigned in_ring_size = 1024;
constexpr std::size_t punt_batch = 256;                    // packets taken in one service()
constexpr std::size_t punted_max = 1024;                   // kept for take_punted()
constexpr auto route_wait = std::chrono::milliseconds(1);  // until workers are asked again whether they know the ways
constexpr std::uint64_t icmp_errors_per_s = 100;
constexpr std::uint32_t icmp_errors_burst = 20;
constexpr std::uint64_t filter_reports_per_s = 50;
constexpr std::uint32_t filter_reports_burst = 50;
constexpr std::uint64_t clear_reports_per_s = 10;
constexpr std::uint32_t clear_reports_burst = 10;
constexpr std::uint64_t invalid_spis_per_s = 2;
constexpr std::uint32_t invalid_spis_burst = 10;

std::string one_line_check(const Options& o) {
  if (o.workers < 1 || o.workers > workers_max) return fmt::format("workers: 1 to {}, not {}", workers_max, o.workers);
  if (o.workers >= RTE_MAX_LCORE) return "more workers than DPDK was built for";
  if (o.packet_count < 1024) return "at least 1024 packet buffers are needed";
  return "";
}

}  // namespace

std::expected<std::unique_ptr<Dataplane::Implementation>, std::string> Dataplane::Implementation::start(
    const Options& o) {
  if (auto wrong = one_line_check(o); !wrong.empty()) return std::unexpected(wrong);
  if (auto done = start_eal({o.name, o.workers, o.memory_mb, o.hugepages}); !done) return std::unexpected(done.error());
  auto plane = std::make_unique<Implementation>();
  plane->pool_ = TRY(make_packet_pool("packets", o.packet_count, packet_room));
  plane->large_pool_ = TRY(make_packet_pool("whole_packets", whole_packet_count, large_packet_room));
  plane->publisher = std::make_unique<TablePublisher>(o.workers);
  plane->crypto_ = TRY(start_crypto(o.workers));
  if (auto done = plane->open_ports(o); !done) return std::unexpected(done.error());
  if (auto done = plane->make_workers(o); !done) return std::unexpected(done.error());
  if (auto done = plane->launch(); !done) return std::unexpected(done.error());
  return plane;
}

std::expected<void, std::string> Dataplane::Implementation::open_ports(const Options& o) {
  for (const auto& port : o.ports)
    if (auto done = ports.open(port, pool_, o.workers); !done) return std::unexpected(done.error());
  std::vector<Forwarding::PortFacts> facts;
  for (const auto& port : ports.show()) facts.push_back({port.name, *ports.find(port.name), port.mac});
  forwarding = std::make_unique<Forwarding>(TRY(Fib::create(Fib::groups_default, o.seed)), *publisher, std::move(facts),
                                            std::hash<std::string>{}(o.name));
  return {};
}

std::expected<void, std::string> Dataplane::Implementation::make_workers(const Options& o) {
  if (auto done = punts.open("punt", o.packet_count); !done) return std::unexpected(done.error());
  peers_.resize(o.workers);
  for (unsigned i = 0; i < o.workers; ++i) {
    counters.push_back(std::make_unique<WorkerCounters>());
    filter_reports.push_back(std::make_unique<FilterReports>());
    clear_reports.push_back(std::make_unique<FilterReports>());
    auto* in = rte_ring_create(fmt::format("in{}", i).c_str(), in_ring_size, SOCKET_ID_ANY, RING_F_SC_DEQ);
    if (in == nullptr) return std::unexpected("no memory for a worker's queue");
    const WorkerState state{.worker = i,
                            .pool = pool_,
                            .large_pool = large_pool_,
                            .counters = counters.back().get(),
                            .crypto = crypto_[i].get(),
                            .ike_spis = &ike_spis,
                            .reassembly = nullptr,
                            .spare = nullptr,
                            .now_cycles = 0,
                            .next_identification = 0,
                            .icmp_errors = {rte_get_tsc_hz() / icmp_errors_per_s, icmp_errors_burst},
                            .invalid_spis = {rte_get_tsc_hz() / invalid_spis_per_s, invalid_spis_burst},
                            .flows = nullptr,
                            .filter_reports = filter_reports.back().get(),
                            .filter_log = {rte_get_tsc_hz() / filter_reports_per_s, filter_reports_burst},
                            .policies = nullptr,
                            .clear_reports = clear_reports.back().get(),
                            .clear_log = {rte_get_tsc_hz() / clear_reports_per_s, clear_reports_burst}};
    workers_.push_back(std::make_unique<Worker>(state, WorkerQueues{in, &punts}, *publisher, ports, peers_));
    peers_[i] = workers_.back().get();
  }
  sender_ = std::make_unique<ControlSender>(
      WorkerState{.pool = pool_, .large_pool = large_pool_, .counters = control_counters.get(), .ike_spis = &ike_spis},
      *publisher, ports);
  return {};
}

std::expected<void, std::string> Dataplane::Implementation::launch() {
  unsigned lcore = rte_get_next_lcore(-1, 1, 0);
  for (auto& worker : workers_) {
    const auto run = [](void* w) {
      static_cast<Worker*>(w)->run();
      return 0;
    };
    if (lcore >= RTE_MAX_LCORE || rte_eal_remote_launch(run, worker.get(), lcore) != 0)
      return std::unexpected("a worker thread does not start");
    lcore = rte_get_next_lcore(lcore, 1, 0);
  }
  return {};
}

Dataplane::Implementation::~Implementation() {
  for (auto& worker : workers_) worker->stop();
  rte_eal_mp_wait_lcore();
}

void Dataplane::Implementation::wake() {
  for (auto& worker : workers_) worker->kick();
}

void Dataplane::Implementation::forget(net::Time now, InterfaceIndex index) {
  neighbors.interface(now, index, false, {}, {});
  lose(held.take_all(index), Drop::policy_blocked);
  path_mtus.forget(index);
  forwarding->set_path_mtu(index, std::nullopt);
}

void Dataplane::Implementation::apply(net::Time now, const ForwardingConfig& config) {
  const auto former = forwarding->places();
  forwarding->apply(config);
  join_groups();
  const auto present = forwarding->places();
  for (const auto index : former)
    if (!present.contains(index)) forget(now, index);
  for (const auto& [index, interface] : forwarding->interfaces()) {
    if (interface.kind != InterfaceKind::port) continue;
    neighbors.interface(now, index, interface.up, forwarding->mac_of(interface), interface.addresses);
  }
  drain_neighbors();
}

void Dataplane::Implementation::join_groups() {
  for (const auto& [_, interface] : forwarding->interfaces()) {
    std::set<Mac> stations;
    for (const auto& group : interface.multicast_groups)
      if (group.is_v4()) stations.insert(group_mac(group.v4_value()));
    if (interface.kind == InterfaceKind::port) ports.listen_to(interface.name, std::move(stations));
  }
}

bool Dataplane::Implementation::inject(net::View octets, Meta m) {
  auto* packet = make_packet(octets.size() <= packet_room ? pool_ : large_pool_, octets);
  if (packet == nullptr) return false;
  meta(*packet) = m;
  if (sender_->may_send(m, *workers_.front())) {
    sender_->send(packet, *workers_.front());
    return true;
  }
  if (workers_.front()->offer(packet)) return true;
  rte_pktmbuf_free(packet);
  return false;
}

void Dataplane::Implementation::service(net::Time now) {
  serviced = now;
  publisher->collect();
  punts.drain_event();
  std::array<void*, punt_batch> batch;
  const auto count = punts.take(batch);
  for (unsigned i = 0; i < count; ++i) {
    auto* packet = static_cast<Packet*>(batch[i]);
    take(now, *packet);
    rte_pktmbuf_free(packet);
  }
  if (!punts.empty()) punts.ring();  // come back at once
  neighbors.timeout(now);
  drain_neighbors();
  lose(held.timeout(now), Drop::sa_wait_timeout);
  forget_paths(now);
}

void Dataplane::Implementation::hear_of_path(net::Time now, net::View icmp) {
  const auto quoted = quoted_esp(icmp);
  const auto tunnel = quoted ? forwarding->sender_of(*quoted) : no_interface;
  if (tunnel == no_interface || !path_mtus.learn(now, tunnel, forwarding->path_mtu(tunnel), *quoted)) return;
  forwarding->set_path_mtu(tunnel, path_mtus.of(tunnel));
}

void Dataplane::Implementation::forget_paths(net::Time now) {
  if (!path_mtus.timeout(now)) return;
  for (const auto index : forwarding->places()) forwarding->set_path_mtu(index, path_mtus.of(index));
}

net::Address Dataplane::Implementation::next_hop_address(Packet& packet) const {
  const auto& adjacency = forwarding->tables().adjacency(meta(packet).adjacency);
  if (adjacency.kind == AdjacencyKind::neighbor) return net::Address::v4(adjacency.address);
  return net::Address::v4(rte_be_to_cpu_32(ipv4(packet).dst_addr));
}

namespace {

PuntKind kind_of(PuntReason reason) {
  if (reason == PuntReason::invalid_spi) return PuntKind::invalid_spi;
  if (reason == PuntReason::eigrp) return PuntKind::eigrp;
  if (reason == PuntReason::tcp) return PuntKind::tcp;
  return reason == PuntReason::icmp ? PuntKind::icmp : PuntKind::ike;
}

}  // namespace

void Dataplane::Implementation::take(net::Time now, Packet& packet) {
  const auto& m = meta(packet);
  switch (m.punt) {
    case PuntReason::arp: return neighbors.receive(now, m.interface, data(packet));
    case PuntReason::want_neighbor: return neighbors.want(now, m.egress, next_hop_address(packet), data(packet));
    case PuntReason::want_sa: return hold(now, packet);
    default: break;
  }
  if (m.punt == PuntReason::icmp) hear_of_path(now, data(packet));
  if (punted.size() >= punted_max) return;
  const auto octets = data(packet);
  punted.push_back({forwarding->name_of(m.interface), kind_of(m.punt), {octets.begin(), octets.end()}});
}

// The SA may have come since the worker looked.
void Dataplane::Implementation::hold(net::Time now, Packet& packet) {
  const auto entry = meta(packet).protected_by;
  const auto octets = data(packet);
  const auto flow = flow_key(packet);
  HeldPacket one{entry, flow, meta(packet), {octets.begin(), octets.end()}, now};
  if (forwarding->tables().interface(entry).kind != InterfaceKind::policy) return lose({one}, Drop::policy_blocked);
  auto given_up = held.hold(std::move(one));
  if (given_up) lose({std::move(*given_up)}, Drop::sa_wait_full);
  release_held(entry);
  if (forwarding->covering(entry, octets, meta(packet).header_length) != nullptr || punted.size() >= punted_max) return;
  if (held.request(now, entry, flow))
    punted.push_back({forwarding->name_of(entry), PuntKind::want_sa, {octets.begin(), octets.end()}, flow});
}

void Dataplane::Implementation::lose(const std::vector<HeldPacket>& packets, Drop reason) {
  for (const auto& packet : packets) {
    control_counters->drop(reason).add();
    control_counters->interfaces[packet.meta.egress].out_drops.add();
  }
}

namespace {

// The packet is routed again as it was: not filtered twice, and its TTL has not been decremented yet.
Meta meta_of_held(const HeldPacket& packet) {
  Meta m;
  m.interface = packet.meta.interface;
  m.header_length = packet.meta.header_length;
  m.step = packet.meta.adjacency == 0 ? Step::directed : Step::route;
  m.egress = packet.meta.adjacency == 0 ? packet.meta.egress : no_interface;
  m.flags = packet.meta.flags;
  m.filtered = true;
  return m;
}

}  // namespace

void Dataplane::Implementation::release_held(InterfaceIndex entry) {
  const auto is_covered = [&](const HeldPacket& one) {
    return forwarding->covering(entry, one.packet, one.meta.header_length) != nullptr;
  };
  for (auto& packet : held.take(entry, is_covered))
    if (!inject(packet.packet, meta_of_held(packet))) lose({std::move(packet)}, Drop::sa_wait_full);
}

namespace {

Meta meta_of_frame(InterfaceIndex egress) {
  Meta m;
  m.egress = egress;
  m.step = Step::transmit;
  m.flags = flag::l2 | flag::local;
  return m;
}

Meta meta_of_packet(net::View packet, Step step) {
  Meta m;
  m.header_length = static_cast<std::uint16_t>((std::to_integer<unsigned>(packet[0]) & 0xf) * 4);
  m.step = step;
  m.flags = flag::local;
  return m;
}

Meta meta_of_abandoned(net::View packet) {
  auto m = meta_of_packet(packet, Step::icmp_error);
  m.flags = 0;
  m.drop = Drop::no_neighbor;
  m.icmp_type = icmp::unreachable;
  m.icmp_code = icmp::host_unreachable;
  return m;
}

}  // namespace

void Dataplane::Implementation::drain_neighbors() {
  const auto address_lost = [&](const NeighborLost& n) { forwarding->neighbor_lost(n.interface, n.address); };
  while (const auto output = neighbors.poll())
    std::visit(net::overloaded{
                   [&](const SendFrame& f) { inject(f.frame, meta_of_frame(f.interface)); },
                   [&](const NeighborResolved& n) { forwarding->neighbor_resolved(n.interface, n.address, n.mac); },
                   address_lost,
                   [&](const ReleasePacket& p) { inject(p.packet, meta_of_packet(p.packet, Step::route)); },
                   [&](const AbandonPacket& p) { inject(p.packet, meta_of_abandoned(p.packet)); },
                   [&](const AddressConflict& c) {
                     if (conflicts.size() < punted_max)
                       conflicts.push_back({forwarding->name_of(c.interface), c.address, c.mac});
                   },
               },
               *output);
}

std::expected<std::unique_ptr<Dataplane>, std::string> Dataplane::start(const Options& options) {
  auto implementation = TRY(Implementation::start(options));
  return std::unique_ptr<Dataplane>(new Dataplane(std::move(implementation)));
}

Dataplane::Dataplane(std::unique_ptr<Implementation> implementation) : implementation_(std::move(implementation)) {}

Dataplane::~Dataplane() {
  implementation_.reset();
  stop_eal();
}

std::vector<PortInfo> Dataplane::ports() const { return implementation_->ports.show(); }

void Dataplane::apply(net::Time now, const ForwardingConfig& config) { implementation_->apply(now, config); }

std::expected<void, std::string> Dataplane::update_routes(const std::vector<RouteUpdate>& updates) {
  auto done = implementation_->forwarding->update_routes(updates);
  if (implementation_->forwarding->waits()) implementation_->punts.ring();
  return done;
}

std::expected<void, std::string> Dataplane::set_route(const net::Prefix& prefix, const NextHops& next_hops) {
  return update_routes({{prefix, std::make_shared<const NextHops>(next_hops)}});
}

std::expected<SaHandle, std::string> Dataplane::install_sa(std::string_view tunnel, const SaParameters& parameters) {
  auto& forwarding = *implementation_->forwarding;
  const auto index = forwarding.index_of(tunnel);
  if (index == no_interface) return std::unexpected(fmt::format("there is no interface {}", tunnel));
  if (parameters.direction == SaDirection::inbound && forwarding.has_association(parameters.spi))
    return std::unexpected(fmt::format("inbound SPI {:#010x} is in use", parameters.spi));
  const auto handle = forwarding.add_association(index, parameters, TRY(make_security_association(parameters, index)));
  if (parameters.direction == SaDirection::outbound) implementation_->release_held(index);
  return handle;
}

void Dataplane::remove_sa(SaHandle handle) { implementation_->forwarding->remove_association(handle); }

void Dataplane::move_sa(SaHandle handle, const UdpEncapsulation& udp, const net::Address& remote) {
  const auto association = implementation_->forwarding->association(handle);
  if (association && association->parameters().udp && remote.is_v4()) association->move_to(udp, remote);
}

void Dataplane::expect_ike(std::uint64_t spi, bool half_open) { implementation_->ike_spis.set(spi, half_open); }

void Dataplane::forget_ike(std::uint64_t spi) { implementation_->ike_spis.erase(spi); }

std::optional<SaStatistics> Dataplane::sa_statistics(SaHandle handle) const {
  const auto association = implementation_->forwarding->association(handle);
  if (!association) return std::nullopt;
  return statistics_of(*association);
}

bool Dataplane::has_outbound_sa(std::string_view tunnel) const {
  const auto& forwarding = *implementation_->forwarding;
  return forwarding.tables().interface(forwarding.index_of(tunnel)).tunnel.outbound != nullptr;
}

std::shared_ptr<Tap> Dataplane::add_tap(const TapOptions& options) {
  auto& forwarding = *implementation_->forwarding;
  const auto kind = forwarding.tables().interface(forwarding.index_of(options.interface)).kind;
  if (kind != InterfaceKind::port && kind != InterfaceKind::tunnel) return nullptr;
  auto tap = std::make_shared<Tap>(options, kind == InterfaceKind::port, implementation_->punts.event());
  forwarding.add_tap(tap);
  return tap;
}

void Dataplane::remove_tap(const std::shared_ptr<Tap>& tap) { implementation_->forwarding->remove_tap(tap); }

bool Dataplane::inject(net::View packet) {
  if (packet.size() < sizeof(rte_ipv4_hdr)) return false;
  return implementation_->inject(packet, meta_of_packet(packet, Step::classify));
}

bool Dataplane::inject_on(std::string_view interface, net::View packet) {
  const auto index = implementation_->forwarding->index_of(interface);
  if (packet.size() < sizeof(rte_ipv4_hdr) || index == no_interface) return false;
  auto meta = meta_of_packet(packet, Step::directed);
  meta.egress = index;
  return implementation_->inject(packet, meta);
}

int Dataplane::punt_fd() const { return implementation_->punts.event(); }
std::optional<net::Time> Dataplane::deadline() const {
  const auto& i = *implementation_;
  std::optional<net::Time> first;
  if (i.forwarding->waits()) first = i.serviced + route_wait;
  for (const auto due : {i.neighbors.deadline(), i.path_mtus.deadline(), i.held.deadline()})
    if (due) first = first ? std::min(*first, *due) : due;
  return first;
}
void Dataplane::service(net::Time now) { implementation_->service(now); }
std::vector<Punted> Dataplane::take_punted() { return std::exchange(implementation_->punted, {}); }
std::vector<ConflictEvent> Dataplane::take_conflicts() { return std::exchange(implementation_->conflicts, {}); }

void Dataplane::clear_neighbors(net::Time now) {
  implementation_->neighbors.clear(now);
  implementation_->drain_neighbors();
}

}  // namespace culvert::dataplane
