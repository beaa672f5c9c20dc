#include "router/host_keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <string.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>

namespace culvert::router {
namespace {

namespace fs = std::filesystem;
using cli::HostKeyKind;

std::string read_file(const fs::path& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

bool write_synced(int file, std::string_view text) {
  return write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
}

void sync_folder(const fs::path& folder) {
  const int opened = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (opened < 0) return;
  fsync(opened);
  close(opened);
}

// Overwrites before it removes, for what that is worth on a disk that moves its blocks.
void shred(const fs::path& path) {
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error) return;
  std::ofstream(path, std::ios::binary | std::ios::in) << std::string(size, '\0') << std::flush;
  fs::remove(path, error);
}

}  // namespace

fs::path HostKeys::path(HostKeyKind kind) const {
  return folder_ / (kind == HostKeyKind::rsa ? "ssh-host-key-rsa.pem" : "ssh-host-key-ec.pem");
}

std::vector<std::string> HostKeys::all() const {
  std::vector<std::string> keys;
  for (const auto kind : {HostKeyKind::rsa, HostKeyKind::ec})
    if (auto pem = read_file(path(kind)); cli::host_key_facts(pem)) keys.push_back(std::move(pem));
  return keys;
}

std::expected<void, std::string> HostKeys::keep(HostKeyKind kind, const std::string& pem) const {
  const auto whole = path(kind), part = fs::path(whole.string() + ".new");
  const int file = open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  const bool written = file >= 0 && write_synced(file, pem);
  const int error = errno;
  if (file >= 0) close(file);
  if (!written || rename(part.c_str(), whole.c_str()) != 0) {
    unlink(part.c_str());
    return std::unexpected(
        fmt::format("opening nvram:/{} ({})", whole.filename().string(), strerror(written ? errno : error)));
  }
  std::error_code ignored;
  fs::remove(zeroized(), ignored);
  sync_folder(folder_);
  return {};
}

void HostKeys::zeroize(std::optional<HostKeyKind> kind) const {
  for (const auto one : {HostKeyKind::rsa, HostKeyKind::ec})
    if (!kind || *kind == one) shred(path(one));
  std::ofstream{zeroized()};
  sync_folder(folder_);
}

bool HostKeys::is_zeroized() const {
  std::error_code error;
  return fs::exists(zeroized(), error);
}

}  // namespace culvert::router
