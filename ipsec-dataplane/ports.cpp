#include "ipsec-dataplane/ports.h"

#include <fmt/core.h>
#include <rte_dev.h>
#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_interrupts.h>
#include <rte_spinlock.h>

#include <algorithm>
#include <array>
#include <bitset>
#include <cstring>
#include <string_view>

#include "ipsec-dataplane/dataplane.h"
#include "ipsec-dataplane/packet_pool.h"
#include "ipsec-dataplane/stages.h"
#include "ipsec-dataplane/tap_stages.h"
#include "net/try.h"

namespace culvert::dataplane {
namespace {

constexpr std::uint16_t descriptors_per_queue = 512;
constexpr unsigned large_packet_count = 160;  // in the plane at one time; each is cut or freed within its turn
constexpr std::size_t send_batch = 32;        // less than any ring holds: a packet socket sends when it is kicked
constexpr int poll_interval = 1;              // ms, for ports without a descriptor
// What a packet buffer holds with room to grow by ESP. A Linux interface with a larger MTU takes large frames, as
// segmentation offload does, and our side of it has this MTU.
constexpr std::uint16_t small_mtu_max = packet_room - 128;

// Frames of the packet socket's ring. Frames must fill their block exactly, for the driver takes the ring as one array.
// A large frame holds 64 kB of TCP behind the ring's own 66 octets, and its buffer just fits a 16-bit length.
constexpr std::string_view small_ring = "blocksz=4096,framesz=2048,framecnt=512";
constexpr std::string_view large_ring = "blocksz=2093056,framesz=65408,framecnt=64";

constexpr std::string_view af_packet_prefix = "af_packet:";
constexpr std::string_view af_packet_driver = "net_af_packet", interface_argument = "iface=";

// The Linux interface that a device stands for, by its short form or by DPDK's own with nothing but `iface`: it is
// taken over with care (kernel_port.h). With more arguments the device is opened just as it is written.
std::optional<std::string> linux_interface(std::string_view device) {
  if (device.starts_with(af_packet_prefix)) return std::string(device.substr(af_packet_prefix.size()));
  const auto comma = device.find(',');
  if (!device.starts_with(af_packet_driver) || comma == std::string_view::npos) return std::nullopt;
  const auto arguments = device.substr(comma + 1);
  if (!arguments.starts_with(interface_argument) || arguments.find(',') != std::string_view::npos) return std::nullopt;
  return std::string(arguments.substr(interface_argument.size()));
}

}  // namespace

struct Ports::Port {
  std::string name;
  std::string device;  // what DPDK calls it
  std::uint16_t id = 0;
  unsigned worker = 0;
  int descriptor = -1;
  std::uint16_t mtu = 1500;
  bool started = false;
  std::optional<KernelPort> kernel;
  std::set<Mac> stations;                               // multicast
  rte_spinlock_t send_lock = RTE_SPINLOCK_INITIALIZER;  // any worker may send

  std::expected<void, std::string> start(rte_mempool* pool);
  void find_descriptor();
};

Ports::Ports() = default;

Ports::~Ports() {
  for (auto& port : ports_) {
    if (port->started) rte_eth_dev_stop(port->id);
    rte_eth_dev_close(port->id);
  }
}

namespace {

struct DeviceArguments {
  std::string name;
  std::string arguments;
};

// "net_tap0,iface=tap0" apart at the first comma.
DeviceArguments split(const std::string& device) {
  const auto comma = device.find(',');
  if (comma == std::string::npos) return {device, ""};
  return {device.substr(0, comma), device.substr(comma + 1)};
}

DeviceArguments shorthand(const std::string& device, std::size_t number) {
  if (device == "null") return {fmt::format("net_null{}", number), "no-rx=1"};
  if (device == "ring") return {fmt::format("net_ring{}", number), ""};
  return split(device);
}

DeviceArguments af_packet(const std::string& interface, const KernelPort& kernel, std::size_t number) {
  const auto ring = kernel.large_frames() || kernel.mtu() > small_mtu_max ? large_ring : small_ring;
  return {fmt::format("net_af_packet{}", number), fmt::format("iface={},{},qdisc_bypass=1", interface, ring)};
}

}  // namespace

std::expected<void, std::string> Ports::open(const PortOptions& options, rte_mempool* pool, unsigned workers) {
  auto port = std::make_unique<Port>();
  port->name = options.name;
  DeviceArguments device;
  if (const auto interface = linux_interface(options.device)) {
    port->kernel.emplace(TRY(KernelPort::take(*interface)));
    port->mtu = std::min(port->kernel->mtu(), small_mtu_max);
    device = af_packet(*interface, *port->kernel, ports_.size());
  } else {
    device = shorthand(options.device, ports_.size());
  }
  if (rte_eal_hotplug_add("vdev", device.name.c_str(), device.arguments.c_str()) != 0)
    return std::unexpected(
        fmt::format("port {}: DPDK cannot open '{}' ({}); for a Linux interface write af_packet:NAME", options.name,
                    options.device, rte_strerror(rte_errno)));
  if (rte_eth_dev_get_port_by_name(device.name.c_str(), &port->id) != 0)
    return std::unexpected(fmt::format("port {}: '{}' is no network device", options.name, options.device));
  port->device = device.name;
  port->worker = static_cast<unsigned>(ports_.size()) % workers;
  const bool large = port->kernel && (port->kernel->large_frames() || port->kernel->mtu() > small_mtu_max);
  if (large && large_pool_ == nullptr)
    large_pool_ = TRY(make_packet_pool("large_packets", large_packet_count, large_packet_room));
  auto started = port->start(large ? large_pool_ : pool);
  ports_.push_back(std::move(port));
  return started;
}

std::expected<void, std::string> Ports::Port::start(rte_mempool* pool) {
  const rte_eth_conf conf{};
  std::uint16_t rx = descriptors_per_queue, tx = descriptors_per_queue;
  rte_eth_dev_adjust_nb_rx_tx_desc(id, &rx, &tx);
  const auto node = static_cast<unsigned>(SOCKET_ID_ANY);
  int error = rte_eth_dev_configure(id, 1, 1, &conf);
  if (error == 0) error = rte_eth_rx_queue_setup(id, 0, rx, node, nullptr, pool);
  if (error == 0) error = rte_eth_tx_queue_setup(id, 0, tx, node, nullptr);
  if (error == 0) error = rte_eth_dev_start(id);
  if (error != 0)
    return std::unexpected(fmt::format("port {}: {} does not start ({})", name, device, rte_strerror(-error)));
  started = true;
  if (!kernel) rte_eth_dev_get_mtu(id, &mtu);
  find_descriptor();
  return {};
}

void Ports::Port::find_descriptor() {
  descriptor = kernel ? packet_socket_of(kernel->index()) : rte_eth_dev_rx_intr_ctl_q_get_fd(id, 0);
}

std::vector<PortInfo> Ports::show() const {
  std::vector<PortInfo> all;
  for (const auto& port : ports_) {
    PortInfo info{.name = port->name, .mac = {}, .mtu = port->mtu, .link_up = false, .warning = {}};
    rte_ether_addr mac{};
    rte_eth_macaddr_get(port->id, &mac);
    std::memcpy(info.mac.octets.data(), mac.addr_bytes, RTE_ETHER_ADDR_LEN);
    rte_eth_link link{};
    rte_eth_link_get_nowait(port->id, &link);
    info.link_up = port->kernel ? port->kernel->link_up() : link.link_status == RTE_ETH_LINK_UP;
    if (port->kernel) info.warning = port->kernel->warning();
    all.push_back(std::move(info));
  }
  return all;
}

namespace {

// A device that cannot tell stations apart takes all of them.
void listen_by_device(std::uint16_t id, const std::set<Mac>& stations) {
  std::vector<rte_ether_addr> list(stations.size());
  std::ranges::transform(stations, list.begin(), [](const Mac& mac) {
    rte_ether_addr address;
    std::memcpy(address.addr_bytes, mac.octets.data(), RTE_ETHER_ADDR_LEN);
    return address;
  });
  if (rte_eth_dev_set_mc_addr_list(id, list.data(), static_cast<std::uint32_t>(list.size())) != 0 && !list.empty())
    rte_eth_allmulticast_enable(id);
}

}  // namespace

void Ports::listen_to(std::string_view name, std::set<Mac> stations) {
  const auto found = std::ranges::find_if(ports_, [&](const auto& port) { return port->name == name; });
  if (found == ports_.end() || (*found)->stations == stations) return;
  auto& port = **found;
  if (port.kernel)
    hear_stations(port.descriptor, port.kernel->index(), port.stations, stations);
  else
    listen_by_device(port.id, stations);
  port.stations = std::move(stations);
}

std::optional<std::uint16_t> Ports::find(const std::string& name) const {
  for (const auto& port : ports_)
    if (port->name == name) return port->id;
  return std::nullopt;
}

std::size_t Ports::port_id_end() const {
  std::size_t end = 0;
  for (const auto& port : ports_) end = std::max<std::size_t>(end, port->id + 1u);
  return end;
}

std::vector<int> Ports::descriptors(unsigned worker) const {
  std::vector<int> all;
  for (const auto& port : ports_)
    if (port->worker == worker && port->descriptor >= 0) all.push_back(port->descriptor);
  return all;
}

int Ports::poll_interval_ms(unsigned worker) const {
  for (const auto& port : ports_)
    if (port->worker == worker && port->descriptor < 0) return poll_interval;
  return -1;
}

void Ports::receive(Burst& burst, const Tables& tables, WorkerState& worker) {
  const auto begin = worker.turn_begins_at++;
  for (std::size_t n = 0; n < ports_.size() && burst.size() < Burst::rx_max; ++n) {
    const auto& port = ports_[(begin + n) % ports_.size()];
    if (port->worker != worker.worker) continue;
    const auto first = burst.size();
    const auto room = static_cast<std::uint16_t>(Burst::rx_max - first);
    const auto got = rte_eth_rx_burst(port->id, 0, burst.tail(), room);
    if (got == 0) continue;
    burst.grow(got);
    worker.backlog = worker.backlog || got == room;
    worker.counters->stage(StageCount::received).add(got);
    const auto ingress = port->id < tables.by_port.size() ? tables.by_port[port->id] : no_interface;
    auto& counters = worker.counters->interfaces[ingress];
    if (!tables.taps.empty()) [[unlikely]]
      for (auto i = first; i < burst.size(); ++i) tap_packet(tables, ingress, TapDirection::in, burst[i]);
    std::uint64_t octets = 0;
    std::uint32_t longest = 0;
    for (auto i = first; i < burst.size(); ++i) {
      parse(burst[i], ingress, tables);
      octets += burst[i].pkt_len;
      longest = std::max(longest, burst[i].pkt_len);
    }
    worker.uncut = worker.uncut || longest > tables.interface(ingress).mtu;
    counters.in_packets.add(got);
    counters.in_octets.add(octets);
  }
}

namespace {

// The Ethernet header for a packet that has none yet. False: no headroom.
bool encapsulate(Packet& p, const Interface& egress, const Adjacency& adjacency) {
  if (has(p, flag::l2)) return true;
  auto* header = reinterpret_cast<rte_ether_hdr*>(rte_pktmbuf_prepend(&p, sizeof(rte_ether_hdr)));
  if (header == nullptr) return false;
  std::memcpy(header->dst_addr.addr_bytes, adjacency.mac.octets.data(), RTE_ETHER_ADDR_LEN);
  std::memcpy(header->src_addr.addr_bytes, egress.mac.octets.data(), RTE_ETHER_ADDR_LEN);
  header->ether_type = rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4);
  return true;
}

}  // namespace

// Gathers packets for one port and sends them in batches.
class Ports::Sender {
 public:
  Sender(Port& port, WorkerState& worker) : port_(port), worker_(worker) {}

  void add(Packet& p) {
    packets_[size_] = &p;
    egress_[size_] = meta(p).egress;
    octets_[size_++] = p.pkt_len - RTE_ETHER_HDR_LEN;  // a packet that was sent is no longer ours to look at
    if (size_ == send_batch) flush();
  }

  void flush() {
    if (size_ == 0) return;
    const auto sent = send();
    worker_.counters->stage(StageCount::sent).add(sent);
    count(sent);
    for (auto i = sent; i < size_; ++i) {
      drop(*packets_[i], Drop::tx_full);
      worker_.spare->push(packets_[i]);
    }
    size_ = 0;
  }

 private:
  std::uint16_t send() {
    rte_spinlock_lock(&port_.send_lock);
    const auto sent = rte_eth_tx_burst(port_.id, 0, packets_.data(), size_);
    rte_spinlock_unlock(&port_.send_lock);
    return sent;
  }

  // By runs of one egress, which nearly always are the whole batch.
  void count(std::uint16_t sent) {
    for (std::uint16_t i = 0; i < sent;) {
      const auto first = i;
      std::uint64_t octets = 0;
      for (; i < sent && egress_[i] == egress_[first]; ++i) octets += octets_[i];
      auto& counters = worker_.counters->interfaces[egress_[first]];
      counters.out_packets.add(i - first);
      counters.out_octets.add(octets);
    }
  }

  Port& port_;
  WorkerState& worker_;
  std::array<Packet*, send_batch> packets_;
  std::array<InterfaceIndex, send_batch> egress_;
  std::array<std::uint32_t, send_batch> octets_;
  std::uint16_t size_ = 0;
};

// True if the packet is on its way; false if it is for another port or had to be dropped.
bool Ports::send_by(Port& port, Sender& sender, Packet& p, const Tables& tables) {
  const auto& m = meta(p);
  if (m.step != Step::transmit) return false;
  const auto& egress = tables.interface(m.egress);
  if (egress.kind != InterfaceKind::port || egress.port != port.id || !egress.up) return false;
  if (!encapsulate(p, egress, tables.adjacency(m.adjacency))) {
    drop(p, Drop::no_buffer);
    return false;
  }
  if (!tables.taps.empty()) [[unlikely]]
    tap_packet(tables, m.egress, TapDirection::out, p);
  sender.add(p);
  return true;
}

void Ports::transmit(Burst& burst, const Tables& tables, WorkerState& worker) {
  std::bitset<RTE_MAX_ETHPORTS> wanted;
  bool any = false;
  for (auto* p : burst)
    if (meta(*p).step == Step::transmit) {
      wanted.set(tables.interface(meta(*p).egress).port % wanted.size());
      any = true;
    }
  if (!any) return;
  for (const auto& port : ports_) {
    if (!wanted.test(port->id % wanted.size())) continue;
    Sender sender(*port, worker);
    burst.remove_if([&](Packet& p) { return send_by(*port, sender, p, tables); });
    sender.flush();
  }
  for (auto* p : burst)
    if (meta(*p).step == Step::transmit) drop(*p, Drop::egress_down);
  for (auto* p : *worker.spare) burst.push(p);
  worker.spare->clear();
}

}  // namespace culvert::dataplane
