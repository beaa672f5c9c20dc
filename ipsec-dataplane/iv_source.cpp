// IVs out of getrandom(2): one call serves 256 packets of AES-CBC.
#include "ipsec-dataplane/iv_source.h"

#include <sys/random.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstdlib>

namespace culvert::dataplane {

void IvSource::take(std::span<std::byte> out) {
  assert(out.size() <= 16);
  if (pool_.size() - used_ < out.size()) refill();
  std::copy_n(pool_.begin() + static_cast<std::ptrdiff_t>(used_), out.size(), out.begin());
  used_ += out.size();
}

void IvSource::refill() {
  for (std::size_t filled = 0; filled < pool_.size();) {
    const auto got = getrandom(pool_.data() + filled, pool_.size() - filled, 0);
    if (got < 0 && errno != EINTR) std::abort();  // a kernel that has no randomness cannot run a router
    if (got > 0) filled += static_cast<std::size_t>(got);
  }
  used_ = 0;
}

}  // namespace culvert::dataplane
