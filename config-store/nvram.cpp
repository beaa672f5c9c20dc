#include "config-store/nvram.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
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

std::unexpected<std::string> failed(std::string_view doing) {
  return std::unexpected(fmt::format("{} nvram:/startup-config ({})", doing, std::generic_category().message(errno)));
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

// A file that is not yet what it will be called; it goes unless it takes its place.
class Successor {
 public:
  explicit Successor(std::filesystem::path target) : target_(std::move(target)), temporary_(target_) {
    temporary_ += ".new";
    ::unlink(temporary_.c_str());
  }
  Successor(const Successor&) = delete;
  Successor& operator=(const Successor&) = delete;
  ~Successor() {
    if (!in_place_) ::unlink(temporary_.c_str());
  }

  // errno tells why not. `text` must outlive take_place().
  bool write(std::string_view text) {
    text_ = text;
    File file(temporary_, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW);
    return file.is_open() && ::fchmod(file.fd(), 0600) == 0 && write_all(file.fd(), text) && ::fsync(file.fd()) == 0 &&
           file.close();
  }
  bool take_place() {
    in_place_ = ::rename(temporary_.c_str(), target_.c_str()) == 0;
    return in_place_ || (errno == EBUSY && overwrite());
  }

 private:
  // A file that is mounted by itself, as into a container, cannot be renamed over.
  bool overwrite() const {
    File file(target_, O_WRONLY | O_TRUNC | O_NOFOLLOW);
    return file.is_open() && write_all(file.fd(), text_) && ::fsync(file.fd()) == 0 && file.close();
  }

  std::filesystem::path target_, temporary_;
  std::string_view text_;
  bool in_place_ = false;
};

bool sync_folder(const std::filesystem::path& folder) {
  const File file(folder, O_RDONLY | O_DIRECTORY);
  return file.is_open() && ::fsync(file.fd()) == 0;
}

bool replace(const std::filesystem::path& path, std::string_view text) {
  Successor successor(path);
  return successor.write(text) && successor.take_place() && sync_folder(path.parent_path());
}

bool make_empty(const std::filesystem::path& path) { return ::truncate(path.c_str(), 0) == 0; }

bool remove_file(const std::filesystem::path& path) {
  if (::unlink(path.c_str()) == 0 || errno == ENOENT) return true;
  return errno == EBUSY && make_empty(path);
}

// nullopt with errno; a file that is larger than a startup-config can be is refused.
std::optional<std::string> contents(const std::filesystem::path& path) {
  const File file(path, O_RDONLY);
  if (!file.is_open()) return std::nullopt;
  std::string text;
  char buffer[16384];
  for (;;) {
    const auto count = ::read(file.fd(), buffer, sizeof buffer);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return std::nullopt;
    if (count == 0) return text;
    text.append(buffer, static_cast<std::size_t>(count));
    if (text.size() > StartupConfig::size_max) return errno = EFBIG, std::nullopt;
  }
}

bool is_control(char c) {
  return (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r') || c == 0x7f;
}

// The last line, its end and the space around it not counted.
bool has_end(std::string_view text) {
  const auto last = text.find_last_not_of(" \t\r\n");
  if (last == std::string_view::npos) return false;
  text = text.substr(0, last + 1);
  const auto line = text.substr(text.find_last_of('\n') + 1);
  return line.substr(std::min(line.find_first_not_of(" \t"), line.size())) == "end";
}

}  // namespace

std::optional<std::string> fault_in_startup(std::string_view text, const std::optional<std::string>& last_good) {
  if (last_good && text == *last_good) return std::nullopt;
  if (const auto at = std::ranges::find_if(text, is_control); at != text.end())
    return fmt::format("is no text: byte {} is 0x{:02x}", at - text.begin() + 1, static_cast<unsigned char>(*at));
  if (!last_good) return std::nullopt;
  if (text.empty()) return "is empty";
  if (last_good->starts_with(text) && has_end(*last_good) && !has_end(text))
    return fmt::format("breaks off after {} of {} bytes", text.size(), last_good->size());
  return std::nullopt;
}

std::expected<std::optional<std::string>, StartupConfig::Error> StartupConfig::read() const {
  auto text = contents(path());
  if (text || errno == ENOENT) return text;
  return failed("opening");
}

// The last good one first: where it cannot be replaced, the startup-config stands.
std::expected<void, StartupConfig::Error> StartupConfig::write(std::string_view text) const {
  Successor last_good(last_good_path()), startup(path());
  if (!last_good.write(text) || !startup.write(text)) return failed("opening");
  if (!last_good.take_place() || !startup.take_place() || !sync_folder(folder_)) return failed("opening");
  return {};
}

// The startup-config last: as long as there is one, it is what it was.
std::expected<void, StartupConfig::Error> StartupConfig::erase() const {
  if (!remove_file(bad_path()) || !remove_file(last_good_path()) || !remove_file(path())) return failed("erasing");
  if (!sync_folder(folder_) && errno != ENOENT) return failed("erasing");
  return {};
}

std::optional<std::string> StartupConfig::last_good() const {
  auto text = contents(last_good_path());
  if (text && fault_in_startup(*text, std::nullopt)) return std::nullopt;
  return text;
}

std::expected<void, StartupConfig::Error> StartupConfig::keep_as_last_good(std::string_view text) const {
  if (contents(last_good_path()) != text && !replace(last_good_path(), text)) return failed("opening");
  return {};
}

StartupConfig::Start StartupConfig::start() const {
  const auto text = read();
  if (!text) return start_from_last_good("cannot be read: Error " + text.error());
  if (!*text) return {};
  const auto good = last_good();
  if (const auto fault = fault_in_startup(**text, good)) return start_from_last_good(*fault);
  return {.text = **text, .is_edited = good && **text != *good};
}

StartupConfig::Start StartupConfig::start_from_last_good(const std::string& fault) const {
  const auto good = last_good();
  Start start{.text = good.value_or("")};
  start.faults.push_back(fmt::format(
      "startup-config {}; {}", fault,
      good ? "the last good configuration is used" : "there is no last good configuration, so none is used"));
  if (const auto kept = keep_bad(); !kept)
    start.faults.push_back(fmt::format("the bad startup-config stays where it is: Error {}", kept.error()));
  else if (good && !replace(path(), *good))
    start.faults.push_back(
        fmt::format("the last good configuration cannot be restored: Error {}", failed("opening").error()));
  else
    start.faults.push_back(fmt::format("the bad startup-config is kept as {}", bad_path().string()));
  return start;
}

// By a second name, so that there is a startup-config at every moment until the last good one takes its place.
std::expected<void, StartupConfig::Error> StartupConfig::keep_bad() const {
  ::unlink(bad_path().c_str());
  const bool linked = last_good() && ::link(path().c_str(), bad_path().c_str()) == 0;
  if (!linked && ::rename(path().c_str(), bad_path().c_str()) != 0) return failed("opening");
  return {};
}

}  // namespace culvert::config
