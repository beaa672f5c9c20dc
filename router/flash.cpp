#include "router/flash.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace culvert::router {

namespace {

constexpr std::size_t name_size_max = 64, pending_size_max = 64 * 1024;

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() { close(); }
  int number() const { return number_; }
  bool is_open() const { return number_ >= 0; }
  bool close() { return number_ < 0 || ::close(std::exchange(number_, -1)) == 0; }

 private:
  int number_;
};

// Written beside its place, and put there when it is whole.
class NewFile : public dataplane::ExportFile {
 public:
  NewFile(Descriptor folder, std::string name)
      : folder_(std::move(folder)), name_(std::move(name)), temporary_(name_ + ".new"), file_(make()) {
    if (!file_.is_open()) error_ = errno;
  }
  ~NewFile() override {
    if (!in_place_) ::unlinkat(folder_.number(), temporary_.c_str(), 0);
  }
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  bool is_open() const { return file_.is_open(); }

  void write(net::View octets) override {
    pending_.insert(pending_.end(), octets.begin(), octets.end());
    if (pending_.size() >= pending_size_max) flush();
  }

  std::expected<void, std::string> finish() override {
    flush();
    if (error_ == 0 && !file_.close()) error_ = errno;
    if (error_ == 0 && ::renameat(folder_.number(), temporary_.c_str(), folder_.number(), name_.c_str()) != 0)
      error_ = errno;
    if (error_ != 0) return std::unexpected(std::string(std::strerror(error_)));
    in_place_ = true;
    return {};
  }

 private:
  int make() const {
    ::unlinkat(folder_.number(), temporary_.c_str(), 0);
    return ::openat(folder_.number(), temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
  }

  void flush() {
    for (net::View rest = pending_; error_ == 0 && !rest.empty();) {
      const auto written = ::write(file_.number(), rest.data(), rest.size());
      if (written < 0 && errno != EINTR) error_ = errno;
      if (written > 0) rest = rest.subspan(static_cast<std::size_t>(written));
    }
    pending_.clear();
  }

  Descriptor folder_;
  std::string name_, temporary_;
  Descriptor file_;
  net::Bytes pending_;
  int error_ = 0;
  bool in_place_ = false;
};

}  // namespace

std::optional<std::string> flash_name(std::string_view typed) {
  for (const std::string_view device : {"flash:", "bootflash:"})
    if (typed.starts_with(device)) {
      typed.remove_prefix(device.size());
      if (typed.starts_with('/')) typed.remove_prefix(1);
      break;
    }
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  };
  if (typed.empty() || typed.size() > name_size_max || typed.front() == '.' || !std::ranges::all_of(typed, fits))
    return std::nullopt;
  return std::string(typed);
}

std::expected<std::unique_ptr<dataplane::ExportFile>, std::string> Flash::create(const std::string& typed) const {
  const auto name = flash_name(typed);
  if (!name) return std::unexpected(fmt::format("%Error opening {} (Invalid file name)\n", typed));
  ::mkdir(folder_.c_str(), 0700);
  Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  const auto refused = [&] {
    return std::unexpected(fmt::format("%Error opening flash:{} ({})\n", *name, std::strerror(errno)));
  };
  if (!folder.is_open()) return refused();
  auto file = std::make_unique<NewFile>(std::move(folder), *name);
  if (!file->is_open()) return refused();
  return file;
}

}  // namespace culvert::router
