#include "ipsec-dataplane/filter.h"

#include <array>

#include "ipsec-dataplane/flow_cache.h"
#include "ipsec-dataplane/flow_key.h"
#include "ipsec-dataplane/icmp.h"
#include "ipsec-dataplane/packet_filter.h"

namespace culvert::dataplane {
namespace {

// Packets of one filter, judged together.
class Batch {
 public:
  explicit Batch(WorkerState& worker) : worker_(worker) {}
  ~Batch() { judge(); }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  void add(Packet& packet, const PacketFilter& filter) {
    if (filter_ != &filter || count_ == packets_.size()) judge();
    filter_ = &filter;
    keys_[count_] = flow_key(packet);
    packets_[count_++] = &packet;
  }

 private:
  void judge() {
    if (count_ == 0) return;
    const std::span<const FlowKey> keys(keys_.data(), count_);
    const std::span<std::uint32_t> results(results_.data(), count_);
    const auto& classifier = *filter_->classifier;
    if (worker_.flows != nullptr && classifier.size() > Classifier::plain_max)
      worker_.flows->look_up(classifier, keys, results);
    else
      classifier.look_up(keys, results);
    for (std::size_t i = 0; i < count_; ++i) decide(*packets_[i], keys_[i], results_[i]);
    count_ = 0;
  }

  void decide(Packet& packet, const FlowKey& key, std::uint32_t result) {
    if (result == Classifier::no_match) return deny(packet);
    const auto& line = filter_->lines[result];
    line.hits->add(worker_.worker);
    if (line.log != 0) report(packet, key, line);
    if (!line.permit) deny(packet);
  }

  static void deny(Packet& packet) {
    drop_and_tell(packet, Drop::access_list, icmp::unreachable, icmp::administratively_prohibited);
  }

  // At a limited rate: the log is for people.
  void report(Packet& packet, const FlowKey& key, const FilterLine& line) {
    if (worker_.filter_reports == nullptr) return;
    if (!worker_.filter_log.take(worker_.now_cycles)) return worker_.filter_reports->missed.add();
    worker_.filter_reports->put({.log = line.log, .interface = meta(packet).interface, .flow = key});
    worker_.reported = true;
  }

  WorkerState& worker_;
  const PacketFilter* filter_ = nullptr;
  std::array<FlowKey, FlowCache::keys_max> keys_;
  std::array<Packet*, FlowCache::keys_max> packets_;
  std::array<std::uint32_t, FlowCache::keys_max> results_;
  std::size_t count_ = 0;
};

// Sealed, or fragment by fragment.
bool was_judged(const Packet& p, const Interface& interface) {
  if (!has(p, flag::decrypted)) return has(p, flag::whole);
  return interface.kind != InterfaceKind::tunnel;
}

}  // namespace

void filter_input(Burst& burst, const Tables& tables, WorkerState& worker) {
  if (tables.filters.empty()) return;
  Batch batch(worker);
  for (auto* p : burst) {
    if (meta(*p).step != Step::classify || has(*p, flag::local)) continue;
    const auto& interface = tables.interface(meta(*p).interface);
    if (interface.input_filter == nullptr || was_judged(*p, interface)) continue;
    batch.add(*p, *interface.input_filter);
  }
}

void filter_output(std::span<Packet* const> packets, const Tables& tables, WorkerState& worker) {
  if (tables.filters.empty()) return;
  Batch batch(worker);
  for (auto* p : packets) {
    const auto& interface = tables.interface(tables.adjacency(meta(*p).adjacency).interface);
    if (interface.output_filter == nullptr || has(*p, flag::local) || meta(*p).filtered) continue;
    batch.add(*p, *interface.output_filter);
  }
}

}  // namespace culvert::dataplane
