#include "ike/crypto/key_exchange.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/dh.h>
#include <openssl/err.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <string_view>
#include <vector>

#include "ike/crypto/openssl.h"

namespace culvert::ike::crypto {
namespace {

using Number = std::unique_ptr<BIGNUM, Release<BN_clear_free>>;

struct OpensslPrivateKey final : PrivateKey {
  explicit OpensslPrivateKey(Key owned) : key(std::move(owned)) {}
  Key key;
};

// What kind of arithmetic a group is, by OpenSSL's name for it.
constexpr std::string_view modp = "DH", curve = "EC", montgomery = "X25519";

struct GroupParameters {
  Group group;
  std::string_view kind;
  const char* curve_name;  // of a curve, else nullptr
  // Of a MODP exponent: twice the group's strength and more (RFC 3526 §8). 0: as long as the order of the subgroup.
  int private_bits;
};
constexpr std::array parameters_table{
    GroupParameters{Group::modp_768, modp, nullptr, 160},  GroupParameters{Group::modp_1024, modp, nullptr, 192},
    GroupParameters{Group::modp_1536, modp, nullptr, 224}, GroupParameters{Group::modp_2048, modp, nullptr, 256},
    GroupParameters{Group::modp_3072, modp, nullptr, 288}, GroupParameters{Group::modp_4096, modp, nullptr, 336},
    GroupParameters{Group::ecp_256, curve, "P-256", 0},    GroupParameters{Group::ecp_384, curve, "P-384", 0},
    GroupParameters{Group::ecp_521, curve, "P-521", 0},    GroupParameters{Group::modp_2048_256, modp, nullptr, 0},
    GroupParameters{Group::x25519, montgomery, nullptr, 0}};

const GroupParameters& parameters(Group group) {
  const auto* row = std::ranges::find(parameters_table, group, &GroupParameters::group);
  assert(row != parameters_table.end());
  return *row;
}
bool is_curve(Group group) { return parameters(group).kind == curve; }
bool is_modp(Group group) { return parameters(group).kind == modp; }

Number number(net::View octets) {
  Number value(BN_bin2bn(raw(octets), static_cast<int>(octets.size()), nullptr));
  require(value != nullptr, "number");
  return value;
}

// What OpenSSL is told of a key, and the numbers it is told of: the builder keeps pointers to them.
class Description {
 public:
  Description() : builder_(OSSL_PARAM_BLD_new()) { require(builder_ != nullptr, "key"); }
  void text(const char* name, const char* value) {
    require(OSSL_PARAM_BLD_push_utf8_string(builder_.get(), name, value, 0), "key");
  }
  void octets(const char* name, net::View value) {
    require(OSSL_PARAM_BLD_push_octet_string(builder_.get(), name, value.data(), value.size()), "key");
  }
  void big(const char* name, net::View value) {
    numbers_.push_back(number(value));
    require(OSSL_PARAM_BLD_push_BN(builder_.get(), name, numbers_.back().get()), "key");
  }
  // nullptr where OpenSSL refuses what it was told.
  Key made(const char* algorithm, int selection) {
    const Parameters built(OSSL_PARAM_BLD_to_param(builder_.get()));
    const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, algorithm, nullptr));
    require(built && context && EVP_PKEY_fromdata_init(context.get()) > 0, "key");
    EVP_PKEY* key = nullptr;
    EVP_PKEY_fromdata(context.get(), &key, selection, built.get());
    return Key(key);
  }

 private:
  ParameterBuilder builder_;
  std::vector<Number> numbers_;
};

Description description_of(Group group, net::View private_value, net::View public_value) {
  Description description;
  if (is_curve(group)) description.text(OSSL_PKEY_PARAM_GROUP_NAME, parameters(group).curve_name);
  if (is_modp(group)) {
    description.big(OSSL_PKEY_PARAM_FFC_P, modulus(group));
    description.big(OSSL_PKEY_PARAM_FFC_G, generator(group));
    if (const auto order = subgroup_order(group); !order.empty()) description.big(OSSL_PKEY_PARAM_FFC_Q, order);
  }
  if (!public_value.empty())
    is_modp(group) ? description.big(OSSL_PKEY_PARAM_PUB_KEY, public_value)
                   : description.octets(OSSL_PKEY_PARAM_PUB_KEY, public_value);
  if (!private_value.empty())
    parameters(group).kind == montgomery ? description.octets(OSSL_PKEY_PARAM_PRIV_KEY, private_value)
                                         : description.big(OSSL_PKEY_PARAM_PRIV_KEY, private_value);
  return description;
}

// A key of `group` from what is known of it: either value may be empty, or both. nullptr where OpenSSL refuses them.
Key build(Group group, net::View private_value, net::View public_value) {
  const int selection = !private_value.empty()  ? EVP_PKEY_KEYPAIR
                        : !public_value.empty() ? EVP_PKEY_PUBLIC_KEY
                                                : EVP_PKEY_KEY_PARAMETERS;
  return description_of(group, private_value, public_value).made(parameters(group).kind.data(), selection);
}

std::size_t index_of(Group group) { return static_cast<std::size_t>(&parameters(group) - parameters_table.data()); }

// The domain parameters alone, built once; keys are generated from them. X25519 has none.
EVP_PKEY* domain(Group group) {
  static const auto domains = [] {
    std::array<Key, parameters_table.size()> all;
    std::ranges::transform(parameters_table, all.begin(),
                           [](const auto& row) { return row.kind == montgomery ? Key() : build(row.group, {}, {}); });
    return all;
  }();
  return domains[index_of(group)].get();
}

// Curve points travel without the 0x04 that OpenSSL puts first (RFC 5903 §7).
constexpr auto uncompressed = std::byte{4};

net::Bytes with_point_form(net::View value) {
  net::Bytes encoded{uncompressed};
  encoded.insert(encoded.end(), value.begin(), value.end());
  return encoded;
}

// OpenSSL pads a MODP value to the length of the modulus, as the KE payload wants it (RFC 7296 §3.4).
net::Bytes public_value_of(Group group, EVP_PKEY* key) {
  unsigned char* encoded = nullptr;
  const auto size = EVP_PKEY_get1_encoded_public_key(key, &encoded);
  const std::unique_ptr<unsigned char, Release<[](unsigned char* p) { OPENSSL_free(p); }>> owner(encoded);
  const auto value = std::as_bytes(std::span(encoded, size)).subspan(is_curve(group) ? 1 : 0);
  assert(value.size() == traits(group).public_octets);
  return {value.begin(), value.end()};
}

// Without a limit OpenSSL takes an exponent as long as the modulus where it does not know the group by name.
bool limit_exponent(EVP_PKEY_CTX* context, Group group) {
  if (parameters(group).private_bits == 0) return true;
  int bits = parameters(group).private_bits;
  const OSSL_PARAM limits[]{OSSL_PARAM_construct_int(OSSL_PKEY_PARAM_DH_PRIV_LEN, &bits), OSSL_PARAM_construct_end()};
  return EVP_PKEY_CTX_set_params(context, limits) > 0;
}

// Setting up costs a P-256 key several times its own price, so each thread keeps its generators; they hold no secret.
// nullptr where OpenSSL refuses.
EVP_PKEY_CTX* key_generator(Group group) {
  thread_local std::array<KeyContext, parameters_table.size()> generators;
  auto& kept = generators[index_of(group)];
  if (kept) return kept.get();
  KeyContext made(domain(group) ? EVP_PKEY_CTX_new_from_pkey(nullptr, domain(group), nullptr)
                                : EVP_PKEY_CTX_new_from_name(nullptr, parameters(group).kind.data(), nullptr));
  if (!made || EVP_PKEY_keygen_init(made.get()) <= 0 || !limit_exponent(made.get(), group)) return nullptr;
  kept = std::move(made);
  return kept.get();
}

// 1 < y < p - 1 (RFC 6989 §2.1).
bool in_range(Group group, net::View value) {
  const auto p = number(modulus(group));
  const auto y = number(value);
  require(BN_sub_word(p.get(), 1), "number");
  return BN_cmp(y.get(), BN_value_one()) > 0 && BN_cmp(y.get(), p.get()) < 0;
}

// y^q = 1 (RFC 6989 §2.2). The other MODP groups have p = 2q + 1 and the curves cofactor 1: no small subgroup is left.
bool in_subgroup(Group group, net::View value) {
  const auto order = subgroup_order(group);
  if (order.empty()) return true;
  const std::unique_ptr<BN_CTX, Release<BN_CTX_free>> scratch(BN_CTX_new());
  const Number power(BN_new());
  require(scratch && power &&
              BN_mod_exp(power.get(), number(value).get(), number(order).get(), number(modulus(group)).get(),
                         scratch.get()),
          "number");
  return BN_is_one(power.get());
}

// The point is checked to lie on the curve. Describing the curve anew for each point would cost as much as half of the
// derivation. nullptr where OpenSSL refuses it.
Key point(Group group, net::View value) {
  const auto encoded = with_point_form(value);
  Key key(EVP_PKEY_new());
  const bool made = key && EVP_PKEY_copy_parameters(key.get(), domain(group)) > 0 &&
                    EVP_PKEY_set1_encoded_public_key(key.get(), raw(net::View(encoded)), encoded.size()) > 0;
  return made ? std::move(key) : Key();
}

std::expected<Key, DhError> peer_key(Group group, net::View value) {
  if (value.size() != traits(group).public_octets) return std::unexpected(DhError::wrong_length);
  if (is_modp(group) && !in_range(group, value)) return std::unexpected(DhError::out_of_range);
  if (is_modp(group) && !in_subgroup(group, value)) return std::unexpected(DhError::in_small_subgroup);
  auto key = is_curve(group) ? point(group, value) : build(group, {}, value);
  if (key) return key;
  ERR_clear_error();
  return std::unexpected(is_curve(group) ? DhError::not_on_curve : DhError::failed);
}

}  // namespace

std::string_view text(DhError error) {
  switch (error) {
    case DhError::wrong_length: return "wrong length";
    case DhError::out_of_range: return "out of range";
    case DhError::not_on_curve: return "not on the curve";
    case DhError::in_small_subgroup: return "in a small subgroup";
    case DhError::failed: break;
  }
  return "library failure";
}

std::expected<KeyPair, DhError> OpensslKeyExchange::generate(Group group) const {
  auto* const context = key_generator(group);
  EVP_PKEY* made = nullptr;
  if (!context || EVP_PKEY_keygen(context, &made) <= 0) return std::unexpected(DhError::failed);
  Key key(made);
  auto public_value = public_value_of(group, key.get());
  return KeyPair{group, std::move(public_value), std::make_shared<OpensslPrivateKey>(std::move(key))};
}

// The peer's key was checked above; having OpenSSL validate it again would cost more than the derivation itself.
std::expected<net::Secret, DhError> OpensslKeyExchange::derive(const KeyPair& own, net::View peer_public) const {
  auto* const key = static_cast<const OpensslPrivateKey&>(*own.private_key).key.get();
  auto peer = peer_key(own.group, peer_public);
  if (!peer) return std::unexpected(peer.error());
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (!context || EVP_PKEY_derive_init(context.get()) <= 0) return std::unexpected(DhError::failed);
  if (is_modp(own.group) && EVP_PKEY_CTX_set_dh_pad(context.get(), 1) <= 0) return std::unexpected(DhError::failed);
  net::Secret secret{net::Bytes(traits(own.group).secret_octets)};
  auto size = secret.size();
  if (EVP_PKEY_derive_set_peer_ex(context.get(), peer->get(), 0) <= 0 ||
      EVP_PKEY_derive(context.get(), raw(secret.writable()), &size) <= 0 || size != secret.size()) {
    ERR_clear_error();
    // All that X25519 refuses is a secret of zeros.
    return std::unexpected(parameters(own.group).kind == montgomery ? DhError::in_small_subgroup : DhError::failed);
  }
  return secret;
}

std::expected<KeyPair, DhError> OpensslKeyExchange::import(Group group, const net::Secret& private_value,
                                                           net::View public_value) const {
  auto key = build(group, private_value.view(), {});
  if (!key) return std::unexpected(DhError::failed);
  return KeyPair{
      group, {public_value.begin(), public_value.end()}, std::make_shared<OpensslPrivateKey>(std::move(key))};
}

}  // namespace culvert::ike::crypto
