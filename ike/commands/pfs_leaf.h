// `set pfs`: the same for an IPsec profile and an entry of a crypto map.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "config-store/definition.h"
#include "ike/commands/definitions.h"
#include "ike/commands/weak_algorithms.h"

namespace culvert::ike {

inline std::string pfs_warning(const config::LeafChange<std::string>& change, const config::View&) {
  return change.after ? weak_warning({*change.after}, pfs_group, weak_group_warning) : "";
}

constexpr std::string_view pfs_help(Group group) {
  switch (group) {
    case Group::modp_768: return "D-H Group1 (768-bit modp)";
    case Group::modp_1024: return "D-H Group2 (1024-bit modp)";
    case Group::modp_1536: return "D-H Group5 (1536-bit modp)";
    case Group::modp_2048: return "D-H Group14 (2048-bit modp)";
    case Group::modp_3072: return "D-H Group15 (3072-bit modp)";
    case Group::modp_4096: return "D-H Group16 (4096-bit modp)";
    case Group::ecp_256: return "D-H Group19 (256-bit ecp)";
    case Group::ecp_384: return "D-H Group20 (384-bit ecp)";
    case Group::ecp_521: return "D-H Group21 (521-bit ecp)";
    case Group::modp_2048_256: return "D-H Group24 (2048-bit modp, 256 bit subgroup)";
    case Group::x25519: return "D-H Group31 (255-bit x25519)";
  }
  return "";
}

// Bound to the member `pfs` of a row; `set_help` explains the first word.
template <class Row>
config::LeafDefinition pfs_leaf(const std::string& set_help) {
  std::string words;
  std::vector<std::string> help{set_help, "Specify pfs settings"};
  for (const auto& row : groups()) {
    words += (words.empty() ? "" : "|") + pfs_keyword(row.group);
    help.emplace_back(pfs_help(row.group));
  }
  return config::leaf(fmt::format("set pfs group:({})", words), &Row::pfs,
                      {.help = help, .order = 7, .notice = pfs_warning});
}

}  // namespace culvert::ike
