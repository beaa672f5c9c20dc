#include "ike/v2/lookup.h"

#include <algorithm>
#include <tuple>

#include <fmt/core.h>

namespace culvert::ike::v2 {
namespace {

bool connects(const Tunnel& tunnel, const Path& path) {
  return tunnel.up && tunnel.local == path.local.address && tunnel.has_remote(path.remote.address);
}

bool has_tunnel(const Configuration& configuration, const Profile& profile, const Path& path) {
  return !tunnels_for(configuration, profile.name, path).empty();
}

// How well a profile suits: greater is better, equal is ambiguous.
std::tuple<bool, int> suitability(const Configuration& configuration, const Profile& profile, const Identity& remote,
                                  const Path& path) {
  int narrowest = -1;
  for (const auto& match : profile.match_remote)
    if (match.accepts(remote)) narrowest = std::max(narrowest, match.specificity());
  return {has_tunnel(configuration, profile, path), narrowest};
}

}  // namespace

std::vector<Proposal> proposals_for(const Configuration& configuration, const net::Address& local) {
  std::vector<Proposal> proposals;
  for (const auto& name : configuration.policy_for(local).proposals)
    if (const auto* proposal = configuration.proposal(name)) proposals.push_back(*proposal);
  return proposals;
}

std::vector<TransformSet> transform_sets_of(const Configuration& configuration, const IpsecProfile& profile) {
  if (profile.transform_sets.empty()) return {*configuration.transform_set(default_transform_set().name)};
  std::vector<TransformSet> sets;
  for (const auto& name : profile.transform_sets)
    if (const auto* set = configuration.transform_set(name)) sets.push_back(*set);
  // The window is what knows the upper half of a number (RFC 4303 section 3.4.3).
  if (profile.replay_window_packets == 0)
    for (auto& set : sets) set.extended_sequence_numbers = false;
  return sets;
}

const KeyringPeer* keyring_peer(const Configuration& configuration, const Profile& profile, const net::Address& remote,
                                const Identity* identity) {
  const auto* keyring = configuration.keyring(profile.keyring);
  if (!keyring) return nullptr;
  const KeyringPeer* best = nullptr;
  for (const auto& peer : keyring->peers) {
    if (identity && peer.identity && IdentityMatch{*peer.identity}.accepts(*identity)) return &peer;
    if (!peer.address || !peer.address->contains(remote)) continue;
    if (!best || peer.address->length > best->address->length) best = &peer;
  }
  return best;
}

std::expected<TunnelTerms, std::string> resolve_tunnel(const Configuration& configuration, std::string_view name) {
  const auto found = configuration.tunnels.find(name);
  if (found == configuration.tunnels.end() || !found->second.up)
    return std::unexpected(fmt::format("{} is down", name));
  const auto& tunnel = found->second;
  const auto* ipsec = configuration.ipsec_profile(tunnel.ipsec_profile);
  if (!ipsec) return std::unexpected(fmt::format("{}: no crypto ipsec profile {}", name, tunnel.ipsec_profile));
  const auto* profile = configuration.profile(ipsec->ikev2_profile);
  if (!profile)
    return std::unexpected(
        fmt::format("crypto ipsec profile {}: no crypto ikev2 profile {}", ipsec->name, ipsec->ikev2_profile));
  return TunnelTerms{&tunnel, ipsec, profile};
}

bool accepts(const Profile& profile, const Identity& remote) {
  return std::ranges::any_of(profile.match_remote, [&](const IdentityMatch& match) { return match.accepts(remote); });
}

std::expected<const Profile*, std::string> profile_for(const Configuration& configuration, const Identity& remote,
                                                       const Path& path) {
  const Profile* best = nullptr;
  const Profile* rival = nullptr;
  std::tuple<bool, int> best_suits;
  for (const auto& [name, profile] : configuration.profiles) {
    if (!accepts(profile, remote)) continue;
    const auto suits = suitability(configuration, profile, remote, path);
    if (best && suits < best_suits) continue;
    rival = best && suits == best_suits ? best : nullptr;
    best = &profile;
    best_suits = suits;
  }
  if (!best) return std::unexpected(fmt::format("no crypto ikev2 profile matches identity {}", remote.to_string()));
  if (rival)
    return std::unexpected(fmt::format("crypto ikev2 profiles {} and {} both match identity {}", rival->name,
                                       best->name, remote.to_string()));
  return best;
}

std::vector<TunnelTerms> tunnels_for(const Configuration& configuration, std::string_view profile, const Path& path) {
  std::vector<TunnelTerms> found;
  for (const auto& [name, tunnel] : configuration.tunnels) {
    if (!connects(tunnel, path)) continue;
    const auto terms = resolve_tunnel(configuration, name);
    if (terms && terms->profile->name == profile) found.push_back(*terms);
  }
  std::ranges::stable_sort(found, {}, [](const TunnelTerms& terms) { return terms.tunnel->sequence; });
  return found;
}

}  // namespace culvert::ike::v2
