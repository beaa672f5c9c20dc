// Identities between their words in a command and their values.
#pragma once

#include "config-store/codec.h"
#include "ike/commands/definitions.h"

namespace culvert::ike {

// The specification of an identity's words, shared by `identity` and `identity local`.
inline constexpr const char* identity_spec =
    "(address <address:ipv4>|fqdn <fqdn:word>|email <email:word>|key-id <key_id:line>)";

inline std::string text_of(const Identity& identity) {
  return {reinterpret_cast<const char*>(identity.value.data()), identity.value.size()};
}

inline std::optional<Identity> identity_in(const parser::Arguments& a) {
  if (a.has("address")) return Identity::of(*net::Address::parse(a["address"]));
  if (a.has("fqdn")) return Identity::fqdn(a["fqdn"]);
  if (a.has("email")) return Identity::email(a["email"]);
  if (a.has("key_id")) return Identity::key_id(a["key_id"]);
  return std::nullopt;
}

inline void add_identity(parser::Arguments& a, const Identity& identity) {
  switch (identity.type) {
    case IdentityType::fqdn: return a.add("fqdn", text_of(identity));
    case IdentityType::email: return a.add("email", text_of(identity));
    case IdentityType::key_id: return a.add("key_id", text_of(identity));
    default: return a.add("address", identity.address()->to_string());
  }
}

}  // namespace culvert::ike

template <>
struct culvert::config::Codec<culvert::ike::IdentityWords> {
  using Value = culvert::ike::IdentityWords;
  static Value decode(const parser::Arguments& a) { return {*culvert::ike::identity_in(a)}; }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    culvert::ike::add_identity(a, value.identity);
    return a;
  }
};
