// The parts of the dataplane on the control thread's side; dataplane.cpp starts and drives them, dataplane_views.cpp
// tells what they have come to.
#pragma once

#include <expected>
#include <memory>
#include <string>
#include <vector>

#include "ipsec-dataplane/control_sender.h"
#include "ipsec-dataplane/counters.h"
#include "ipsec-dataplane/dataplane.h"
#include "ipsec-dataplane/esp.h"
#include "ipsec-dataplane/forwarding.h"
#include "ipsec-dataplane/grace.h"
#include "ipsec-dataplane/held_packets.h"
#include "ipsec-dataplane/ike_spis.h"
#include "ipsec-dataplane/path_mtu.h"
#include "ipsec-dataplane/ports.h"
#include "ipsec-dataplane/punt_queues.h"
#include "ipsec-dataplane/worker.h"

namespace culvert::dataplane {

class Dataplane::Implementation {
 public:
  static std::expected<std::unique_ptr<Implementation>, std::string> start(const Options& options);
  ~Implementation();

  void apply(net::Time now, const ForwardingConfig& config);
  bool inject(net::View octets, Meta meta);
  void service(net::Time now);
  void drain_neighbors();
  // Of the workers and of control.
  std::vector<WorkerCounters*> all_counters() const;
  // Held packets that the SAs of a policy entry cover go their way.
  void release_held(InterfaceIndex entry);

  std::unique_ptr<TablePublisher> publisher;
  std::unique_ptr<Forwarding> forwarding;
  Ports ports;
  Neighbors neighbors;
  PathMtus path_mtus;
  HeldPackets held;
  std::vector<Punted> punted;
  std::vector<ConflictEvent> conflicts;
  std::vector<std::unique_ptr<WorkerCounters>> counters;
  std::unique_ptr<WorkerCounters> control_counters =
      std::make_unique<WorkerCounters>();                                     // what control sends and drops
  std::vector<std::unique_ptr<FilterReports>> filter_reports, clear_reports;  // by worker
  PuntQueues punts;
  IkeSpis ike_spis;

 private:
  std::expected<void, std::string> open_ports(const Options& options);
  std::expected<void, std::string> make_workers(const Options& options);
  std::expected<void, std::string> launch();
  void take(net::Time now, Packet& packet);
  void hold(net::Time now, Packet& packet);
  void lose(const std::vector<HeldPacket>& packets, Drop reason);
  void hear_of_path(net::Time now, net::View icmp);
  void forget_paths(net::Time now);
  net::Address next_hop_address(Packet& packet) const;
  void forget(net::Time now, InterfaceIndex index);
  void join_groups();
  void wake();

  rte_mempool* pool_ = nullptr;
  rte_mempool* large_pool_ = nullptr;
  std::vector<std::shared_ptr<CryptoEngine>> crypto_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<Worker*> peers_;
  std::unique_ptr<ControlSender> sender_;
};

}  // namespace culvert::dataplane
