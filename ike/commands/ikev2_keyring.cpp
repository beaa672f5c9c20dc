// `crypto ikev2 keyring` and its peers.
#include "config-store/definition.h"
#include "ike/commands/definitions.h"
#include "ike/commands/identity_codec.h"
#include "net/hex.h"

template <>
struct culvert::config::Codec<culvert::ike::PreSharedKey> {
  using Value = culvert::ike::PreSharedKey;
  static Value decode(const parser::Arguments& a) { return {a.has("format") ? a["format"] : "", a["key"]}; }
  static parser::Arguments encode(const Value& key) {
    parser::Arguments a;
    if (!key.format.empty()) a.add("format", key.format);
    a.add("key", key.text);
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::ike::PeerAddress> {
  using Value = culvert::ike::PeerAddress;
  static Value decode(const parser::Arguments& a) {
    return {*net::Address::parse(a["address"]), a.has("mask") ? net::Address::parse(a["mask"]) : std::nullopt};
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    a.add("address", value.address.to_string());
    if (value.mask) a.add("mask", value.mask->to_string());
    return a;
  }
};

namespace culvert::ike {

namespace {

constexpr std::uint32_t host_mask = 0xffffffff;

config::Accepted refused(std::string text) { return std::unexpected(config::Refusal{std::move(text)}); }

config::Accepted check_key(const config::LeafChange<PreSharedKey>& change, const config::View&) {
  if (!change.after) return {};
  if (change.after->format == "6") return refused("% Encrypted (type 6) keys are not supported");
  if (change.after->format == "hex" && !net::from_hex(change.after->text))
    return refused("% A hexadecimal key is made of pairs of hexadecimal digits");
  return {};
}

config::Accepted check_address(const config::LeafChange<PeerAddress>& change, const config::View&) {
  if (change.after && change.after->mask && !net::Prefix::from_mask(change.after->address, *change.after->mask))
    return refused("% Invalid mask");
  return {};
}

// Type 0 says what is so anyway: the key stands there as it is.
PreSharedKey normalised_key(PreSharedKey key) {
  if (key.format == "0") key.format.clear();
  return key;
}

PeerAddress normalised_address(PeerAddress address) {
  if (address.mask && address.mask->v4_value() == host_mask) address.mask.reset();
  return address;
}

config::LeafDefinition key_leaf(const std::string& direction, std::optional<PreSharedKey> KeyringPeerRow::* member,
                                std::vector<std::string> help, int order) {
  const std::vector<std::string> key_help{
      "Specify a key in hexadecimal", "Specifies an UNENCRYPTED password will follow",
      "Specifies an ENCRYPTED password will follow", "The UNENCRYPTED (cleartext) user password"};
  help.insert(help.begin(), "specify the pre-shared key");
  help.insert(help.end(), key_help.begin(), key_help.end());
  return config::leaf("pre-shared-key " + direction + "[format:(hex|0|6)] <key:line>", member,
                      {.help = std::move(help),
                       .normalise = normalised_key,
                       .secret = {"key"},
                       .order = order,
                       .check = check_key,
                       .examples = {"pre-shared-key " + direction + "MYKEY", "pre-shared-key " + direction + "hex 00ff",
                                    "pre-shared-key " + direction + "two words"}});
}

std::vector<config::LeafDefinition> peer_leaves() {
  std::vector<config::LeafDefinition> leaves;
  leaves.push_back(config::leaf("description <text:line>", &KeyringPeerRow::description,
                                {.help = {"specify the peer description", "peer description"}, .order = 1}));
  leaves.push_back(config::leaf("address <address:ipv4> [<mask:mask>]", &KeyringPeerRow::address,
                                {.help = {"specify IPv4/IPv6 address of peer", "IPv4 Address", "specify mask"},
                                 .normalise = normalised_address,
                                 .order = 2,
                                 .check = check_address,
                                 .examples = {"address 192.0.2.1", "address 0.0.0.0 0.0.0.0"}}));
  leaves.push_back(
      config::leaf("identity " + std::string(identity_spec), &KeyringPeerRow::identity,
                   {.help = {"specify peer IKE identity", "IPv4 Address", "IPv4 Address",
                             "Fully qualified domain name string", "Fully qualified domain name",
                             "Fully qualified email string", "Email address", "key-id opaque string", "key-id string"},
                    .order = 3}));
  leaves.push_back(key_leaf("", &KeyringPeerRow::shared_key, {}, 4));
  leaves.push_back(key_leaf("local ", &KeyringPeerRow::local_key, {"specify signing key"}, 5));
  leaves.push_back(key_leaf("remote ", &KeyringPeerRow::remote_key, {"specify verifying key"}, 6));
  return leaves;
}

}  // namespace

void define_ikev2_keyrings(config::Registry& registry) {
  registry.add(config::mode<KeyringRow>({.enter = "crypto ikev2 keyring <keyring:word>",
                                         .help = {"Encryption module", "Internet Key Exchange (IKEv2) Configuration",
                                                  "Define IKEv2 keyring", "Name of IKEv2 keyring"},
                                         .key = &KeyringRow::name,
                                         .prompt = "config-ikev2-keyring",
                                         .title = "IKEv2 Keyring commands:",
                                         .order = config::section_order::crypto_ikev2_keyring}));
  registry.add(config::mode<KeyringPeerRow>({.enter = "peer <peer:word>",
                                             .help = {"Configure a Peer and associated keys", "Name of the peer block"},
                                             .key = {&KeyringPeerRow::keyring, &KeyringPeerRow::name},
                                             .parent = "crypto ikev2 keyring",
                                             .prompt = "config-ikev2-keyring-peer",
                                             .title = "IKEv2 Keyring Peer commands:",
                                             .leaves = peer_leaves()}));
}

}  // namespace culvert::ike
