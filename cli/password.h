// Passwords as IOS stores them: types 5 (MD5 crypt), 8 (PBKDF2) and 9 (scrypt) are one-way, 7 only hides from a glance.
//
// What is typed is compared by its hash, in constant time. Hashing takes milliseconds on purpose, so that verifies()
// and hashed() are for a helper thread or a line of configuration, never for a packet.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/random.h"

namespace culvert::cli {

enum class PasswordType : std::uint8_t { plain = 0, md5 = 5, hidden = 7, pbkdf2 = 8, scrypt = 9 };

struct StoredPassword {
  PasswordType type = PasswordType::plain;
  std::string text;  // as it stands in the configuration, without the number of its type
  bool operator==(const StoredPassword&) const = default;
};

constexpr std::size_t password_size_max = 127;

// Whether `text` is something of its type, so that a password can be compared with it.
bool is_well_formed(const StoredPassword& stored);
// Type 9 with a salt of its own.
StoredPassword hashed(std::string_view plain, net::Random& random);
// Slow; reads nothing but its arguments, so that any thread may call it. Requires: is_well_formed(stored).
bool verifies(const StoredPassword& stored, std::string_view typed);
// One that no password fits and that takes as long as others to compare: for users that do not exist.
const StoredPassword& nobodys_password();

// Type 7, whose key everybody knows.
std::string hidden(std::string_view plain, unsigned seed);  // seed 0 to 15
std::optional<std::string> revealed(std::string_view hidden);

}  // namespace culvert::cli
