// The commands of capture points.
#pragma once

#include <expected>
#include <functional>
#include <string>

#include "ipsec-dataplane/commands/captures.h"
#include "parser/exec_command.h"

namespace culvert::dataplane {

// Where captures are exported to.
class ExportFile {
 public:
  virtual ~ExportFile() = default;
  virtual void write(net::View octets) = 0;
  // The error is what the system said: "No space left on device".
  virtual std::expected<void, std::string> finish() = 0;
};
// The error is a line for the user.
using OpenExport = std::function<std::expected<std::unique_ptr<ExportFile>, std::string>(const std::string& file)>;

// `captures` outlives the commands.
void add_capture_commands(parser::ExecCommands& commands, Captures& captures, const OpenExport& open);

}  // namespace culvert::dataplane
