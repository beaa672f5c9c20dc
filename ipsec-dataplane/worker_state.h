// What a worker owns and a stage may use beside the burst and the tables.
#pragma once

#include <cstdint>
#include <memory>

#include "ipsec-dataplane/counters.h"
#include "ipsec-dataplane/packet.h"

struct rte_mempool;

namespace culvert::dataplane {

class FlowCache;
class FilterReports;
struct PolicyWork;
class Reassembly;
class IkeSpis;
struct CryptoEngine;  // crypto_engine.h

// At most `rate` a second with bursts of `size`, RFC 1812 §4.3.2.8.
class TokenBucket {
 public:
  // `cycles_per_token` in units of the time passed to take().
  TokenBucket(std::uint64_t cycles_per_token, std::uint32_t size)
      : cycles_per_token_(cycles_per_token), size_(size), tokens_(size) {}
  bool take(std::uint64_t now);

 private:
  std::uint64_t cycles_per_token_;
  std::uint64_t refilled_ = 0;
  std::uint32_t size_;
  std::uint32_t tokens_;
};

struct WorkerState {
  unsigned worker = 0;          // 0 to workers - 1
  rte_mempool* pool = nullptr;  // packets of packet_room octets with Meta, for fragments, answers and outer packets
  rte_mempool* large_pool = nullptr;  // packets of large_packet_room octets, for whole datagrams
  WorkerCounters* counters = nullptr;
  CryptoEngine* crypto = nullptr;         // nullptr where there is no ESP (tests of plain forwarding)
  const IkeSpis* ike_spis = nullptr;      // nullptr: all IKE is a stranger's
  Reassembly* reassembly = nullptr;       // what this worker holds of fragmented datagrams
  Burst* spare = nullptr;                 // for stages that rebuild the burst; empty between stages
  std::uint64_t now_cycles = 0;           // TSC at the start of this turn
  std::uint16_t next_identification = 0;  // IPv4 ID of packets made here
  TokenBucket icmp_errors{0, 0};
  TokenBucket invalid_spis{0, 0};           // packets that control hears of
  std::size_t turn_begins_at = 0;           // the port that may fill a turn's burst before the others
  FlowCache* flows = nullptr;               // nullptr: every packet is looked up
  FilterReports* filter_reports = nullptr;  // nullptr: lines with `log` stay silent
  TokenBucket filter_log{0, 0};
  PolicyWork* policies = nullptr;          // nullptr: every packet is looked up, and every one without an SA is punted
  FilterReports* clear_reports = nullptr;  // nullptr: packets that came in clear are dropped in silence
  TokenBucket clear_log{0, 0};
  bool reported = false;  // control has a report to read
  bool backlog = false;   // a port or a queue held more than a turn takes: more packets follow at once
  bool uncut = false;     // a port brought something longer than it carries
};

}  // namespace culvert::dataplane
