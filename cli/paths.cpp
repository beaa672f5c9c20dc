#include "cli/paths.h"

#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>

namespace culvert::cli {
namespace fs = std::filesystem;

fs::path run_directory() {
  if (const char* chosen = std::getenv("CULVERT_RUN"); chosen != nullptr && *chosen != '\0') return chosen;
  if (geteuid() == 0) return "/run/culvert";
  if (const char* runtime = std::getenv("XDG_RUNTIME_DIR"); runtime != nullptr && *runtime != '\0') {
    return fs::path(runtime) / "culvert";
  }
  return "/tmp/culvert-" + std::to_string(geteuid());
}

fs::path console_path(std::string_view name) { return run_directory() / name / "console"; }

bool is_router_name(std::string_view name) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.'; };
  return !name.empty() && name.size() <= 63 && name.front() != '.' && std::ranges::all_of(name, fits);
}

std::vector<std::string> routers_present() {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(run_directory(), error), end; !error && entry != end; entry.increment(error)) {
    std::error_code ignored;
    const auto name = entry->path().filename().string();
    if (is_router_name(name) && fs::is_socket(entry->path() / "console", ignored)) names.push_back(name);
  }
  std::ranges::sort(names);
  return names;
}

}  // namespace culvert::cli
