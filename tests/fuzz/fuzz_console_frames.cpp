// Any octets at the socket of a terminal: whatever frames they are cut into, each comes back as it was encoded, and the
// reader keeps no more than one frame.
//
// links: culvert_frames
#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "cli/frame.h"

namespace {

using namespace culvert;

template <class Frame>
void read_all(net::View octets, std::size_t piece) {
  cli::FrameReader<Frame> reader;
  net::Bytes again;
  std::size_t fed = 0;
  while (fed < octets.size()) {
    const auto size = std::min(piece, octets.size() - fed);
    reader.feed(octets.subspan(fed, size));
    fed += size;
    while (true) {
      const auto next = reader.next();
      if (!next) return;
      if (!*next) break;
      const auto at = again.size();
      cli::encode(**next, again);
      assert(again.size() <= fed && std::equal(again.begin() + static_cast<std::ptrdiff_t>(at), again.end(),
                                               octets.begin() + static_cast<std::ptrdiff_t>(at)));
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const net::View octets(reinterpret_cast<const std::byte*>(data) + 1, size - 1);
  read_all<cli::ClientFrame>(octets, std::size_t{1} + data[0]);
  read_all<cli::ServerFrame>(octets, std::size_t{1} + data[0]);
  return 0;
}
