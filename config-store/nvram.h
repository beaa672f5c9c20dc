// The startup-config: a text file that a person can read and drop in.
//
// A save writes a temporary file beside it, syncs it, renames it over the old one and syncs the folder: after a power
// cut there is the old file or the new one, whole.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace culvert::config {

class StartupConfig {
 public:
  // The file is `folder`/startup-config; the folder must exist by the first save.
  explicit StartupConfig(std::filesystem::path folder) : folder_(std::move(folder)) {}

  std::filesystem::path path() const { return folder_ / "startup-config"; }
  // nullopt: there is none. The error is a sentence for the operator.
  std::expected<std::optional<std::string>, std::string> read() const;
  // Mode 0600. On an error the old file stands as it was.
  std::expected<void, std::string> write(std::string_view text) const;
  // Fine where there is none.
  std::expected<void, std::string> erase() const;

 private:
  std::filesystem::path folder_;
};

}  // namespace culvert::config
