// What IKE and IPsec add to the configuration: one row struct a mode, and the functions that define them.
//
// Words that IOS knows and Culvert cannot do yet parse, and are refused by name.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config-store/registry.h"
#include "ike/configuration.h"
#include "ike/identity.h"
#include "net/address.h"

namespace culvert::ike {

// `crypto ikev2 proposal`: keywords as typed, in order.
struct ProposalRow {
  std::string name;
  std::vector<std::string> encryption, integrity, prf, group;
  bool operator==(const ProposalRow&) const = default;
};

// `crypto ikev2 policy`.
struct PolicyRow {
  std::string name;
  std::vector<std::string> proposals;
  std::vector<net::Address> match_local;
  bool operator==(const PolicyRow&) const = default;
};

// The words of `pre-shared-key`: "hex", "0" or nothing, then the key.
struct PreSharedKey {
  std::string format, text;
  bool operator==(const PreSharedKey&) const = default;
};
struct PeerAddress {
  net::Address address;
  std::optional<net::Address> mask;
  bool operator==(const PeerAddress&) const = default;
};
// `address A`, `fqdn N`, `email N`, `key-id K`, as they stand after `identity` and `identity local`.
struct IdentityWords {
  Identity identity;
  bool operator==(const IdentityWords&) const = default;
};

struct KeyringRow {
  std::string name;
  bool operator==(const KeyringRow&) const = default;
};
struct KeyringPeerRow {
  std::string keyring, name;
  std::optional<std::string> description;
  std::optional<PeerAddress> address;
  std::optional<IdentityWords> identity;
  std::optional<PreSharedKey> shared_key, local_key, remote_key;
  bool operator==(const KeyringPeerRow&) const = default;
};

// `match identity remote`.
struct RemoteMatchWords {
  IdentityMatch match;
  bool mask_has_holes = false;  // refused before it is ever stored
  bool operator==(const RemoteMatchWords&) const = default;
};

struct ProfileRow {
  std::string name;
  std::optional<std::string> description;
  std::vector<RemoteMatchWords> match_remote;
  std::optional<IdentityWords> identity_local;
  bool remote_pre_share = false, local_pre_share = false;
  std::optional<std::string> keyring;
  std::optional<std::uint32_t> lifetime_s;
  std::optional<Dpd> dpd;
  bool operator==(const ProfileRow&) const = default;
};

// `crypto ipsec transform-set`: the transforms of the entering line, key sizes as words of their own.
struct TransformSetRow {
  std::string name;
  std::vector<std::string> transforms;
  std::optional<std::string> mode;
  bool esn = false;
  bool operator==(const TransformSetRow&) const = default;
};

// `lifetime kilobytes`: 0 = disabled.
struct VolumeLimit {
  std::uint32_t kilobytes = 0;
  bool operator==(const VolumeLimit&) const = default;
};
// `replay`: 0 = disabled.
struct ReplayCheck {
  std::uint32_t window_packets = 0;
  bool operator==(const ReplayCheck&) const = default;
};
// `crypto ipsec security-association`, for all profiles.
struct AssociationRow {
  std::optional<std::uint32_t> lifetime_s, idle_time_s;
  std::optional<VolumeLimit> lifetime_kb;
  std::optional<ReplayCheck> replay;
  bool operator==(const AssociationRow&) const = default;
};

struct IpsecProfileRow {
  std::string name;
  std::optional<std::string> description;
  std::vector<std::string> transform_sets;
  std::optional<std::string> pfs;  // "group14"
  std::optional<std::string> ikev2_profile;
  std::optional<std::uint32_t> lifetime_s, idle_time_s;
  std::optional<VolumeLimit> lifetime_kb;
  std::optional<ReplayCheck> replay;
  bool operator==(const IpsecProfileRow&) const = default;
};

// `crypto ikev2 cookie-challenge` and `crypto ikev2 limit`.
struct LimitsRow {
  std::optional<std::uint32_t> cookie_challenge, negotiating, negotiating_in, negotiating_out, max_sa;
  bool operator==(const LimitsRow&) const = default;
};

// `tunnel protection ipsec profile`, on the interface mode.
struct TunnelProtectionRow {
  std::string interface;
  std::optional<std::string> ipsec_profile;
  bool operator==(const TunnelProtectionRow&) const = default;
};

// `reverse-route [static]`.
struct ReverseRoute {
  bool is_static = false;  // whether or not an SA stands
  bool operator==(const ReverseRoute&) const = default;
};
// `crypto map NAME SEQUENCE ipsec-isakmp`.
struct CryptoMapRow {
  std::string name;
  std::uint32_t sequence = 0;
  std::optional<std::string> kind;  // "ipsec-isakmp"
  std::optional<std::string> description;
  std::vector<net::Address> peers;  // in order
  std::vector<std::string> transform_sets;
  std::optional<std::string> pfs, ikev2_profile, match_address, level;
  std::optional<std::uint32_t> lifetime_s, idle_time_s;
  std::optional<VolumeLimit> lifetime_kb;
  std::optional<ReplayCheck> replay;
  std::optional<ReverseRoute> reverse_route;
  bool operator==(const CryptoMapRow&) const = default;
};
// `crypto map NAME local-address INTERFACE`.
struct MapLocalAddress {
  std::string map, interface;
  bool operator==(const MapLocalAddress&) const = default;
};
struct MapLocalAddresses {
  std::vector<MapLocalAddress> all;
  bool operator==(const MapLocalAddresses&) const = default;
};
// `crypto map NAME`, on the interface mode.
struct InterfaceCryptoMapRow {
  std::string interface;
  std::optional<std::string> map;
  bool operator==(const InterfaceCryptoMapRow&) const = default;
};

// Whether an address is one of the router's own: what other rooms know.
using IsOwnAddress = std::function<bool(net::Address, const config::View&)>;

void define_ikev2_proposals(config::Registry& registry);  // and policies
void define_ikev2_keyrings(config::Registry& registry);
void define_ikev2_profiles(config::Registry& registry);
void define_ikev2_limits(config::Registry& registry);
void define_transform_sets(config::Registry& registry);
void define_ipsec_associations(config::Registry& registry);
void define_ipsec_profiles(config::Registry& registry);  // and tunnel protection
void define_crypto_maps(config::Registry& registry, const IsOwnAddress& is_own);
inline void define_crypto(config::Registry& registry, const IsOwnAddress& is_own) {
  define_ikev2_proposals(registry);
  define_ikev2_keyrings(registry);
  define_ikev2_profiles(registry);
  define_ikev2_limits(registry);
  define_transform_sets(registry);
  define_ipsec_associations(registry);
  define_ipsec_profiles(registry);
  define_crypto_maps(registry, is_own);
}

// Everything the engine is told but its tunnels, which depend on the state of interfaces.
Configuration configuration_of(const config::View& configuration);

// Parts of it that shows need too.
Limits limits_of(const config::View& configuration);
// What the SAs of a crypto map's entry shall be like, as a profile of that name.
IpsecProfile profile_of(const CryptoMapRow& row, const std::string& name, const AssociationRow& defaults);
SaLevel level_of(const CryptoMapRow& row);
// A profile with what the router's `crypto ipsec security-association` says, where that says anything.
IpsecProfile with_defaults(IpsecProfile profile, const AssociationRow& defaults);
Proposal proposal_of(const ProposalRow& row);
// The algorithms of a transform set's words; the error names what is not possible, as a refusal prints it.
std::expected<TransformSet, std::string> transform_set_of(const std::string& name,
                                                          const std::vector<std::string>& words);
// "group14", as `set pfs` and its shows spell a group.
std::string pfs_keyword(Group group);
std::optional<Group> pfs_group(std::string_view keyword);
// A proposal that can be offered: a cipher, a group, and what the cipher needs beside it.
bool is_complete(const Proposal& proposal);
// The words of a match or identity as a command spells them: "address 10.0.0.0 255.0.0.0", "fqdn hq.example".
std::string words_of(const IdentityMatch& match);
std::string words_of(const Identity& identity);

}  // namespace culvert::ike
