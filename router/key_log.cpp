#include "router/key_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include <fmt/format.h>

#include "net/hex.h"

namespace culvert::router {

std::expected<KeyLog, std::string> KeyLog::open(const std::string& path) {
  if (path.empty()) return KeyLog(-1);
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return std::unexpected(fmt::format("--export-keys: cannot write {}: {}", path, std::strerror(errno)));
  KeyLog log(file);
  // A file that was there before may be open to others.
  if (fchmod(file, 0600) != 0)
    return std::unexpected(fmt::format("--export-keys: {} does not become private: {}", path, std::strerror(errno)));
  return log;
}

KeyLog::KeyLog(KeyLog&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

KeyLog::~KeyLog() {
  if (file_ >= 0) ::close(file_);
}

void KeyLog::write(const ike::InstallSa& sa) {
  if (file_ < 0) return;
  const auto line = [&](std::string_view direction, std::uint32_t spi, const net::Address& from, const net::Address& to,
                        const ike::crypto::DirectionKeys& keys) {
    return fmt::format("esp {} {:08x} {} {} {} {} {} {}\n", direction, spi, from, to,
                       ike::traits(sa.encryption).keyword, net::to_hex(keys.encryption.view()),
                       ike::traits(sa.integrity).keyword,
                       keys.integrity.empty() ? "-" : net::to_hex(keys.integrity.view()));
  };
  const auto text = line("in", sa.inbound_spi, sa.remote, sa.local, sa.inbound) +
                    line("out", sa.outbound_spi, sa.local, sa.remote, sa.outbound);
  // A test that reads a short file fails by itself; the router does not stop for it.
  [[maybe_unused]] const auto written = ::write(file_, text.data(), text.size());
}

}  // namespace culvert::router
