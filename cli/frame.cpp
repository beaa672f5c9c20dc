// The codec is written from the fields of each frame, listed once in `fields`, so that reading mirrors writing.
#include "cli/frame.h"

#include <string.h>

#include <algorithm>
#include <cassert>
#include <tuple>
#include <type_traits>

namespace culvert::cli {
namespace {

using net::Bytes;
using net::Reader;
using net::Writer;

template <class T, class... Ts>
constexpr bool is_one_of = (std::is_same_v<std::remove_const_t<T>, Ts> || ...);

// Every field of a frame in the order of the wire. `T` may be const, for writing.
template <class T>
auto fields(T& f) {
  if constexpr (is_one_of<T, Hello>) {
    return std::tie(f.version, f.kind, f.width, f.height, f.interactive);
  } else if constexpr (is_one_of<T, Line>) {
    return std::tie(f.text, f.control_z);
  } else if constexpr (is_one_of<T, Help, Complete, Completed>) {
    return std::tie(f.line);
  } else if constexpr (is_one_of<T, Answer>) {
    return std::tie(f.text);
  } else if constexpr (is_one_of<T, Resize>) {
    return std::tie(f.width, f.height);
  } else if constexpr (is_one_of<T, Login>) {
    return std::tie(f.user, f.password, f.cipher, f.mac);
  } else if constexpr (is_one_of<T, Verdict>) {
    return std::tie(f.accepted);
  } else if constexpr (is_one_of<T, Output>) {
    return std::tie(f.text, f.error);
  } else if constexpr (is_one_of<T, Prompt>) {
    return std::tie(f.kind, f.text, f.echo, f.failed, f.secret);
  } else if constexpr (is_one_of<T, Width>) {
    return std::tie(f.columns);
  } else if constexpr (is_one_of<T, Close>) {
    return std::tie(f.reason, f.status, f.text);
  } else {
    static_assert(is_one_of<T, Interrupt, Helped>);
    return std::tuple<>{};
  }
}

// One past the largest value of each enumeration.
constexpr std::uint8_t limit(LineKind) { return static_cast<std::uint8_t>(LineKind::telnet) + 1; }
constexpr std::uint8_t limit(Prompt::Kind) { return static_cast<std::uint8_t>(Prompt::Kind::greeting) + 1; }
constexpr std::uint8_t limit(Close::Reason) { return static_cast<std::uint8_t>(Close::Reason::shutdown) + 1; }

void write(Writer& out, std::uint8_t v) { out.u8(v); }
void write(Writer& out, std::uint16_t v) { out.u16(v); }
void write(Writer& out, bool v) { out.u8(v ? 1 : 0); }
void write(Writer& out, const std::string& v) {
  out.u32(static_cast<std::uint32_t>(v.size()));
  out.bytes(net::as_view(v));
}
template <class E>
  requires std::is_enum_v<E>
void write(Writer& out, E v) {
  out.u8(static_cast<std::uint8_t>(v));
}

template <class T>
bool store(std::optional<T> from, T& to) {
  if (from) to = *from;
  return from.has_value();
}
bool read(Reader& in, std::uint8_t& v) { return store(in.u8(), v); }
bool read(Reader& in, std::uint16_t& v) { return store(in.u16(), v); }
bool read(Reader& in, bool& v) {
  const auto octet = in.u8();
  v = octet == 1;
  return octet && *octet <= 1;
}
bool read(Reader& in, std::string& v) {
  const auto size = in.u32();
  const auto octets = size ? in.take(*size) : std::nullopt;
  if (octets) v.assign(reinterpret_cast<const char*>(octets->data()), octets->size());
  return octets.has_value();
}
template <class E>
  requires std::is_enum_v<E>
bool read(Reader& in, E& v) {
  const auto octet = in.u8();
  if (!octet || *octet >= limit(E{})) return false;
  v = static_cast<E>(*octet);
  return true;
}

template <class Frame>
void encode_any(const Frame& frame, Bytes& out) {
  Bytes body;
  Writer writer(body);
  writer.u8(static_cast<std::uint8_t>(frame.index()));
  std::visit([&](const auto& f) { std::apply([&](const auto&... field) { (write(writer, field), ...); }, fields(f)); },
             frame);
  assert(body.size() <= frame_size_max);
  Writer(out).u32(static_cast<std::uint32_t>(body.size()));
  out.insert(out.end(), body.begin(), body.end());
}

template <class T>
bool decode_fields(Reader& in, T& frame) {
  return std::apply([&](auto&... field) { return (read(in, field) && ...); }, fields(frame)) && in.empty();
}

template <class Frame, std::size_t Index = 0>
std::expected<Frame, FrameError> decode_body(std::uint8_t kind, Reader body) {
  if constexpr (Index == std::variant_size_v<Frame>) {
    return std::unexpected(FrameError::unknown_kind);
  } else {
    if (kind != Index) return decode_body<Frame, Index + 1>(kind, body);
    std::variant_alternative_t<Index, Frame> frame;
    if (!decode_fields(body, frame)) return std::unexpected(FrameError::malformed);
    return Frame(std::move(frame));
  }
}

}  // namespace

void encode(const ClientFrame& frame, Bytes& out) { encode_any(frame, out); }
void encode(const ServerFrame& frame, Bytes& out) { encode_any(frame, out); }

template <class Frame>
std::expected<std::optional<Frame>, FrameError> FrameReader<Frame>::next() {
  Reader reader{net::View(buffer_)};
  const auto size = reader.u32();
  if (size && *size > frame_size_max) return std::unexpected(FrameError::too_long);
  const auto octets = size ? reader.take(*size) : std::nullopt;
  if (!octets) return std::nullopt;
  Reader body(*octets);
  const auto kind = body.u8();
  if (!kind) return std::unexpected(FrameError::malformed);
  auto frame = decode_body<Frame>(*kind, body);
  if (!frame) return std::unexpected(frame.error());
  forget(4 + *size);
  return std::move(*frame);
}

// What was typed may be a key: nothing of it stays behind the end of the buffer.
template <class Frame>
void FrameReader<Frame>::feed(net::View octets) {
  if (buffer_.capacity() - buffer_.size() < octets.size()) {
    Bytes larger;
    larger.reserve(2 * (buffer_.size() + octets.size()));
    larger.assign(buffer_.begin(), buffer_.end());
    if (!buffer_.empty()) explicit_bzero(buffer_.data(), buffer_.size());
    buffer_.swap(larger);
  }
  buffer_.insert(buffer_.end(), octets.begin(), octets.end());
}

template <class Frame>
void FrameReader<Frame>::forget(std::size_t size) {
  const auto left = buffer_.size() - size;
  std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(size), buffer_.end(), buffer_.begin());
  explicit_bzero(buffer_.data() + left, size);
  buffer_.resize(left);
}

template class FrameReader<ClientFrame>;
template class FrameReader<ServerFrame>;

}  // namespace culvert::cli
