// Configurations for worlds, one line a tunnel.
#pragma once

#include <string>
#include <string_view>

#include "ike/configuration.h"

namespace culvert::testing {

net::Address address(std::string_view text);

// A site with one profile `P`, keyring `K`, IPsec profile `I` and transform set `T` (AES-GCM-256), periodic DPD 10 2.
ike::Configuration site();
// A tunnel that is up, with a shared key for its peer.
void add_tunnel(ike::Configuration& site, const std::string& name, std::string_view local, std::string_view remote,
                std::string_view key);
// The peer of a tunnel made by add_tunnel.
ike::KeyringPeer& key_for(ike::Configuration& site, const std::string& tunnel);

void use_proposal(ike::Configuration& site, ike::Proposal proposal);

}  // namespace culvert::testing
