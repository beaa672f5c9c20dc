#include "cli/connection.h"

#include <fmt/core.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace culvert::cli {
namespace {

// Who holds the other end: what is typed here, keys among it, is for nobody but root and ourselves.
bool is_trusted(int descriptor) {
  ucred peer{};
  socklen_t size = sizeof peer;
  if (::getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0) return false;
  return peer.uid == 0 || peer.uid == ::geteuid();
}

}  // namespace

std::expected<RouterConnection, std::string> RouterConnection::open(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const auto name = path.string();
  if (name.size() >= sizeof(address.sun_path)) return std::unexpected(fmt::format("the name {} is too long", name));
  name.copy(address.sun_path, name.size());
  RouterConnection connection(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connection.descriptor_ < 0) return std::unexpected(std::string(std::strerror(errno)));
  if (::connect(connection.descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0) {
    if (errno == ENOENT || errno == ECONNREFUSED) return std::unexpected(fmt::format("no router answers at {}", name));
    return std::unexpected(fmt::format("cannot open {}: {}", name, std::strerror(errno)));
  }
  if (!is_trusted(connection.descriptor_))
    return std::unexpected(fmt::format("{} is held by another user, neither you nor root; it is not used", name));
  return connection;
}

RouterConnection RouterConnection::of(int descriptor) { return RouterConnection(descriptor); }

RouterConnection::RouterConnection(RouterConnection&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), reader_(std::move(other.reader_)) {}

RouterConnection& RouterConnection::operator=(RouterConnection&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(reader_, other.reader_);
  return *this;
}

RouterConnection::~RouterConnection() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool RouterConnection::send(const ClientFrame& frame) {
  net::Bytes octets;
  encode(frame, octets);
  bool all_sent = false;
  for (net::View rest = octets; !rest.empty();) {
    const auto sent = ::send(descriptor_, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0) break;
    rest = rest.subspan(static_cast<std::size_t>(sent));
    if (rest.empty()) all_sent = true;
  }
  explicit_bzero(octets.data(), octets.size());  // there may be a password in it
  return all_sent;
}

bool RouterConnection::receive() {
  std::array<std::byte, 65536> chunk;
  ssize_t size = 0;
  do {
    size = ::recv(descriptor_, chunk.data(), chunk.size(), 0);
  } while (size < 0 && errno == EINTR);
  if (size <= 0) return false;
  reader_.feed(net::View(chunk).first(static_cast<std::size_t>(size)));
  return true;
}

std::optional<ServerFrame> RouterConnection::next() {
  auto frame = reader_.next();
  if (!frame) return Close{Close::Reason::refused, 1, "what answers is no router, or one of another version"};
  return std::move(*frame);
}

std::optional<ServerFrame> RouterConnection::wait() {
  while (true) {
    if (auto frame = next()) return frame;
    if (!receive()) return std::nullopt;
  }
}

}  // namespace culvert::cli
