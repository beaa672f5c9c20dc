// Where a router keeps its console socket; culvertd and culvert agree on it here.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace culvert::cli {

constexpr std::string_view default_router_name = "router";

// The folder that holds one folder a running router: $CULVERT_RUN, else /run/culvert for root, else
// $XDG_RUNTIME_DIR/culvert (or /tmp/culvert-<uid> where the system sets no such folder).
std::filesystem::path run_directory();
// <run directory>/<name>/console
std::filesystem::path console_path(std::string_view name);
// A router's name is a folder's name: letters, digits, '-', '_' and '.', not starting with '.', 1 to 63 characters.
bool is_router_name(std::string_view name);
// The names of all routers whose console socket exists, sorted. One may be a leftover of a router that has died.
std::vector<std::string> routers_present();

}  // namespace culvert::cli
