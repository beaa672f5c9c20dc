// The ports of a router: DPDK devices under the names of interfaces. Only rx and tx know them.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "ipsec-dataplane/kernel_port.h"
#include "ipsec-dataplane/packet.h"
#include "ipsec-dataplane/tables.h"
#include "ipsec-dataplane/worker_state.h"

namespace culvert::dataplane {

struct PortOptions;
struct PortInfo;

class Ports {
 public:
  Ports();
  ~Ports();
  Ports(const Ports&) = delete;
  Ports& operator=(const Ports&) = delete;

  // Opens and starts one more port; before any worker runs. The error is one line.
  std::expected<void, std::string> open(const PortOptions& options, rte_mempool* pool, unsigned workers);

  std::vector<PortInfo> show() const;
  // The port takes frames for these multicast stations, instead of those it was told before.
  void listen_to(std::string_view name, std::set<Mac> stations);
  std::size_t size() const { return ports_.size(); }
  // The DPDK port that bears this interface name.
  std::optional<std::uint16_t> find(const std::string& name) const;
  std::size_t port_id_end() const;  // one more than the greatest DPDK port number

  // A worker's share of the ports.

  // Appends what arrived, parsed. Each turn another port comes first.
  void receive(Burst& burst, const Tables& tables, WorkerState& worker);
  // Sends the packets of step transmit and takes them out of the burst; those for which there was no room become drops.
  void transmit(Burst& burst, const Tables& tables, WorkerState& worker);
  std::vector<int> descriptors(unsigned worker) const;
  // How long a worker may wait for ports without a descriptor; -1 = it need not look.
  int poll_interval_ms(unsigned worker) const;

 private:
  struct Port;
  class Sender;
  static bool send_by(Port& port, Sender& sender, Packet& packet, const Tables& tables);
  std::vector<std::unique_ptr<Port>> ports_;
  rte_mempool* large_pool_ = nullptr;
};

}  // namespace culvert::dataplane
