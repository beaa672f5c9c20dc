// `show crypto algorithms`: what can be configured, and what the IETF thinks of it.
#include <fmt/format.h>

#include "ike/algorithm_status.h"
#include "ike/commands/show.h"

namespace culvert::ike {

namespace {

template <class Table, class Name>
std::string section(std::string_view title, const Table& table, Name name) {
  auto text = fmt::format("\n{}\n", title);
  for (const auto& row : table) {
    const auto [ike, esp] = standing(name(row));
    if (ike == Requirement::unlisted && esp == Requirement::must) continue;  // no integrity beside AEAD
    const auto esp_column = is_weak(name(row)) ? fmt::format("{:<12}weak", ::culvert::ike::text(esp))
                                               : std::string(::culvert::ike::text(esp));
    text += fmt::format("  {:<19}{:<33}{:<12}{}\n", row.keyword, row.shown, ::culvert::ike::text(ike), esp_column);
  }
  return text;
}

}  // namespace

std::string show_algorithms() {
  auto text = fmt::format("  {:<19}{:<33}{:<12}{}\n", "Keyword", "Algorithm", "RFC 8247", "RFC 8221");
  text += section("Encryption", encryptions(), [](const EncryptionTraits& row) { return row.algorithm; });
  text += section("Integrity", integrities(), [](const IntegrityTraits& row) { return row.algorithm; });
  text += section("Pseudo-random function", prfs(), [](const PrfTraits& row) { return row.algorithm; });
  return text + section("Diffie-Hellman group", groups(), [](const GroupTraits& row) { return row.group; });
}

void add_algorithm_shows(parser::ExecCommands& commands) {
  commands.add({.spec = "show crypto algorithms",
                .help = {"Show running system information", "Encryption module", "Show algorithms and their status"},
                .run = parser::text_command([](const parser::Arguments&) { return show_algorithms(); })});
}

}  // namespace culvert::ike
