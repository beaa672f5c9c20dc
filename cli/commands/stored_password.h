// A password as the argument of a command: `[type:(0|7)] <text:line>`.
#pragma once

#include <string>

#include "cli/password.h"
#include "config-store/leaf.h"

namespace culvert::cli {

inline constexpr const char* password_spec = "[type:(0|7)] <text:line>";
inline constexpr const char* secret_spec = "[type:(0|5|8|9)] <text:line>";
std::vector<std::string> password_help();
std::vector<std::string> secret_help();

// The type whose number `text` is. Requires: it is one.
PasswordType password_type(std::string_view text);
std::string type_text(PasswordType type);

// Refuses what is not of its type, as IOS does.
config::Accepted check_stored(const std::optional<StoredPassword>& stored);
inline config::Accepted check_password(const config::LeafChange<StoredPassword>& change, const config::View&) {
  return check_stored(change.after);
}

}  // namespace culvert::cli

namespace culvert::config {

template <>
struct Codec<cli::StoredPassword> {
  static cli::StoredPassword decode(const parser::Arguments& arguments);
  static parser::Arguments encode(const cli::StoredPassword& password);
};

}  // namespace culvert::config
