#include "tests/world/configurations.h"

#include <algorithm>

namespace culvert::testing {

using namespace ike;

net::Address address(std::string_view text) { return net::Address::parse(text).value(); }

Configuration site() {
  Configuration c;
  c.keyrings["K"] = {.name = "K", .peers = {}};
  c.profiles["P"] = {.name = "P",
                     .match_remote = {{AnyIdentity{}}},
                     .identity_local = {},
                     .local_pre_share = true,
                     .remote_pre_share = true,
                     .keyring = "K",
                     .dpd = Dpd{.interval_s = 10, .retry_s = 2, .mode = Dpd::Mode::periodic}};
  c.transform_sets["T"] = {.name = "T", .encryption = Encryption::aes_gcm_256, .integrity = Integrity::none};
  c.ipsec_profiles["I"] = {.name = "I", .transform_sets = {"T"}, .ikev2_profile = "P", .pfs = {}};
  return c;
}

void add_tunnel(Configuration& site, const std::string& name, std::string_view local, std::string_view remote,
                std::string_view key) {
  site.tunnels[name] = {
      .name = name, .local = address(local), .remote = address(remote), .ipsec_profile = "I", .up = true};
  const net::Secret secret(net::as_view(key));
  site.keyrings["K"].peers.push_back({.name = name,
                                      .address = net::Prefix::host(address(remote)),
                                      .identity = {},
                                      .local_key = secret,
                                      .remote_key = secret});
}

KeyringPeer& key_for(Configuration& site, const std::string& tunnel) {
  auto& peers = site.keyrings["K"].peers;
  return *std::ranges::find(peers, tunnel, &KeyringPeer::name);
}

void use_proposal(Configuration& site, Proposal proposal) {
  site.policies["L"] = {.name = "L", .proposals = {proposal.name}, .match_local = {}};
  site.proposals[proposal.name] = std::move(proposal);
}

}  // namespace culvert::testing
