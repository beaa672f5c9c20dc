#include "net/bytes.h"

#include <cassert>

namespace culvert::net {

Bytes to_bytes(std::string_view text) {
  const auto view = as_view(text);
  return {view.begin(), view.end()};
}

std::optional<View> Reader::take(std::size_t size) {
  if (size > rest_.size()) return std::nullopt;
  const auto taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

void Writer::patch_u16(std::size_t offset, std::uint16_t v) {
  assert(offset + 2 <= out_.size());
  out_[offset] = static_cast<std::byte>(v >> 8);
  out_[offset + 1] = static_cast<std::byte>(v);
}

}  // namespace culvert::net
