// `username`, `enable secret` and `enable password`: who may log in, and what opens privileged mode.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/commands/stored_password.h"
#include "config-store/definition.h"

namespace culvert::cli {

struct User {
  std::string name;
  std::optional<std::uint32_t> privilege;          // 0 to 15
  std::optional<StoredPassword> secret, password;  // one of them; without, the user cannot log in
  bool operator==(const User&) const = default;
};
struct Users {
  std::vector<User> all;  // by name, each once
  bool operator==(const Users&) const = default;
};
struct EnablePasswords {
  std::optional<StoredPassword> secret, password;  // the secret goes before the password
  bool operator==(const EnablePasswords&) const = default;
};

// `random` makes salts and lives as long as the registry.
config::SectionDefinition users_definition(net::Random& random);
config::SectionDefinition enable_definition(net::Random& random);

std::optional<User> find_user(const config::View& configuration, std::string_view name);
inline const std::optional<StoredPassword>& password_of(const User& user) {
  return user.secret ? user.secret : user.password;
}
inline const std::optional<StoredPassword>& password_of(const EnablePasswords& enable) {
  return enable.secret ? enable.secret : enable.password;
}

}  // namespace culvert::cli
