#include "parser/offers.h"

#include <algorithm>
#include <tuple>

#include "parser/characters.h"
#include "parser/interface_name.h"

namespace culvert::parser {
namespace {

class Collector {
 public:
  Collector(const Walk& walk, std::string_view prefix) : walk_(walk), prefix_(prefix) {}

  void after(std::uint32_t index) {
    if (walk_.step(index).half)
      interface_number(half_kind(index), prefix_);
    else
      for (const auto next : walk_.node(index).next) token(walk_.graph()[next]);
  }
  // A value took the rest of the line, and would take more.
  void same(std::uint32_t index) { value(walk_.node(index).token); }

  std::vector<Offer> sorted() {
    std::ranges::sort(all_, {}, [](const Offer& offer) { return std::tie(offer.keyword, offer.word); });
    return std::move(all_);
  }

 private:
  void token(const TokenGraph::Node& node) {
    if (!walk_.visible(node)) return;
    if (node.token.is_keyword)
      keyword(node.token.keyword, node.token.help);
    else if (node.kind == TokenGraph::Kind::interface)
      interface();
    else if (prefix_.empty() || match_value(node.token.type, prefix_).accepted == prefix_.size())
      value(node.token);
  }

  void interface() {
    for (const auto& kind : all_interface_kinds()) keyword(kind.name, kind.help);
    const auto [letters, number] = split_interface(prefix_);
    const auto* kind = find_interface_kind(letters);
    if (kind && !number.empty()) interface_number(*kind, number);
  }

  void interface_number(const InterfaceKind& kind, std::string_view typed) {
    if (match_interface_number(typed).accepted == typed.size())
      offer({false, kind.number_placeholder, kind.number_help});
  }

  const InterfaceKind& half_kind(std::uint32_t index) const { return *find_interface_kind(walk_.text(index)); }

  void keyword(const std::string& word, const std::string& help) {
    if (begins(word, prefix_)) offer({true, word, help});
  }
  void value(const Token& token) { offer({false, token.type.placeholder(), token.help}); }

  // Commands that share a word share its row; the first that has a help text gives it.
  void offer(Offer offer) {
    const auto same = std::ranges::find(all_, offer.word, &Offer::word);
    if (same == all_.end())
      all_.push_back(std::move(offer));
    else if (same->help.empty())
      same->help = std::move(offer.help);
  }

  const Walk& walk_;
  const std::string_view prefix_;
  std::vector<Offer> all_;
};

}  // namespace

std::vector<Offer> offers(const Walk& walk, const Branch& branch, std::string_view prefix) {
  Collector collector(walk, prefix);
  for (const auto index : branch.steps) {
    if (branch.finished)
      collector.same(index);
    else
      collector.after(index);
  }
  return collector.sorted();
}

std::size_t last_word_start(std::string_view line) {
  auto start = line.size();
  while (start > 0 && !blank(line[start - 1])) --start;
  return start;
}

}  // namespace culvert::parser
