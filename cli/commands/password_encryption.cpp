#include "cli/commands/password_encryption.h"

#include <fmt/format.h>

#include "cli/commands/line_mode.h"
#include "cli/commands/users.h"

namespace culvert::cli {
namespace {

constexpr unsigned seed_count = 16;

// "password 7 094F471A1A0A" after `command`, or "".
std::string hiding_line(const std::string& command, const std::optional<StoredPassword>& password,
                        net::Random& random) {
  if (!password || password->type != PasswordType::plain) return {};
  const auto seed = static_cast<unsigned>(random.below(seed_count));
  return fmt::format("{}password 7 {}\n", command, hidden(password->text, seed));
}

}  // namespace

config::SectionDefinition password_encryption_definition() {
  return config::global<PasswordEncryption>(
      {.table = "password_encryption",
       .leaves = {config::leaf("service password-encryption", &PasswordEncryption::on,
                               {.help = {"Modify use of network based services", "Encrypt system passwords"},
                                .order = config::section_order::service})}});
}

std::string lines_that_hide(const config::View& configuration, net::Random& random) {
  if (!configuration.global<PasswordEncryption>().on) return {};
  std::string lines;
  for (const auto& user : configuration.global<Users>().all)
    lines += hiding_line(fmt::format("username {} ", user.name), user.password, random);
  lines += hiding_line("enable ", configuration.global<EnablePasswords>().password, random);
  for (const auto& line : configuration.rows<ConsoleLine>())
    lines += hiding_line(fmt::format("line con {}\n ", line.number), line.password, random);
  for (const auto& line : configuration.rows<VtyLines>())
    lines += hiding_line(fmt::format("line vty {} {}\n ", line.first, line.last), line.password, random);
  return lines;
}

}  // namespace culvert::cli
