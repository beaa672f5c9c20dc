#include "config-store/long_command.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace culvert::config {
namespace {

// The next word of `rest`, which then begins behind it.
std::string_view next_word(std::string_view& rest) {
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  const auto word = rest.substr(0, rest.find_first_of(" \t"));
  rest.remove_prefix(word.size());
  return word;
}

bool abbreviates(std::string_view word, std::string_view keyword, std::size_t shortest) {
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return word.size() >= shortest && word.size() <= keyword.size() &&
         std::equal(word.begin(), word.end(), keyword.begin(), same);
}

}  // namespace

std::optional<LongCommand> LongCommand::begin(std::string_view line) {
  auto rest = line;
  if (!abbreviates(next_word(rest), "banner", 2) || !abbreviates(next_word(rest), "motd", 1)) return std::nullopt;
  rest.remove_prefix(std::min(rest.find_first_not_of(" \t"), rest.size()));
  if (rest.empty()) return std::nullopt;
  LongCommand command;
  command.head_ = "banner motd ";
  command.typed_ = rest.substr(0, rest.starts_with(delimiter) ? delimiter.size() : 1);
  command.take(rest.substr(command.typed_.size()));
  return command;
}

void LongCommand::add(std::string_view line) {
  text_ += '\n';
  take(line);
}

void LongCommand::take(std::string_view text) {
  const auto end = text.find(typed_);
  done_ = end != std::string_view::npos;
  const auto room = text_size_max - std::min(text_.size(), text_size_max);
  text_ += text.substr(0, std::min(end, room));
}

}  // namespace culvert::config
