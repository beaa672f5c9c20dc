#include "cli/password.h"

#include <crypt.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>

namespace culvert::cli {
namespace {

constexpr std::string_view alphabet = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr std::size_t salt_size = 14, digest_size = 32, digest_text_size = 43;
using Digest = std::array<unsigned char, digest_size>;

bool is_of_alphabet(std::string_view text) { return text.find_first_not_of(alphabet) == std::string_view::npos; }

// Base 64 with crypt's alphabet, most significant bits first, without padding.
std::string encoded(const Digest& digest) {
  std::string text;
  unsigned bits = 0, count = 0;
  for (const auto octet : digest) {
    bits = bits << 8 | octet;
    for (count += 8; count >= 6; count -= 6) text += alphabet[bits >> (count - 6) & 63];
  }
  text += alphabet[bits << (6 - count) & 63];
  return text;
}

struct Parts {
  std::string_view salt, digest;
};

// "$9$salt$digest"; nullopt where it is not of that form.
std::optional<Parts> split(std::string_view text, char type) {
  if (text.size() != 4 + salt_size + digest_text_size || text[0] != '$' || text[1] != type || text[2] != '$' ||
      text[3 + salt_size] != '$')
    return std::nullopt;
  const Parts parts{text.substr(3, salt_size), text.substr(4 + salt_size)};
  if (!is_of_alphabet(parts.salt) || !is_of_alphabet(parts.digest)) return std::nullopt;
  return parts;
}

std::string scrypt_text(std::string_view typed, std::string_view salt) {
  constexpr std::uint64_t cost = 16384, block = 1, parallel = 1, memory_max = 32 << 20;
  Digest digest;
  const auto done = EVP_PBE_scrypt(typed.data(), typed.size(), reinterpret_cast<const unsigned char*>(salt.data()),
                                   salt.size(), cost, block, parallel, memory_max, digest.data(), digest.size());
  assert(done == 1);
  return encoded(digest);
}

std::string pbkdf2_text(std::string_view typed, std::string_view salt) {
  constexpr int rounds = 20'000;
  Digest digest;
  const auto done = PKCS5_PBKDF2_HMAC(typed.data(), static_cast<int>(typed.size()),
                                      reinterpret_cast<const unsigned char*>(salt.data()),
                                      static_cast<int>(salt.size()), rounds, EVP_sha256(), digest_size, digest.data());
  assert(done == 1);
  return encoded(digest);
}

bool is_same(std::string_view one, std::string_view other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

bool fits_md5(const std::string& stored, std::string_view typed) {
  crypt_data work{};
  const std::string phrase(typed);
  const char* made = crypt_r(phrase.c_str(), stored.c_str(), &work);
  const bool fits = made != nullptr && is_same(made, stored);
  OPENSSL_cleanse(&work, sizeof work);
  return fits;
}

// "$1$", a salt of 1 to 8 characters, "$" and 22 characters.
bool is_md5(std::string_view text) {
  if (!text.starts_with("$1$")) return false;
  const auto end = text.find('$', 3);
  if (end == std::string_view::npos || end == 3 || end > 11) return false;
  return is_of_alphabet(text.substr(3, end - 3)) && text.size() - end == 23 && is_of_alphabet(text.substr(end + 1));
}

bool is_fit_to_type(std::string_view text) { return !text.empty() && text.size() <= password_size_max; }

constexpr std::string_view hiding_key = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";

}  // namespace

bool is_well_formed(const StoredPassword& stored) {
  switch (stored.type) {
    case PasswordType::plain: return is_fit_to_type(stored.text);
    case PasswordType::md5: return is_md5(stored.text);
    case PasswordType::hidden: {
      const auto plain = revealed(stored.text);
      return plain && is_fit_to_type(*plain);
    }
    case PasswordType::pbkdf2: return split(stored.text, '8').has_value();
    case PasswordType::scrypt: return split(stored.text, '9').has_value();
  }
  return false;
}

StoredPassword hashed(std::string_view plain, net::Random& random) {
  std::string salt;
  for (std::size_t i = 0; i < salt_size; ++i) salt += alphabet[random.below(alphabet.size())];
  return {PasswordType::scrypt, fmt::format("$9${}${}", salt, scrypt_text(plain, salt))};
}

bool verifies(const StoredPassword& stored, std::string_view typed) {
  typed = typed.substr(0, typed.find('\0'));
  switch (stored.type) {
    case PasswordType::plain: return is_same(stored.text, typed);
    case PasswordType::md5: return fits_md5(stored.text, typed);
    case PasswordType::hidden: return is_same(revealed(stored.text).value(), typed);
    case PasswordType::pbkdf2: {
      const auto parts = split(stored.text, '8').value();
      return is_same(pbkdf2_text(typed, parts.salt), parts.digest);
    }
    case PasswordType::scrypt: {
      const auto parts = split(stored.text, '9').value();
      return is_same(scrypt_text(typed, parts.salt), parts.digest);
    }
  }
  return false;
}

// A digest whose last character has bits that encoded() never sets.
const StoredPassword& nobodys_password() {
  static const StoredPassword nobodys{PasswordType::scrypt, "$9$nobodynobodyno$" + std::string(digest_text_size, 'z')};
  return nobodys;
}

std::string hidden(std::string_view plain, unsigned seed) {
  auto text = fmt::format("{:02}", seed);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    const auto key = hiding_key[(seed + i) % hiding_key.size()];
    text += fmt::format("{:02X}", static_cast<unsigned>(static_cast<unsigned char>(plain[i] ^ key)));
  }
  return text;
}

std::optional<std::string> revealed(std::string_view hidden_text) {
  const auto number = [](std::string_view digits, int base) -> std::optional<unsigned> {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
    return value;
  };
  if (hidden_text.size() < 2 || hidden_text.size() % 2 != 0) return std::nullopt;
  const auto seed = number(hidden_text.substr(0, 2), 10);
  if (!seed || *seed >= hiding_key.size()) return std::nullopt;
  std::string plain;
  for (std::size_t i = 2; i < hidden_text.size(); i += 2) {
    const auto octet = number(hidden_text.substr(i, 2), 16);
    if (!octet) return std::nullopt;
    plain +=
        static_cast<char>(*octet ^ static_cast<unsigned char>(hiding_key[(*seed + i / 2 - 1) % hiding_key.size()]));
  }
  return plain;
}

}  // namespace culvert::cli
