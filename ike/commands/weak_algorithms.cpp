#include "ike/commands/weak_algorithms.h"

#include <array>

namespace culvert::ike {
namespace {

struct WeakNames {
  std::string text;
  template <class List>
  void add(const List& algorithms) {
    for (const auto algorithm : algorithms)
      if (is_weak(algorithm)) text += (text.empty() ? "" : ", ") + std::string(traits(algorithm).shown);
  }
};

void report(std::vector<std::string>& lines, std::string_view kind, const std::string& name, const WeakNames& weak) {
  if (!weak.text.empty()) lines.push_back(std::string(kind) + " " + name + ": " + weak.text);
}

}  // namespace

std::vector<std::string> weak_uses(const Configuration& configuration) {
  std::vector<std::string> lines;
  for (const auto& [name, proposal] : configuration.proposals) {
    WeakNames weak;
    weak.add(proposal.encryption);
    weak.add(proposal.integrity);
    weak.add(proposal.prf);
    weak.add(proposal.groups);
    report(lines, "ikev2 proposal", name, weak);
  }
  for (const auto& [name, set] : configuration.transform_sets) {
    WeakNames weak;
    weak.add(std::array{set.encryption});
    weak.add(std::array{set.integrity});
    report(lines, "ipsec transform-set", name, weak);
  }
  for (const auto& [name, profile] : configuration.ipsec_profiles) {
    WeakNames weak;
    if (profile.pfs) weak.add(std::array{*profile.pfs});
    report(lines, "ipsec profile", name, weak);
  }
  return lines;
}

}  // namespace culvert::ike
