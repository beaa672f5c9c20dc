#include "parser/command_tree.h"
#include "parser/offers.h"
#include "parser/verdict.h"

namespace culvert::parser {
namespace {

HelpResult next_rows(const Walk& walk, const Branch& branch) {
  HelpRows page;
  for (auto& offer : offers(walk, branch, {})) page.rows.push_back({std::move(offer.word), std::move(offer.help)});
  const auto end = find_end(walk, branch);
  if (end && walk.visible(walk.node(*end))) page.rows.push_back({"<cr>", "<cr>"});
  if (page.rows.empty()) return HelpNothing{};
  return page;
}

HelpResult possible_words(const Walk& walk, const Branch& branch, std::string_view prefix) {
  HelpWords page;
  for (auto& offer : offers(walk, branch, prefix)) page.words.push_back(std::move(offer.word));
  if (page.words.empty()) return HelpNothing{};
  return page;
}

}  // namespace

HelpResult CommandTree::help(std::string_view line, unsigned privilege) const {
  const auto start = last_word_start(line);
  const Walk walk(graph_, privilege, line.substr(0, start));
  if (walk.overflowed() || walk.branches().size() > 1) return Ambiguous{};
  if (walk.branches().empty()) return HelpNothing{};
  const auto& branch = walk.branches().front();
  return start == line.size() ? next_rows(walk, branch) : possible_words(walk, branch, line.substr(start));
}

}  // namespace culvert::parser
