#include "ipsec-dataplane/sleeper.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>

namespace culvert::dataplane {

Sleeper::Sleeper(const std::vector<int>& descriptors, int timeout_ms) : timeout_ms_(timeout_ms) {
  polled_.push_back({eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), POLLIN, 0});
  for (const auto fd : descriptors) polled_.push_back({fd, POLLIN, 0});
}

Sleeper::~Sleeper() { close(polled_.front().fd); }

void Sleeper::wait(int at_most_ms) {
  ::poll(polled_.data(), polled_.size(), timeout_ms_ < 0 ? at_most_ms : timeout_ms_);
  stay_awake();
  std::uint64_t ignored;
  if (polled_.front().revents != 0) [[maybe_unused]]
    auto got = read(polled_.front().fd, &ignored, sizeof ignored);
}

void Sleeper::kick() {
  std::atomic_thread_fence(std::memory_order_seq_cst);
  if (!asleep_.load(std::memory_order_relaxed)) return;
  const std::uint64_t one = 1;
  [[maybe_unused]] const auto written = write(polled_.front().fd, &one, sizeof one);
}

}  // namespace culvert::dataplane
