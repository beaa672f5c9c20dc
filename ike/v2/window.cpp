#include "ike/v2/window.h"

#include <cassert>

namespace culvert::ike::v2 {

net::Duration Patience::wait(unsigned sent, net::Random& random) const {
  auto base = first;
  if (doubling)
    for (unsigned i = 1; i < sent; ++i) base *= 2;
  return base +
         net::Duration(static_cast<net::Duration::rep>(random.below(static_cast<std::uint64_t>(base.count() / 4) + 1)));
}

void RequestWindow::sent(InFlight request) {
  assert(free() && has_ids_left() && request.id == next_);
  in_flight_ = std::move(request);
  ++next_;
}

}  // namespace culvert::ike::v2
