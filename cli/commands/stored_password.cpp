#include "cli/commands/stored_password.h"

#include <cctype>

namespace culvert::cli {
namespace {

// A plain text that would be read as a type and a shorter text.
bool looks_typed(std::string_view text) {
  return text.size() > 1 && std::isdigit(static_cast<unsigned char>(text[0])) != 0 && text[1] == ' ';
}

}  // namespace

std::vector<std::string> password_help() {
  return {"Specifies an UNENCRYPTED password will follow", "Specifies a HIDDEN password will follow",
          "The UNENCRYPTED (cleartext) password"};
}

std::vector<std::string> secret_help() {
  return {"Specifies an UNENCRYPTED secret will follow", "Specifies a MD5 HASHED secret will follow",
          "Specifies a PBKDF2 HASHED secret will follow", "Specifies a SCRYPT HASHED secret will follow",
          "The UNENCRYPTED (cleartext) secret"};
}

PasswordType password_type(std::string_view text) { return static_cast<PasswordType>(text.front() - '0'); }
std::string type_text(PasswordType type) { return std::to_string(static_cast<int>(type)); }

config::Accepted check_stored(const std::optional<StoredPassword>& stored) {
  if (!stored || is_well_formed(*stored)) return {};
  if (stored->type == PasswordType::plain)
    return std::unexpected(
        config::Refusal{"% A password has at most " + std::to_string(password_size_max) + " characters"});
  if (stored->type == PasswordType::hidden)
    return std::unexpected(config::Refusal{"Invalid encrypted password: " + stored->text});
  return std::unexpected(config::Refusal{
      "ERROR: The secret you entered is not a valid encrypted secret.\n"
      "To enter an UNENCRYPTED secret, do not specify type " +
      type_text(stored->type) + " encryption.\nWhen you properly enter an UNENCRYPTED secret, it will be encrypted."});
}

}  // namespace culvert::cli

namespace culvert::config {

cli::StoredPassword Codec<cli::StoredPassword>::decode(const parser::Arguments& arguments) {
  const auto* type = arguments.find("type");
  return {type == nullptr ? cli::PasswordType::plain : cli::password_type(*type), arguments["text"]};
}

parser::Arguments Codec<cli::StoredPassword>::encode(const cli::StoredPassword& password) {
  parser::Arguments arguments;
  if (password.type != cli::PasswordType::plain || cli::looks_typed(password.text))
    arguments.add("type", cli::type_text(password.type));
  arguments.add("text", password.text);
  return arguments;
}

}  // namespace culvert::config
