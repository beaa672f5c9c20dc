#include "config-store/nvram.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include <fmt/format.h>

namespace culvert::config {
namespace {

class File {
 public:
  File(const std::filesystem::path& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC, 0600)) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() { close(); }
  int fd() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  bool close() { return fd_ < 0 || ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

std::unexpected<std::string> failed(std::string_view what, const std::filesystem::path& path) {
  return std::unexpected(fmt::format("{} {}: {}", what, path.string(), std::generic_category().message(errno)));
}

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const auto written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::expected<void, std::string> write_synced(const std::filesystem::path& path, std::string_view text) {
  File file(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW);
  if (!file.is_open()) return failed("cannot create", path);
  if (::fchmod(file.fd(), 0600) != 0 || !write_all(file.fd(), text)) return failed("cannot write", path);
  if (::fsync(file.fd()) != 0 || !file.close()) return failed("cannot write", path);
  return {};
}

std::expected<void, std::string> sync_folder(const std::filesystem::path& folder) {
  const File file(folder, O_RDONLY | O_DIRECTORY);
  if (!file.is_open() || ::fsync(file.fd()) != 0) return failed("cannot sync", folder);
  return {};
}

}  // namespace

std::expected<std::optional<std::string>, std::string> StartupConfig::read() const {
  const File file(path(), O_RDONLY);
  if (!file.is_open() && errno == ENOENT) return std::nullopt;
  if (!file.is_open()) return failed("cannot read", path());
  std::string text;
  char buffer[16384];
  for (;;) {
    const auto count = ::read(file.fd(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed("cannot read", path());
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
  }
}

std::expected<void, std::string> StartupConfig::write(std::string_view text) const {
  const auto temporary = folder_ / "startup-config.new";
  if (auto written = write_synced(temporary, text); !written) {
    ::unlink(temporary.c_str());
    return written;
  }
  if (::rename(temporary.c_str(), path().c_str()) != 0) {
    auto error = failed("cannot replace", path());
    ::unlink(temporary.c_str());
    return error;
  }
  return sync_folder(folder_);
}

std::expected<void, std::string> StartupConfig::erase() const {
  if (::unlink(path().c_str()) != 0) {
    if (errno == ENOENT) return {};
    return failed("cannot erase", path());
  }
  return sync_folder(folder_);
}

}  // namespace culvert::config
