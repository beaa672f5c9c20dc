#include "parser/interface_name.h"

#include <limits>

#include "parser/characters.h"
#include "parser/scanner.h"

namespace culvert::parser {
namespace {

bool letter(char c) { return lower(c) >= 'a' && lower(c) <= 'z'; }

// The most letters that `letters` shares with the start of any kind.
std::size_t longest_shared(std::string_view letters) {
  std::size_t longest = 0;
  for (const auto& kind : all_interface_kinds()) longest = std::max(longest, shared_prefix(letters, kind.name));
  return longest;
}

}  // namespace

const std::vector<InterfaceKind>& all_interface_kinds() {
  static const std::vector<InterfaceKind> kinds{
      {"GigabitEthernet", "GigabitEthernet IEEE 802.3z", "<0-9>", "GigabitEthernet interface number"},
      {"Serial", "Serial", "<0-9>", "Serial interface number"},
      {"Loopback", "Loopback interface", "<0-2147483647>", "Loopback interface number"},
      {"Tunnel", "Tunnel interface", "<0-2147483647>", "Tunnel interface number"},
      {"Null", "Null interface", "<0-0>", "Null interface number"}};
  return kinds;
}

const std::vector<std::string>& interface_kinds() {
  static const auto names = [] {
    std::vector<std::string> all;
    for (const auto& kind : all_interface_kinds()) all.push_back(kind.name);
    return all;
  }();
  return names;
}

const InterfaceKind* find_interface_kind(std::string_view letters) {
  if (letters.empty()) return nullptr;
  const InterfaceKind* found = nullptr;
  for (const auto& kind : all_interface_kinds()) {
    if (!begins(kind.name, letters)) continue;
    if (kind.name.size() == letters.size()) return &kind;
    if (found) return nullptr;
    found = &kind;
  }
  return found;
}

InterfaceWord split_interface(std::string_view word) {
  std::size_t end = 0;
  while (end < word.size() && letter(word[end])) ++end;
  auto number = word.substr(end);
  while (!number.empty() && blank(number.front())) number.remove_prefix(1);
  return {word.substr(0, end), number};
}

ValueMatch match_interface_number(std::string_view number) {
  constexpr auto max = std::numeric_limits<std::uint32_t>::max();
  Scanner scanner(number);
  bool complete = scanner.number(max);
  while (complete && scanner.mark('/')) complete = scanner.number(max);
  if (complete && scanner.mark('.')) complete = scanner.number(max);
  return scanner.result(complete);
}

ValueMatch match_interface(std::string_view word) {
  const auto [letters, number] = split_interface(word);
  if (const auto shared = longest_shared(letters); shared < letters.size()) return {std::nullopt, shared};
  const auto* kind = find_interface_kind(letters);
  if (!kind || number.empty()) return {std::nullopt, letters.size()};
  const auto matched = match_interface_number(number);
  const auto before_number = static_cast<std::size_t>(number.data() - word.data());
  if (!matched.canonical) return {std::nullopt, before_number + matched.accepted};
  return {kind->name + *matched.canonical, word.size()};
}

}  // namespace culvert::parser
