// flash:, the one folder into which a user of the router may write files of his own naming.
//
// A name is a plain file name: there is no way out of the folder, and a link that somebody put into it is replaced,
// never followed. A file appears whole or not at all.
#pragma once

#include <expected>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "ipsec-dataplane/commands/monitor_capture.h"

namespace culvert::router {

// The file name in "flash:x", "flash:/x", "bootflash:x" or "x": letters, digits, '.', '-' and '_', at most 64, the
// first no '.'. nullopt: it is none.
std::optional<std::string> flash_name(std::string_view typed);

class Flash {
 public:
  // The folder is made when it is first needed.
  explicit Flash(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // The error is IOS's line, "%Error opening flash:x (Permission denied)\n".
  std::expected<std::unique_ptr<dataplane::ExportFile>, std::string> create(const std::string& typed) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace culvert::router
