// Tab: the last word of a line to its canonical spelling, where only one is possible.
#include <algorithm>

#include "parser/characters.h"
#include "parser/command_tree.h"
#include "parser/offers.h"

namespace culvert::parser {

std::optional<std::string> CommandTree::complete(std::string_view line, unsigned privilege) const {
  const auto start = last_word_start(line);
  const auto typed = line.substr(start);
  const Walk walk(graph_, privilege, line.substr(0, start));
  if (typed.empty() || walk.overflowed() || walk.branches().size() != 1) return std::nullopt;

  auto words = offers(walk, walk.branches().front(), typed);
  std::erase_if(words, [](const Offer& offer) { return !offer.keyword; });
  const auto full = std::ranges::find_if(words, [&](const Offer& offer) { return offer.word.size() == typed.size(); });
  if (words.empty() || (words.size() > 1 && full == words.end())) return std::nullopt;
  const auto& word = full != words.end() ? full->word : words.front().word;
  return std::string(line.substr(0, start)) + word + " ";
}

}  // namespace culvert::parser
