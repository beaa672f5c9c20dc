// `show crypto ikev2 proposal|policy|profile`: the configured objects, and the default ones beside them.
#include <fmt/format.h>

#include "ike/commands/definitions.h"
#include "ike/commands/show.h"

namespace culvert::ike {

namespace {

using parser::Arguments;

template <class T>
std::string shown(const std::vector<T>& algorithms) {
  std::string text;
  for (const auto a : algorithms) text += (text.empty() ? "" : " ") + std::string(traits(a).shown);
  return text;
}

// Without `prf` the hashes of the integrity algorithms serve (they have the same names).
std::vector<Prf> effective_prfs(const Proposal& proposal) {
  if (!proposal.prf.empty()) return proposal.prf;
  std::vector<Prf> prfs;
  for (const auto i : proposal.integrity)
    if (const auto prf = prf_named(traits(i).keyword)) prfs.push_back(*prf);
  return prfs;
}

std::string one_proposal(const Proposal& p) {
  return fmt::format(
      "IKEv2 proposal: {}\n     Encryption : {}\n     Integrity  : {}\n     PRF        : {}\n     DH Group   : {}\n",
      p.name, shown(p.encryption), p.integrity.empty() ? "none" : shown(p.integrity), shown(effective_prfs(p)),
      shown(p.groups));
}

std::string one_policy(const Policy& policy, bool is_default) {
  auto text = fmt::format(" IKEv2 policy : {}\n      Match fvrf {}: {}\n", policy.name, is_default ? "" : " ",
                          is_default ? "any" : "global");
  if (policy.match_local.empty()) text += "      Match address local : any\n";
  for (const auto& address : policy.match_local) text += fmt::format("      Match address local : {}\n", address);
  for (const auto& proposal : policy.proposals) text += fmt::format("      Proposal    : {}\n", proposal);
  return text + "\n";
}

std::string one_profile(const Profile& p) {
  auto text =
      fmt::format("IKEv2 profile: {}\n Match criteria: \n  Local address/interface: none\n  Identities: \n", p.name);
  for (const auto& match : p.match_remote) text += fmt::format("   {} \n", words_of(match));
  if (p.match_remote.empty()) text += "   none\n";
  text += fmt::format(" Local identity: {}\n", p.identity_local ? words_of(*p.identity_local) : "none");
  text += fmt::format(" Local authentication method: {}\n", p.local_pre_share ? "pre-share" : "none");
  text += fmt::format(" Remote authentication method(s): {}\n", p.remote_pre_share ? "pre-share" : "none");
  text += fmt::format(" Keyring: {}\n Lifetime: {} seconds\n", p.keyring.empty() ? "none" : p.keyring, p.lifetime_s);
  text += p.dpd ? fmt::format(" DPD: interval {}, retry-interval {}, {}\n", p.dpd->interval_s, p.dpd->retry_s,
                              p.dpd->mode == Dpd::Mode::periodic ? "periodic" : "on-demand")
                : " DPD: disabled\n";
  return text;
}

}  // namespace

std::string show_ikev2_proposals(const config::View& view) {
  const auto c = configuration_of(view);
  auto text = one_proposal(*c.proposal(default_proposal().name));
  for (const auto& [name, proposal] : c.proposals)
    if (name != default_proposal().name) text += one_proposal(proposal);
  return text;
}

std::string show_ikev2_policies(const config::View& view) {
  const auto c = configuration_of(view);
  auto text = "\n" + one_policy(*c.policy(default_policy().name), true);
  for (const auto& [name, policy] : c.policies)
    if (name != default_policy().name) text += one_policy(policy, false);
  return text;
}

std::string show_ikev2_profiles(const config::View& view) {
  std::string text = "\n";
  for (const auto& [_, profile] : configuration_of(view).profiles) text += one_profile(profile) + "\n";
  return text;
}

void add_ikev2_configuration_shows(parser::ExecCommands& commands, const CryptoSources& sources) {
  const auto add = [&](const char* word, const char* help, std::string (*text)(const config::View&)) {
    commands.add(
        {.spec = fmt::format("show crypto ikev2 {}", word),
         .help = {"Show running system information", "Encryption module", "Shows ikev2 info", help},
         .run = parser::text_command([sources, text](const Arguments&) { return text(sources.configuration); })});
  };
  add("proposal", "Show IKEv2 proposals", show_ikev2_proposals);
  add("policy", "Show policies", show_ikev2_policies);
  add("profile", "Shows profiles", show_ikev2_profiles);
}

}  // namespace culvert::ike
