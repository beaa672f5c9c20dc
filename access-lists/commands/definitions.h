// The configuration of access lists: their modes, the one-line form of numbered lists, resequencing, and where
// interfaces apply them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "access-lists/access_list.h"
#include "config-store/registry.h"

namespace culvert::access_lists {

void define_access_lists(config::Registry& registry);

// Every list, as the running-config shows them.
std::vector<AccessList> access_lists(const config::View& configuration);
std::optional<AccessList> find_access_list(const config::View& configuration, const std::string& name);

// Which lists an interface applies; they need not exist.
struct InterfaceFilters {
  std::string interface;
  std::optional<std::string> in, out;
  bool operator==(const InterfaceFilters&) const = default;
};
std::vector<InterfaceFilters> interface_filters(const config::View& configuration);

}  // namespace culvert::access_lists
