#include "cli/ready.h"

#include <poll.h>

#include <algorithm>

#include "cli/connection.h"

namespace culvert::cli {
namespace {

using Clock = std::chrono::steady_clock;

int milliseconds_until(Clock::time_point deadline) {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now()).count();
  return static_cast<int>(std::max<std::int64_t>(left, 0));
}

// False where the router is gone again, or does not prompt in time.
bool prompts(RouterConnection router, Clock::time_point deadline) {
  router.send(Hello{protocol_version, LineKind::command, 0, 0, false});
  pollfd waits{router.descriptor(), POLLIN, 0};
  while (::poll(&waits, 1, milliseconds_until(deadline)) > 0 && router.receive()) {
    while (const auto frame = router.next()) {
      if (std::holds_alternative<Prompt>(*frame)) return true;
      if (std::holds_alternative<Close>(*frame)) return false;
    }
  }
  return false;
}

}  // namespace

bool wait_ready(const std::filesystem::path& socket, std::chrono::milliseconds patience) {
  constexpr int pause_ms = 50;
  const auto deadline = Clock::now() + patience;
  while (true) {
    if (auto router = RouterConnection::open(socket); router && prompts(std::move(*router), deadline)) return true;
    const auto left = milliseconds_until(deadline);
    if (left == 0) return false;
    ::poll(nullptr, 0, std::min(left, pause_ms));
  }
}

}  // namespace culvert::cli
