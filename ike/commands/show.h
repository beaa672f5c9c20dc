// The show and clear commands of IKE and IPsec, in IOS layouts.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config-store/view.h"
#include "ike/commands/definitions.h"
#include "ike/engine.h"
#include "ike/views.h"
#include "parser/exec_command.h"

namespace culvert::ike {

// What the dataplane counted on the SAs of one direction.
struct DirectionCounters {
  std::uint64_t packets = 0, ciphered = 0, authenticated = 0;
  std::uint64_t octets = 0;  // of inner packets, since the SA was installed: what lifetimes count
  std::uint64_t bad_icv = 0, replayed = 0, malformed = 0, bad_length = 0, wrong_protocol = 0, outside_selectors = 0;
  std::uint64_t no_room = 0, sequence_exhausted = 0, failed = 0;
};

// One pair of ESP SAs with what was counted on it.
struct IpsecSaRow {
  ChildView child;
  DirectionCounters in, out;
};

// A tunnel interface under protection or an entry of a crypto map on an interface, whether it has SAs or not.
struct ProtectedTunnel {
  std::string name, ipsec_profile;
  std::optional<net::Address> local, remote;
  std::uint32_t mtu = 0;
  std::uint32_t path_mtu = 0, plaintext_mtu = 0;  // 0 = not known
  std::string leaves_by;                          // the interface towards the peer; empty = none
  // Of an entry: the map, its sequence, the interface that bears it, and what it protects. Several interfaces may share
  // a tunnel.
  std::string crypto_map, bearer;
  std::uint32_t sequence = 0;
  std::vector<SelectorPair> pairs;

  const std::string& interface() const { return crypto_map.empty() ? name : bearer; }
  std::string map_tag() const { return crypto_map.empty() ? name + "-head-0" : crypto_map; }
};

struct CryptoSources {
  const config::View& configuration;
  std::function<std::vector<SaView>()> sas;
  std::function<std::vector<IpsecSaRow>()> ipsec_sas;
  std::function<std::vector<ProtectedTunnel>()> tunnels;
  std::function<Statistics()> statistics;
  std::function<std::size_t(const ClearFilter&)> clear;
  std::function<void()> clear_counters;
  std::function<std::size_t(RekeyOf, const ClearFilter&)> rekey;
  // The lines of an access list as `show crypto map` has them, its heading first; empty = there is none.
  std::function<std::vector<std::string>(const std::string& name)> access_list;
  std::function<void()> clear_hold;  // of what crypto maps no longer protect
};

void add_crypto_commands(parser::ExecCommands& commands, const CryptoSources& sources);
// Its parts, by file.
void add_ikev2_shows(parser::ExecCommands& commands, const CryptoSources& sources);
void add_ikev2_configuration_shows(parser::ExecCommands& commands, const CryptoSources& sources);
void add_ipsec_shows(parser::ExecCommands& commands, const CryptoSources& sources);
void add_session_shows(parser::ExecCommands& commands, const CryptoSources& sources);
void add_algorithm_shows(parser::ExecCommands& commands);
void add_crypto_map_commands(parser::ExecCommands& commands, const CryptoSources& sources);
void add_rekey_commands(parser::ExecCommands& commands, const CryptoSources& sources);

// The texts themselves.
std::string show_crypto_maps(const CryptoSources& sources, const std::function<bool(const CryptoMapRow&)>& wanted);
std::string show_algorithms();
std::string show_ikev2_sa(const std::vector<SaView>& sas, bool detailed);
std::string show_ikev2_stats(const Statistics& statistics, const std::vector<SaView>& sas, const Limits& limits);
std::string show_ikev2_proposals(const config::View& configuration);
std::string show_ikev2_policies(const config::View& configuration);
std::string show_ikev2_profiles(const config::View& configuration);
std::string show_ipsec_association(const config::View& configuration);
// "Security association lifetime: 4608000 kilobytes/3600 seconds"; 0 kilobytes = disabled.
std::string lifetime_text(std::uint64_t lifetime_kb, std::uint32_t lifetime_s);
std::string show_transform_sets(const config::View& configuration);
std::string show_ipsec_profiles(const config::View& configuration);
std::string show_ipsec_sa(const std::vector<ProtectedTunnel>& tunnels, const std::vector<IpsecSaRow>& sas,
                          bool detail = false);
// "{ esp-aes esp-sha-hmac  }" for each transform set of a profile, as IOS lists them.
std::string transform_sets_text(const Configuration& configuration, const std::vector<std::string>& names);
std::string show_accelerator_statistic(const std::vector<IpsecSaRow>& sas);
std::string show_session(const std::vector<ProtectedTunnel>& tunnels, const std::vector<SaView>& sas,
                         const std::vector<IpsecSaRow>& ipsec_sas, bool detail);

// "esp-256-aes esp-sha-hmac", "esp-gcm 256": how IOS shows a pair of algorithms.
std::string shown_transforms(Encryption encryption, Integrity integrity);
// "hh:mm:ss".
std::string clock_of(std::int64_t seconds);

}  // namespace culvert::ike
