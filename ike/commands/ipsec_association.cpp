// `crypto ipsec security-association`: what holds for every profile that does not say otherwise.
#include <fmt/format.h>

#include "ike/commands/association_leaves.h"
#include "ike/commands/show.h"

namespace culvert::ike {

void define_ipsec_associations(config::Registry& registry) {
  registry.add(config::global<AssociationRow>(
      {.table = "crypto_ipsec_association",
       .leaves = association_leaves<AssociationRow>(
           "crypto ipsec security-association",
           {"Encryption module", "Configure IPSEC policy", "Security association parameters"},
           config::section_order::crypto_ipsec_global, true)}));
}

std::string lifetime_text(std::uint64_t lifetime_kb, std::uint32_t lifetime_s) {
  const auto volume = lifetime_kb == 0 ? std::string("disabled") : std::to_string(lifetime_kb);
  return fmt::format("Security association lifetime: {} kilobytes/{} seconds", volume, lifetime_s);
}

std::string show_ipsec_association(const config::View& view) {
  const IpsecProfile profile = with_defaults({}, view.global<AssociationRow>());
  return lifetime_text(profile.lifetime_kb, profile.lifetime_s) + "\n";
}

}  // namespace culvert::ike
