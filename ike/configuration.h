// What an IKE engine is told: plain values, resolved by name when they are needed.
//
// A name may dangle, as in IOS: a profile may name a keyring that comes later. Whoever needs the missing object reports
// it then, and nothing else breaks. `default` objects exist though nobody configured them; a configured object of the
// same name takes their place. Objects compare by value, so that a reconfiguration is the difference of two values.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ike/algorithms.h"
#include "ike/identity.h"
#include "ike/traffic_policy.h"
#include "net/address.h"
#include "net/secret.h"

namespace culvert::ike {

// `crypto ikev2 proposal`: values in order of preference. An empty `prf` means "the PRF of each integrity algorithm".
// AEAD and other ciphers may not be mixed in one proposal line of IOS; here they may, and go out as two proposals.
struct Proposal {
  std::string name;
  std::vector<Encryption> encryption;
  std::vector<Integrity> integrity;
  std::vector<Prf> prf;
  std::vector<Group> groups;
  bool operator==(const Proposal&) const = default;
};

// `crypto ikev2 policy`: which proposals serve which local addresses; none listed means every local address.
struct Policy {
  std::string name;
  std::vector<std::string> proposals;
  std::vector<net::Address> match_local;
  bool operator==(const Policy&) const = default;
};

// `peer` of a keyring. A shared key is the same secret as local and remote key; an empty secret is no key.
struct KeyringPeer {
  std::string name;
  std::optional<net::Prefix> address;
  std::optional<Identity> identity;
  net::Secret local_key;   // signs what we send
  net::Secret remote_key;  // verifies what the peer sends
  bool operator==(const KeyringPeer&) const = default;
};

struct Keyring {
  std::string name;
  std::vector<KeyringPeer> peers;
  bool operator==(const Keyring&) const = default;
};

// `dpd <interval> <retry> on-demand|periodic`.
struct Dpd {
  enum class Mode : std::uint8_t { on_demand, periodic };
  std::uint32_t interval_s = 10;  // silence that starts a probe; 10 to 3600
  std::uint32_t retry_s = 2;      // between the repeats of a probe; 2 to 60
  Mode mode = Mode::periodic;
  bool operator==(const Dpd&) const = default;
};

// `crypto ikev2 profile`.
struct Profile {
  std::string name;
  std::vector<IdentityMatch> match_remote;
  std::optional<Identity> identity_local;  // nullopt: the local address of the path
  bool local_pre_share = false;            // `authentication local pre-share`
  bool remote_pre_share = false;           // `authentication remote pre-share`
  std::string keyring;
  std::uint32_t lifetime_s = 86400;
  std::optional<Dpd> dpd;
  bool operator==(const Profile&) const = default;
};

// `crypto ipsec transform-set`, tunnel mode. `integrity` is Integrity::none for AEAD ciphers.
struct TransformSet {
  std::string name;
  Encryption encryption{};
  Integrity integrity{};
  bool extended_sequence_numbers = false;  // `esn`: preferred, and done without where the peer has none
  bool operator==(const TransformSet&) const = default;
};

// `crypto ipsec profile`.
struct IpsecProfile {
  std::string name;
  std::vector<std::string> transform_sets;  // in order of preference; none = `default`
  std::string ikev2_profile;
  std::uint32_t lifetime_s = 3600;
  std::uint64_t lifetime_kb = 4608000;  // 0 = no limit by volume
  std::optional<Group> pfs;
  std::uint32_t replay_window_packets = 64;  // 0 = no replay check, and then no extended sequence numbers
  std::uint32_t idle_time_s = 0;             // 0 = a Child SA may stand idle for ever
  bool operator==(const IpsecProfile&) const = default;
};

// How the pairs of a tunnel are spread over Child SAs: `set security-association level`.
enum class SaLevel : std::uint8_t {
  per_pair,  // one for each pair, as IOS does without a word
  multi,     // one for all pairs
  per_host   // one for each two hosts
};

// A tunnel interface under `tunnel protection ipsec profile`, or an entry of a crypto map. `up` says that it shall
// carry traffic: it is not shut down and its source has an address and its destination a route. Only a tunnel that is
// up is negotiated or answered.
struct Tunnel {
  std::string name;  // "Tunnel1"
  net::Address local;
  net::Address remote;
  std::string ipsec_profile;
  bool up = false;
  // Negotiated when a packet wants it (Engine::want), not at once. All such tunnels of the same addresses and IKEv2
  // profile share an IKE SA.
  bool on_demand = false;
  std::vector<SelectorPair> pairs;  // what it carries; empty: everything
  SaLevel level = SaLevel::per_pair;
  std::vector<net::Address> further_remotes;  // peers to try, in order, where `remote` does not answer
  std::uint32_t sequence = 0;                 // among the tunnels that would answer an offer: lowest first
  bool operator==(const Tunnel&) const = default;

  // `pairs`, or the one that selects everything.
  std::vector<SelectorPair> policy() const;
  // `remote` and `further_remotes`, in order.
  std::vector<net::Address> remotes() const;
  bool has_remote(const net::Address& address) const;
};

// `crypto ikev2 cookie-challenge` and `crypto ikev2 limit`. What is not set follows EngineOptions.
struct Limits {
  std::optional<std::uint32_t> cookie_challenge;  // half-open SAs from which on a newcomer needs a cookie; 0: always
  std::optional<std::uint32_t> negotiating_in;    // SAs that peers began and have not authenticated, at least 1
  std::optional<std::uint32_t> negotiating_out;   // SAs that we began, at least 1
  std::optional<std::uint32_t> sas;               // IKE SAs in any state, at least 1
  bool operator==(const Limits&) const = default;
};

template <class T>
using ByName = std::map<std::string, T, std::less<>>;

struct Configuration {
  ByName<Proposal> proposals;
  ByName<Policy> policies;
  ByName<Keyring> keyrings;
  ByName<Profile> profiles;
  ByName<TransformSet> transform_sets;
  ByName<IpsecProfile> ipsec_profiles;
  ByName<Tunnel> tunnels;
  Limits limits;

  // Lookups return nullptr where the name dangles. These three know the `default` objects too.
  const Proposal* proposal(std::string_view proposal_name) const;
  const Policy* policy(std::string_view policy_name) const;
  const TransformSet* transform_set(std::string_view set_name) const;
  const Keyring* keyring(std::string_view keyring_name) const;
  const Profile* profile(std::string_view profile_name) const;
  const IpsecProfile* ipsec_profile(std::string_view profile_name) const;

  // The policy for a local address: one that names it, else one that names none, else `default`. Configured policies
  // are tried in the order of their names.
  const Policy& policy_for(const net::Address& local) const;

  bool operator==(const Configuration&) const = default;
};

// The objects that exist though nobody configured them.
const Proposal& default_proposal();  // AES-CBC-256; SHA512 SHA384; the PRFs of the same hashes; groups 19 14 21 5
const Policy& default_policy();      // every address, proposal default
const TransformSet& default_transform_set();  // esp-aes esp-sha-hmac

}  // namespace culvert::ike
