// A worker between two ports, with one tunnel: what `./bench esp` measures.
//
// The first port replays a file of frames for ever, by a copy each (DPDK's pcap driver), the second swallows what it is
// sent. A turn is the worker's own: receive, parse, classify, route, seal or open, transmit, count.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "ipsec-dataplane/forwarding.h"
#include "ipsec-dataplane/ports.h"
#include "ipsec-dataplane/punt_queues.h"
#include "ipsec-dataplane/worker.h"
#include "net/bytes.h"

namespace culvert::bench {

struct EspSuite {
  const char* name;
  dataplane::EspCipher cipher;
  std::size_t cipher_key;  // octets, with the salt
  dataplane::EspIntegrity integrity;
  std::size_t integrity_key;
  const char* peer_algorithm;  // in the words of ipsec-secgw's configuration
};
const std::vector<EspSuite>& esp_suites();

// Starts DPDK, once a process, on the processor this thread is bound to.
void start_plane();

// What the tunnel makes of packets, ready to be replayed to the other side.
std::vector<net::Bytes> seal_all(const EspSuite& suite, const std::vector<net::Bytes>& packets);

class EspPath {
 public:
  // Requires: start_plane(). `sealed`: the frames are ESP to be opened; else plain packets into the tunnel.
  EspPath(const EspSuite& suite, bool sealed, const std::filesystem::path& frames);
  ~EspPath();

  // Nanoseconds of processor time a packet sent, over about `packets` packets; 0 where none was.
  double run(std::uint64_t packets);
  std::uint64_t dropped() const;

 private:
  void configure(const EspSuite& suite);
  std::uint64_t sent() const { return counters_->stages[static_cast<std::size_t>(dataplane::StageCount::sent)].get(); }

  dataplane::Ports ports_;
  dataplane::TablePublisher publisher_{1};
  std::unique_ptr<dataplane::WorkerCounters> counters_ = std::make_unique<dataplane::WorkerCounters>();
  std::unique_ptr<dataplane::Forwarding> forwarding_;
  dataplane::PuntQueues punts_;
  dataplane::WorkerQueues queues_;
  std::vector<dataplane::Worker*> peers_;
  std::unique_ptr<dataplane::Worker> worker_;
};

// The MAC that ports of the pcap driver have, the `number`th made in this process counted from 0.
dataplane::Mac replay_mac(unsigned number);

}  // namespace culvert::bench
