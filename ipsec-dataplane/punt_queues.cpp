#include "ipsec-dataplane/punt_queues.h"

#include <fmt/format.h>
#include <rte_ring.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <bit>

namespace culvert::dataplane {
namespace {

constexpr unsigned largest = 512, smallest = 16;

// How many queues of this size would hold all packets. The SAs that stand and the neighbors of a routing protocol may
// speak all at once; of the rest a few are always enough.
unsigned part_of(PuntReason reason) {
  switch (reason) {
    case PuntReason::ike:
    case PuntReason::eigrp: return 8;
    case PuntReason::ike_half_open:
    case PuntReason::ike_stranger: return 16;
    case PuntReason::arp:
    case PuntReason::want_neighbor: return 32;
    default: return 64;
  }
}

unsigned size_of(PuntReason reason, unsigned packet_count) {
  const auto part = part_of(reason);
  return std::clamp(std::bit_floor(packet_count / part), smallest, part >= 32 ? largest / 4 : largest);
}

}  // namespace

PuntQueues::~PuntQueues() {
  for (auto* queue : queues_) rte_ring_free(queue);
  if (event_ >= 0) close(event_);
}

std::expected<void, std::string> PuntQueues::open(const std::string& name, unsigned packet_count) {
  event_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    const auto size = size_of(static_cast<PuntReason>(i), packet_count);
    queues_[i] = rte_ring_create(fmt::format("{}{}", name, i).c_str(), size, SOCKET_ID_ANY, RING_F_SC_DEQ);
    if (queues_[i] == nullptr) return std::unexpected("no memory for a queue to the control plane");
  }
  return {};
}

bool PuntQueues::offer(Packet* packet) {
  return rte_ring_enqueue(queues_[static_cast<std::size_t>(meta(*packet).punt)], packet) == 0;
}

unsigned PuntQueues::take(std::span<void*> out) {
  const auto share = std::max<std::size_t>(out.size() / queues_.size(), 1);
  unsigned taken = 0;
  for (auto* queue : queues_) {
    const auto room = std::min(share, out.size() - taken);
    taken += rte_ring_sc_dequeue_burst(queue, out.data() + taken, static_cast<unsigned>(room), nullptr);
  }
  return taken;
}

bool PuntQueues::empty() const {
  return std::ranges::all_of(queues_, [](const rte_ring* queue) { return rte_ring_empty(queue) != 0; });
}

void PuntQueues::ring() const {
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(event_, &one, sizeof one);
}

void PuntQueues::drain_event() const {
  std::uint64_t ignored = 0;
  [[maybe_unused]] const auto got = read(event_, &ignored, sizeof ignored);
}

}  // namespace culvert::dataplane
