// `crypto ikev2 profile`.
#include <fmt/format.h>

#include "config-store/definition.h"
#include "ike/commands/definitions.h"
#include "ike/commands/identity_codec.h"
#include "net/overloaded.h"

template <>
struct culvert::config::Codec<culvert::ike::RemoteMatchWords> {
  using Value = culvert::ike::RemoteMatchWords;
  static Value decode(const parser::Arguments& a) {
    if (a.has("any")) return {.match = {culvert::ike::AnyIdentity{}}};
    if (!a.has("address")) return {.match = {*culvert::ike::identity_in(a)}};
    const auto address = *net::Address::parse(a["address"]);
    const auto mask = a.has("mask") ? *net::Address::parse(a["mask"]) : net::Address::v4(0xffffffff);
    const auto prefix = net::Prefix::from_mask(address, mask);
    return {.match = {prefix.value_or(net::Prefix::host(address))}, .mask_has_holes = !prefix};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    std::visit(
        net::overloaded{[&](const culvert::ike::AnyIdentity&) { a.add("any", "any"); },
                        [&](const net::Prefix& prefix) {
                          a.add("address", prefix.address.to_string());
                          a.add("mask", prefix.mask().to_string());
                        },
                        [&](const culvert::ike::Identity& identity) { culvert::ike::add_identity(a, identity); }},
        value.match.wanted);
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::ike::Dpd> {
  using Value = culvert::ike::Dpd;
  static Value decode(const parser::Arguments& a) {
    return {TextCodec<std::uint32_t>::decode(a["interval"]), TextCodec<std::uint32_t>::decode(a["retry"]),
            a["mode"] == "periodic" ? Value::Mode::periodic : Value::Mode::on_demand};
  }
  static parser::Arguments encode(const Value& dpd) {
    parser::Arguments a;
    a.add("interval", std::to_string(dpd.interval_s));
    a.add("retry", std::to_string(dpd.retry_s));
    a.add("mode", dpd.mode == Value::Mode::periodic ? "periodic" : "on-demand");
    return a;
  }
};

namespace culvert::ike {

namespace {

constexpr const char* profile_warning =
    "IKEv2 profile MUST have:\n   1. A local and a remote authentication method.\n   2. A match identity or a match "
    "certificate or match any statement.";

config::Accepted check_match(const config::LeafChange<RemoteMatchWords>& change, const config::View&) {
  if (change.after && change.after->mask_has_holes) return std::unexpected(config::Refusal{"% Invalid mask"});
  return {};
}

config::LeafDefinition match_leaf() {
  return config::leaf(
      "match identity remote (address <address:ipv4> [<mask:mask>]|any:(any)|fqdn <fqdn:word>|email <email:word>|"
      "key-id <key_id:line>)",
      &ProfileRow::match_remote,
      {.help = {"Match values of peer", "IKE identity", "Remote identity", "IP Address(es)", "IP address",
                "specify mask", "match any peer identity", "Fully qualified domain name string [Max. 255 char(s)]",
                "Fully qualified domain name", "Fully qualified email string [Max. 255 char(s)]", "Email address",
                "key-id opaque string", "key-id string"},
       .normalise = [](const RemoteMatchWords& words) { return words; },  // a host gets its mask
       .trailing_space = true,
       .order = 2,
       .check = check_match,
       .examples = {"match identity remote address 192.0.2.0 255.255.255.0", "match identity remote address 192.0.2.7",
                    "match identity remote any", "match identity remote fqdn hq.example",
                    "match identity remote email ops@hq.example", "match identity remote key-id a b"}});
}

std::vector<config::LeafDefinition> authentication_leaves() {
  const std::string method = "Set authentication method",
                    side[] = {"Set local authentication method", "Set remote authentication method"};
  std::vector<config::LeafDefinition> leaves;
  leaves.push_back(config::leaf("authentication remote pre-share", &ProfileRow::remote_pre_share,
                                {.help = {method, side[1], "Pre-Shared Key"}, .order = 4}));
  leaves.push_back(config::leaf("authentication local pre-share", &ProfileRow::local_pre_share,
                                {.help = {method, side[0], "Pre-Shared Key"}, .order = 5}));
  for (const int i : {0, 1})
    for (const auto& [word, help] :
         {std::pair("rsa-sig", "Rivest-Shamir-Adleman Signature"), std::pair("ecdsa-sig", "ECDSA Signature"),
          std::pair("eap", "Extended Authentication Protocol")})
      leaves.push_back(
          config::refuse(fmt::format("authentication {} {}", i == 0 ? "local" : "remote", word),
                         {.help = {method, side[i], help},
                          .text = fmt::format("% Authentication by {} is not supported: use pre-share", word)}));
  return leaves;
}

std::vector<config::LeafDefinition> profile_leaves() {
  std::vector<config::LeafDefinition> leaves;
  leaves.push_back(config::leaf("description <text:line>", &ProfileRow::description,
                                {.help = {"Specify a description of this profile", "Description"}, .order = 1}));
  leaves.push_back(match_leaf());
  leaves.push_back(config::leaf(
      "identity local " + std::string(identity_spec), &ProfileRow::identity_local,
      {.help = {"Specify IKE identity to use", "Specify the local IKE identity to use for the negotiations", "address",
                "IPv4 address", "Fully Qualified Domain Name", "Fully qualified domain name",
                "Fully qualified email string", "Email address", "key-id opaque string", "key-id string"},
       .order = 3}));
  for (auto& leaf : authentication_leaves()) leaves.push_back(std::move(leaf));
  leaves.push_back(config::leaf("keyring local <name:word>", &ProfileRow::keyring,
                                {.help = {"Specify keyring to use", "Local keyring", "Keyring name"}, .order = 6}));
  leaves.push_back(config::leaf("lifetime <seconds:u32(120-86400)>", &ProfileRow::lifetime_s,
                                {.help = {"Set lifetime for ISAKMP security association", "lifetime in seconds"},
                                 .default_ = 86400,
                                 .order = 7}));
  leaves.push_back(
      config::leaf("dpd <interval:u32(10-3600)> <retry:u32(2-60)> mode:(on-demand|periodic)", &ProfileRow::dpd,
                   {.help = {"Enable IKE liveness check for peers", "DPD R-U-THERE interval", "DPD Retry Interval",
                             "Send DPD queries only as needed", "Send DPD queries at regular intervals"},
                    .order = 8}));
  return leaves;
}

}  // namespace

void define_ikev2_profiles(config::Registry& registry) {
  registry.add(config::mode<ProfileRow>({.enter = "crypto ikev2 profile <name:word>",
                                         .help = {"Encryption module", "Internet Key Exchange (IKEv2) Configuration",
                                                  "Define IKEv2 Profiles", "Name of IKEv2 profile"},
                                         .key = &ProfileRow::name,
                                         .prompt = "config-ikev2-profile",
                                         .title = "IKEv2 profile commands:",
                                         .leaves = profile_leaves(),
                                         .order = config::section_order::crypto_ikev2_profile,
                                         .on_enter = [](const ProfileRow& row, const config::View&) -> std::string {
                                           const bool complete =
                                               row.local_pre_share && row.remote_pre_share && !row.match_remote.empty();
                                           return complete ? "" : profile_warning;
                                         }}));
}

std::string words_of(const Identity& identity) {
  parser::Arguments a;
  add_identity(a, identity);
  const auto& only = a.all().front();
  return (only.name == "key_id" ? "key-id" : only.name) + " " + only.text;
}

std::string words_of(const IdentityMatch& match) {
  return std::visit(net::overloaded{[](const AnyIdentity&) { return std::string("any"); },
                                    [](const net::Prefix& prefix) {
                                      return fmt::format("address {} {}", prefix.address, prefix.mask());
                                    },
                                    [](const Identity& identity) { return words_of(identity); }},
                    match.wanted);
}

}  // namespace culvert::ike
