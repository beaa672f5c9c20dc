// What the dataplane tells: reports of the workers, and counters summed over them.
#include <array>

#include "ipsec-dataplane/dataplane_implementation.h"

namespace culvert::dataplane {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(StageCount::count)> stage_names{
    "received", "injected", "policy-in", "classified", "opened", "routed", "policy-out", "protected", "punted", "sent"};

}  // namespace

std::vector<WorkerCounters*> Dataplane::Implementation::all_counters() const {
  std::vector<WorkerCounters*> all{control_counters.get()};
  for (const auto& worker : counters) all.push_back(worker.get());
  return all;
}

std::vector<FilterLog> Dataplane::take_filter_log() {
  std::vector<FilterLog> all;
  for (const auto& worker : implementation_->filter_reports)
    for (const auto& report : worker->take())
      all.push_back({report, implementation_->forwarding->name_of(report.interface)});
  return all;
}

std::vector<ClearPacket> Dataplane::take_clear_packets() {
  std::vector<ClearPacket> all;
  for (const auto& worker : implementation_->clear_reports)
    for (const auto& report : worker->take())
      all.push_back({implementation_->forwarding->name_of(report.interface), report.flow});
  return all;
}

std::uint64_t Dataplane::missed_filter_reports() const {
  std::uint64_t sum = 0;
  for (const auto& worker : implementation_->filter_reports) sum += worker->missed.get();
  return sum;
}

std::vector<NeighborRow> Dataplane::neighbors(net::Time now) const {
  std::vector<NeighborRow> rows;
  for (const auto& n : implementation_->neighbors.show(now))
    rows.push_back({implementation_->forwarding->name_of(n.interface), n.address, n.mac, n.age_minutes});
  return rows;
}

std::optional<TunnelMtu> Dataplane::tunnel_mtu(std::string_view tunnel) const {
  const auto& forwarding = *implementation_->forwarding;
  const auto index = forwarding.index_of(tunnel);
  const auto& interface = forwarding.tables().interface(index);
  if (interface.kind != InterfaceKind::tunnel && interface.kind != InterfaceKind::policy) return std::nullopt;
  return TunnelMtu{.path = forwarding.path_mtu(index),
                   .plaintext = interface.tunnel.plaintext_mtu,
                   .learned = implementation_->path_mtus.of(index).has_value()};
}

FragmentStatistics Dataplane::fragments() const {
  FragmentStatistics sum;
  for (const auto* by : implementation_->all_counters()) {
    const auto& c = by->reassembly;
    sum.fragments += c.fragments.get();
    sum.reassembled += c.reassembled.get();
    sum.timed_out += c.timed_out.get();
    sum.failed += c.failed.get();
    sum.cut += c.cut.get();
    sum.fragments_made += c.fragments_made.get();
    sum.could_not_cut += c.could_not_cut.get();
  }
  return sum;
}

InterfaceStatistics Dataplane::statistics(std::string_view interface) const {
  const auto index = implementation_->forwarding->index_of(interface);
  InterfaceStatistics sum;
  if (index == no_interface) return sum;
  for (const auto* by : implementation_->all_counters()) {
    const auto& c = by->interfaces[index];
    sum.in_packets += c.in_packets.get();
    sum.in_octets += c.in_octets.get();
    sum.in_drops += c.in_drops.get();
    sum.out_packets += c.out_packets.get();
    sum.out_octets += c.out_octets.get();
    sum.out_drops += c.out_drops.get();
  }
  return sum;
}

std::vector<DropCount> Dataplane::drops() const {
  std::vector<DropCount> all;
  for (const auto& text : drop_texts) {
    std::uint64_t sum = 0;
    for (auto* by : implementation_->all_counters()) sum += by->drop(text.drop).get();
    if (sum > 0) all.push_back({text.drop, sum});
  }
  return all;
}

std::vector<StageStatistics> Dataplane::stages() const {
  std::vector<StageStatistics> all;
  for (std::size_t stage = 0; stage < stage_names.size(); ++stage) {
    StageStatistics sum{stage_names[stage], 0, 0};
    for (const auto* by : implementation_->all_counters()) {
      sum.packets += by->stages[stage].get();
      sum.cycles += by->cycles[stage].get();
    }
    all.push_back(sum);
  }
  return all;
}

std::vector<WorkerStatistics> Dataplane::workers() const {
  std::vector<WorkerStatistics> all;
  for (const auto& worker : implementation_->counters) all.push_back({worker->turns.get(), worker->sleeps.get()});
  return all;
}

}  // namespace culvert::dataplane
