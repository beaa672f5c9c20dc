// The startup-config: a text file that a person can read and drop in, and the last good one beside it.
//
// A save writes temporary files beside the old ones, syncs them, renames them over the old ones and syncs the folder:
// after a power cut or a kill there is the old startup-config or the new one, whole. The file holds the saved text and
// nothing else, so what vouches for it lies beside it: `startup-config.last-good` is a copy of what was saved last or
// loaded last without a refused line.
//
// A startup-config that is mounted by itself, as into a container, has no folder of its own to be renamed in: it is
// written over, after the last good one is safe, and a copy that broke off is known by it at the next start.
//
// A startup-config is bad where nobody can have meant it: it cannot be read, is larger than a save ever is, has a
// control character (NULs where a disk lost its blocks, a binary), breaks off within the last good one (the beginning
// of a text that had an `end`, without that `end`), or is empty where the last good one is not. Anything else that
// differs from the last good one is text that somebody may have changed on purpose, with or without `end`, and is used:
// to discard an edit would do more harm than a damaged line, which is refused by itself and named in the log. So is a
// file that has no last good one to be compared with, which is how a hand-written file arrives.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace culvert::config {

// Why `text` is no startup-config, as the end of the sentence "startup-config ..."; nullopt where it may be meant.
std::optional<std::string> fault_in_startup(std::string_view text, const std::optional<std::string>& last_good);

class StartupConfig {
 public:
  static constexpr std::size_t size_max = 33'554'432;

  // The file is `folder`/startup-config; the folder must exist by the first save.
  explicit StartupConfig(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path path() const { return folder_ / "startup-config"; }
  std::filesystem::path last_good_path() const { return folder_ / "startup-config.last-good"; }
  std::filesystem::path bad_path() const { return folder_ / "startup-config.bad"; }

  // Errors end IOS's line "%Error ": "opening nvram:/startup-config (No space left on device)".
  using Error = std::string;

  // nullopt: there is none.
  std::expected<std::optional<std::string>, Error> read() const;
  // Both the startup-config and the last good one, mode 0600, clearing away what an interrupted save has left. On an
  // error the old startup-config stands as it was, unless it is a mount by itself.
  std::expected<void, Error> write(std::string_view text) const;
  // The startup-config, the last good and the bad one. Fine where there are none.
  std::expected<void, Error> erase() const;

  // What a router starts with.
  struct Start {
    std::string text = {};                 // empty where there is none
    bool is_edited = false;                // it differs from the last good one
    std::vector<std::string> faults = {};  // sentences; none where the startup-config is used or absent
  };
  // A bad startup-config is kept as `startup-config.bad` in the place of an earlier bad one; the last good one is used
  // and, unless the bad one could not be kept, becomes the startup-config.
  Start start() const;
  // The same for a text that turned out to be bad; `fault` as that of fault_in_startup().
  Start start_from_last_good(const std::string& fault) const;
  // nullopt where there is none that can be used.
  std::optional<std::string> last_good() const;
  // To be called where every line of `text` was accepted. Does not touch a file that holds it already.
  std::expected<void, Error> keep_as_last_good(std::string_view text) const;

 private:
  std::expected<void, Error> keep_bad() const;

  std::filesystem::path folder_;
};

}  // namespace culvert::config
