// What the user asks of the program `culvert` on its command line.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace culvert::cli {

struct TerminalOptions {
  std::optional<std::string> name;              // of the router
  std::optional<std::filesystem::path> socket;  // instead of the one that belongs to the name
  std::vector<std::string> commands;            // -c
  std::optional<unsigned> wait_ready_s;
  bool banner = true;
  bool help = false;
};

extern const std::string_view terminal_usage;

// The error is a line that says what is wrong.
std::expected<TerminalOptions, std::string> parse_options(int argc, char** argv);

struct Target {
  std::string name;
  std::filesystem::path socket;
};
// Which router is meant: the one named, or the only one that runs. The error is a line that says how to choose.
std::expected<Target, std::string> choose_router(const TerminalOptions& options);

}  // namespace culvert::cli
