// The rows of the running-config as the values that an engine is told.
#include "config-store/view.h"
#include "ike/commands/definitions.h"
#include "net/hex.h"

namespace culvert::ike {

namespace {

net::Secret secret_of(const PreSharedKey& key) {
  if (key.format == "hex") return net::Secret(*net::from_hex(key.text));
  return net::Secret(net::as_view(key.text));
}

KeyringPeer peer_of(const KeyringPeerRow& row) {
  KeyringPeer peer{.name = row.name};
  if (row.address)
    peer.address = row.address->mask ? net::Prefix::from_mask(row.address->address, *row.address->mask)
                                     : net::Prefix::host(row.address->address);
  if (row.identity) peer.identity = row.identity->identity;
  if (row.shared_key) peer.local_key = peer.remote_key = secret_of(*row.shared_key);
  if (row.local_key) peer.local_key = secret_of(*row.local_key);
  if (row.remote_key) peer.remote_key = secret_of(*row.remote_key);
  return peer;
}

Profile profile_of(const ProfileRow& row) {
  Profile profile{.name = row.name};
  for (const auto& match : row.match_remote) profile.match_remote.push_back(match.match);
  if (row.identity_local) profile.identity_local = row.identity_local->identity;
  profile.local_pre_share = row.local_pre_share;
  profile.remote_pre_share = row.remote_pre_share;
  profile.keyring = row.keyring.value_or("");
  if (row.lifetime_s) profile.lifetime_s = *row.lifetime_s;
  profile.dpd = row.dpd;
  return profile;
}

// Whatever the row says, on top of what stands already.
template <class Row>
void take_association(IpsecProfile& profile, const Row& row) {
  if (row.lifetime_s) profile.lifetime_s = *row.lifetime_s;
  if (row.lifetime_kb) profile.lifetime_kb = row.lifetime_kb->kilobytes;
  if (row.idle_time_s) profile.idle_time_s = *row.idle_time_s;
  if (row.replay) profile.replay_window_packets = row.replay->window_packets;
}

IpsecProfile ipsec_profile_of(const IpsecProfileRow& row, const AssociationRow& defaults) {
  auto profile = with_defaults({.name = row.name}, defaults);
  profile.transform_sets = row.transform_sets;
  profile.ikev2_profile = row.ikev2_profile.value_or("");
  if (row.pfs) profile.pfs = pfs_group(*row.pfs);
  take_association(profile, row);
  return profile;
}

}  // namespace

std::optional<Group> pfs_group(std::string_view keyword) {
  return group_named(keyword.substr(std::string_view("group").size()));
}

std::string pfs_keyword(Group group) { return "group" + std::string(traits(group).keyword); }

IpsecProfile profile_of(const CryptoMapRow& row, const std::string& name, const AssociationRow& defaults) {
  auto profile = with_defaults({.name = name}, defaults);
  profile.transform_sets = row.transform_sets;
  profile.ikev2_profile = row.ikev2_profile.value_or("");
  if (row.pfs) profile.pfs = pfs_group(*row.pfs);
  take_association(profile, row);
  return profile;
}

SaLevel level_of(const CryptoMapRow& row) {
  if (row.level == "multi") return SaLevel::multi;
  return row.level == "per-host" ? SaLevel::per_host : SaLevel::per_pair;
}

IpsecProfile with_defaults(IpsecProfile profile, const AssociationRow& defaults) {
  take_association(profile, defaults);
  return profile;
}

Configuration configuration_of(const config::View& view) {
  Configuration c;
  for (const auto& row : view.rows<ProposalRow>()) c.proposals[row.name] = proposal_of(row);
  for (const auto& row : view.rows<PolicyRow>()) c.policies[row.name] = {row.name, row.proposals, row.match_local};
  for (const auto& row : view.rows<KeyringRow>()) c.keyrings[row.name] = {row.name, {}};
  for (const auto& row : view.rows<KeyringPeerRow>()) c.keyrings[row.keyring].peers.push_back(peer_of(row));
  for (const auto& row : view.rows<ProfileRow>()) c.profiles[row.name] = profile_of(row);
  for (const auto& row : view.rows<TransformSetRow>())
    if (auto set = transform_set_of(row.name, row.transforms)) {
      set->extended_sequence_numbers = row.esn;
      c.transform_sets[row.name] = std::move(*set);
    }
  const auto defaults = view.global<AssociationRow>();
  for (const auto& row : view.rows<IpsecProfileRow>()) c.ipsec_profiles[row.name] = ipsec_profile_of(row, defaults);
  c.limits = limits_of(view);
  return c;
}

}  // namespace culvert::ike
