// From names to what they mean: which proposals, profile, key and tunnel serve a path and an identity.
//
// All of these answer at the moment they are asked, from the configuration of that moment. What cannot be resolved
// comes back as a sentence for the log.
#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "ike/configuration.h"
#include "ike/engine.h"

namespace culvert::ike::v2 {

// The IKE proposals for a local address, dangling names left out. May be empty.
std::vector<Proposal> proposals_for(const Configuration& configuration, const net::Address& local);
// The transform sets of a profile, dangling names left out. May be empty.
std::vector<TransformSet> transform_sets_of(const Configuration& configuration, const IpsecProfile& profile);

// Which peer of the profile's keyring serves this address or identity: an identity that matches, else the longest
// prefix. nullptr where there is none.
const KeyringPeer* keyring_peer(const Configuration& configuration, const Profile& profile, const net::Address& remote,
                                const Identity* identity);

// Everything an initiator needs. The pointers are into the configuration.
struct TunnelTerms {
  const Tunnel* tunnel = nullptr;
  const IpsecProfile* ipsec = nullptr;
  const Profile* profile = nullptr;
};
std::expected<TunnelTerms, std::string> resolve_tunnel(const Configuration& configuration, std::string_view name);

bool accepts(const Profile& profile, const Identity& remote);

// The responder's profile: of those that accept the identity, those with a tunnel on this path come first; among
// equals the narrowest match decides. Two that are left are a configuration problem.
std::expected<const Profile*, std::string> profile_for(const Configuration& configuration, const Identity& remote,
                                                       const Path& path);
// The tunnels that are up between these outer addresses under this profile, by their sequence. More than one that
// carries everything is a configuration problem.
std::vector<TunnelTerms> tunnels_for(const Configuration& configuration, std::string_view profile, const Path& path);

}  // namespace culvert::ike::v2
