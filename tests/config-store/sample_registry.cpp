#include "tests/config-store/sample_registry.h"

#include <algorithm>

#include "config-store/definition.h"

namespace culvert::config {

using namespace sample;

template <>
struct Codec<PreSharedKey> {
  static PreSharedKey decode(const parser::Arguments& a) {
    return {a.has("direction") ? std::optional(a["direction"]) : std::nullopt, a["key"]};
  }
  static parser::Arguments encode(const PreSharedKey& value) {
    parser::Arguments a;
    if (value.direction) a.add("direction", *value.direction);
    a.add("key", value.key);
    return a;
  }
};

template <>
struct Codec<RemoteMatch> {
  static RemoteMatch decode(const parser::Arguments& a) {
    RemoteMatch match;
    if (a.has("address")) match.address = net::Address::parse(a["address"]);
    if (a.has("mask")) match.mask = net::Address::parse(a["mask"]);
    if (a.has("fqdn")) match.fqdn = a["fqdn"];
    return match;
  }
  static parser::Arguments encode(const RemoteMatch& value) {
    parser::Arguments a;
    if (value.address) a.add("address", value.address->to_string());
    if (value.mask) a.add("mask", value.mask->to_string());
    if (value.fqdn) a.add("fqdn", *value.fqdn);
    return a;
  }
};

template <>
struct Codec<sample::InterfaceAddress> {
  static sample::InterfaceAddress decode(const parser::Arguments& a) {
    return {*net::Address::parse(a["address"]), *net::Address::parse(a["mask"]), a.has("secondary")};
  }
  static parser::Arguments encode(const sample::InterfaceAddress& value) {
    parser::Arguments a;
    a.add("address", value.address.to_string());
    a.add("mask", value.mask.to_string());
    if (value.secondary) a.add("secondary", "secondary");
    return a;
  }
};

template <>
struct Codec<Route> {
  static Route decode(const parser::Arguments& a) {
    return {*net::Address::parse(a["network"]), *net::Address::parse(a["mask"]),
            a.has("gateway") ? a["gateway"] : a["interface"],
            a.has("distance") ? std::optional(TextCodec<std::uint32_t>::decode(a["distance"])) : std::nullopt};
  }
  static parser::Arguments encode(const Route& value) {
    parser::Arguments a;
    a.add("network", value.network.to_string());
    a.add("mask", value.mask.to_string());
    a.add(net::Address::parse(value.via) ? "gateway" : "interface", value.via);
    if (value.distance) a.add("distance", std::to_string(*value.distance));
    return a;
  }
};

}  // namespace culvert::config

namespace culvert::config::sample {
namespace {

Accepted refused(std::string text) { return std::unexpected(Refusal{std::move(text)}); }

ModeDefinition proposal_mode() {
  return mode<Proposal>(
      {.enter = "crypto ikev2 proposal <name:word>",
       .help = {"Encryption module", "Configure IKEv2 Options", "Define IKEv2 proposals", "Name of IKEv2 proposal"},
       .key = &Proposal::name,
       .prompt = "config-ikev2-proposal",
       .title = "IKEv2 Proposal commands:",
       .leaves = {repeated("encryption algorithm:(3des|aes-cbc-128|aes-cbc-192|aes-cbc-256)...", &Proposal::encryption,
                           {.help = {"Set encryption algorithm(s) for proposal", "3DES", "AES-CBC-128", "AES-CBC-192",
                                     "AES-CBC-256"}}),
                  repeated("integrity hash:(md5|sha1|sha256)...", &Proposal::integrity,
                           {.help = {"Set integrity hash algorithm(s) for proposal", "MD5", "SHA1", "SHA256"}}),
                  refuse("prf <name:word>",
                         {.help = {"Set prf algorithm(s) for proposal", "Name"}, .text = "% prf is not supported"})},
       .order = section_order::crypto_ikev2_proposal,
       .trailing_space = true,
       .on_enter = [](const Proposal& p, const View&) {
         return p.encryption.empty() || p.integrity.empty() ? std::string("IKEv2 proposal MUST be complete") : "";
       }});
}

std::vector<ModeDefinition> keyring_modes() {
  auto keyring = mode<Keyring>(
      {.enter = "crypto ikev2 keyring <name:word>",
       .help = {"Encryption module", "Configure IKEv2 Options", "Define IKEv2 Keyring", "Name of IKEv2 Keyring"},
       .key = &Keyring::name,
       .prompt = "config-ikev2-keyring",
       .title = "IKEv2 Keyring commands:",
       .order = section_order::crypto_ikev2_keyring});
  auto peer = mode<Peer>(
      {.enter = "peer <name:word>",
       .help = {"Configure a Peer and associated keys", "Name of the peer block"},
       .key = {&Peer::keyring, &Peer::name},
       .parent = "crypto ikev2 keyring",
       .prompt = "config-ikev2-keyring-peer",
       .leaves = {
           leaf("address <address:ipv4>", &Peer::address, {.help = {"Specify IP address of peer", "IPv4 Address"}}),
           leaf("pre-shared-key [direction:(local|remote)] <key:line>", &Peer::keys,
                {.help = {"specify the pre-shared key", "specify signing key", "specify verifying key", "The key"},
                 .identity = {"direction"},
                 .secret = {"key"}})}});
  return {std::move(peer), std::move(keyring)};
}

ModeDefinition profile_mode() {
  return mode<Profile>(
      {.enter = "crypto ikev2 profile <name:word>",
       .help = {"Encryption module", "Configure IKEv2 Options", "Define IKEv2 Profiles", "Profile name"},
       .key = &Profile::name,
       .prompt = "config-ikev2-profile",
       .title = "IKEv2 profile commands:",
       .leaves = {leaf("match identity remote (address <address:ipv4> [<mask:mask>]|fqdn <fqdn:word>|any)",
                       &Profile::match_remote,
                       {.help = {"Match values of peer", "Match peer identity", "Remote identity", "IP Address(es)",
                                 "IP address", "Specify mask", "Fully qualified domain name", "FQDN string",
                                 "Match any peer identity"}}),
                  leaf("lifetime <seconds:u32(120-86400)>", &Profile::lifetime_s,
                       {.help = {"Set lifetime of the IKE SA", "Seconds"}, .default_ = 86400, .partial_no = true}),
                  leaf("proposal <name:word>", &Profile::proposals,
                       {.help = {"Specify Proposal", "Name"},
                        .duplicate = "% Policy already has same proposal set",
                        .missing = "% No such proposal"}),
                  leaf("config-exchange request", &Profile::config_exchange,
                       {.help = {"config-exchange options", "initiate config-exchange request"},
                        .on_by_default = true})},
       .order = section_order::crypto_ikev2_profile,
       .check = [](const RowChange<Profile>& change, const View& view) -> Accepted {
         if (change.after || !view.exists("interface", "Tunnel99")) return {};
         return refused("% Profile in use by interface Tunnel99");
       }});
}

ModeDefinition transform_set_mode() {
  return mode<TransformSet>(
      {.enter = "crypto ipsec transform-set <name:word> transform:(esp-3des|esp-aes|esp-md5-hmac|esp-sha-hmac|"
                "esp-sha256-hmac)...",
       .help = {"Encryption module", "Configure IPSEC policy", "Define transform and settings", "Transform set tag",
                "ESP transform using 3DES(EDE) cipher (168 bits)", "ESP transform using AES cipher",
                "ESP transform using HMAC-MD5 auth", "ESP transform using HMAC-SHA auth",
                "ESP transform using HMAC-SHA256 auth"},
       .key = &TransformSet::name,
       .prompt = "cfg-crypto-trans",
       .entry = entered(&TransformSet::transforms),
       .leaves = {leaf("mode mode:(tunnel|transport)", &TransformSet::mode,
                       {.help = {"encapsulation mode (transport/tunnel)", "tunnel mode", "transport mode"},
                        .default_ = "tunnel",
                        .render_absent = "mode tunnel",
                        .trailing_space = true})},
       .aliases = {{.spec = "crypto ipsec transform-set <name:word> cipher:(esp-3des|esp-aes) hash:(esp-sha|esp-md5)",
                    .map =
                        [](const parser::Arguments& typed) {
                          parser::Arguments a;
                          a.add("name", typed["name"]);
                          a.add("transform", typed["cipher"]);
                          a.add("transform", typed["hash"] + "-hmac");
                          return a;
                        }}},
       .order = section_order::crypto_ipsec_transform_set,
       .trailing_space = true});
}

ModeDefinition policy_mode() {
  return mode<Policy>({.enter = "crypto isakmp policy <priority:u32(1-10000)>",
                       .help = {"Encryption module", "Configure ISAKMP policy",
                                "Set policy for an ISAKMP protection suite", "Priority of protection suite"},
                       .key = &Policy::priority,
                       .prompt = "config-isakmp",
                       .leaves = {leaf("hash name:(md5|sha)", &Policy::hash,
                                       {.help = {"Set hash algorithm for protection suite", "MD5", "SHA"}})},
                       .order = section_order::crypto_isakmp_policy});
}

ModeDefinition interface_mode() {
  return mode<Interface>(
      {.enter = "interface <name:interface>",
       .help = {"Select an interface to configure", "Interface name"},
       .key = &Interface::name,
       .prompt = "config-if",
       .title = "Interface configuration commands:",
       .leaves = {leaf("description <text:line>", &Interface::description,
                       {.help = {"Interface specific description", "Up to 200 characters"},
                        .normalise = [](const std::string& text) { return text.substr(0, 200); }}),
                  leaf(
                      "shutdown", &Interface::shutdown,
                      {.help = {"Shutdown the selected interface"},
                       .order = 100,
                       .notice = [](const LeafChange<bool>& change,
                                    const View&) { return *change.after ? std::string("going down") : "coming up"; }})},
       .order = section_order::interface,
       .check = [](const RowChange<Interface>& change, const View&) -> Accepted {
         if (change.before || !change.after->name.starts_with("Serial")) return {};
         return refused("% There is no port " + change.after->name);
       },
       .on_default = [](const Key& key) { return "Interface " + key.last() + " set to default configuration"; },
       .examples = {"interface GigabitEthernet0/0", "interface Tunnel10"}});
}

SectionDefinition interface_ip() {
  return extend<InterfaceIp>(
      "interface",
      {.table = "interface_ip",
       .key = &InterfaceIp::name,
       .leaves = {leaf("ip address <address:ipv4> <mask:mask> [secondary:(secondary)]", &InterfaceIp::address,
                       {.help = {"Interface Internet Protocol config commands", "Set the IP address of an interface",
                                 "IP address", "IP subnet mask", "Make this IP address a secondary address"},
                        .render_absent = "no ip address",
                        .check = [](const LeafChange<InterfaceAddress>& change, const View& view) -> Accepted {
                          if (!change.after) return {};
                          const auto mine = net::Prefix::from_mask(change.after->address, change.after->mask);
                          for (const auto& other : view.rows<InterfaceIp>()) {
                            if (other.name == change.key.last() || !other.address) continue;
                            const auto theirs = net::Prefix::from_mask(other.address->address, other.address->mask);
                            if (mine->overlaps(*theirs))
                              return refused("% " + mine->network().address.to_string() + " overlaps with " +
                                             other.name);
                          }
                          return {};
                        }}),
                  leaf("ip access-group <name:word>", &InterfaceIp::access_groups,
                       {.help = {"Interface Internet Protocol config commands", "Specify access control", "Name"}})}});
}

SectionDefinition host() {
  return global<Host>({.table = "host",
                       .leaves = {leaf("hostname <name:word>", &Host::hostname,
                                       {.help = {"Set system's network name", "This system's network name"},
                                        .order = section_order::hostname}),
                                  leaf("ip classless", &Host::classless,
                                       {.help = {"Global IP configuration subcommands", "Follow classless routing"},
                                        .on_by_default = true,
                                        .order = section_order::ip_forward})}});
}

SectionDefinition routes() {
  return global<Routes>(
      {.table = "static",
       .leaves = {leaf("ip route <network:ipv4> <mask:mask> (<gateway:ipv4>|<interface:interface>) "
                       "[<distance:u32(1-255)>]",
                       &Routes::routes,
                       {.help = {"Global IP configuration subcommands", "Establish static routes", "Destination prefix",
                                 "Destination prefix mask", "Forwarding router's address", "Interface",
                                 "Distance metric for this route"},
                        .identity = {"network", "mask", "gateway", "interface"},
                        .sorted = true,
                        .order = section_order::ip_route})}});
}

}  // namespace

Registry registry() {
  Registry all;
  all.add(interface_ip());
  for (auto& definition : keyring_modes()) all.add(std::move(definition));
  all.add(proposal_mode());
  all.add(profile_mode());
  all.add(transform_set_mode());
  all.add(policy_mode());
  all.add(interface_mode());
  all.add(host());
  all.add(routes());
  all.complete();
  return all;
}

}  // namespace culvert::config::sample
