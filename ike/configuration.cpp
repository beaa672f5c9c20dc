#include "ike/configuration.h"

#include <algorithm>

namespace culvert::ike {
namespace {

template <class T>
const T* find(const ByName<T>& table, std::string_view name) {
  const auto found = table.find(name);
  return found == table.end() ? nullptr : &found->second;
}

template <class T>
const T* find_or(const ByName<T>& table, std::string_view name, const T& built_in) {
  const auto* found = find(table, name);
  return found || name != built_in.name ? found : &built_in;
}

}  // namespace

std::vector<SelectorPair> Tunnel::policy() const {
  if (!pairs.empty()) return pairs;
  const auto any = TrafficSelector::any(local.family());
  return {{any, any}};
}

std::vector<net::Address> Tunnel::remotes() const {
  std::vector<net::Address> all{remote};
  all.insert(all.end(), further_remotes.begin(), further_remotes.end());
  return all;
}

bool Tunnel::has_remote(const net::Address& address) const {
  return remote == address || std::ranges::find(further_remotes, address) != further_remotes.end();
}

const Proposal* Configuration::proposal(std::string_view proposal_name) const {
  return find_or(proposals, proposal_name, default_proposal());
}
const Policy* Configuration::policy(std::string_view policy_name) const {
  return find_or(policies, policy_name, default_policy());
}
const TransformSet* Configuration::transform_set(std::string_view set_name) const {
  return find_or(transform_sets, set_name, default_transform_set());
}
const Keyring* Configuration::keyring(std::string_view keyring_name) const { return find(keyrings, keyring_name); }
const Profile* Configuration::profile(std::string_view profile_name) const { return find(profiles, profile_name); }
const IpsecProfile* Configuration::ipsec_profile(std::string_view profile_name) const {
  return find(ipsec_profiles, profile_name);
}

const Policy& Configuration::policy_for(const net::Address& local) const {
  for (const auto& [name, policy] : policies)
    if (std::ranges::find(policy.match_local, local) != policy.match_local.end()) return policy;
  for (const auto& [name, policy] : policies)
    if (policy.match_local.empty() && name != default_policy().name) return policy;
  return *policy(default_policy().name);
}

const Proposal& default_proposal() {
  static const Proposal proposal{.name = "default",
                                 .encryption = {Encryption::aes_cbc_256},
                                 .integrity = {Integrity::sha512, Integrity::sha384},
                                 .prf = {Prf::sha512, Prf::sha384},
                                 .groups = {Group::ecp_256, Group::modp_2048, Group::ecp_521, Group::modp_1536}};
  return proposal;
}

const Policy& default_policy() {
  static const Policy policy{.name = "default", .proposals = {"default"}, .match_local = {}};
  return policy;
}

const TransformSet& default_transform_set() {
  static const TransformSet set{.name = "default", .encryption = Encryption::aes_cbc_128, .integrity = Integrity::sha1};
  return set;
}

}  // namespace culvert::ike
