// Rendering: the shortest path through a specification that captures exactly the arguments given.
//
// Uncaptured keywords cost a step and no argument, captured tokens take the next argument. A breadth-first search over
// (token, arguments taken) finds the path with the fewest words, and so leaves out every option that nothing asks for.
#include <algorithm>

#include "parser/automaton.h"
#include "parser/spec.h"

namespace culvert::parser {
namespace {

enum class Ending { complete, partial };

class Renderer {
 public:
  Renderer(const Automaton& automaton, const std::vector<Argument>& arguments)
      : automaton_(automaton),
        arguments_(arguments),
        reached_(automaton.tokens.size() * (arguments.size() + 1), false) {}

  std::string shortest(Ending ending) {
    visit_all(automaton_.first, none, 0);
    for (std::size_t i = 0; i < visits_.size(); ++i) {
      const auto [token, taken, before] = visits_[i];
      if (taken == arguments_.size() && may_end(token, ending)) return text(i);
      visit_all(automaton_.follow[token], i, taken);
    }
    return {};
  }

 private:
  static constexpr auto none = static_cast<std::size_t>(-1);
  struct Visit {
    std::size_t token, taken, before;
  };

  bool may_end(std::size_t token, Ending ending) const {
    return automaton_.last[token] || (ending == Ending::partial && automaton_.before_capture(token));
  }

  void visit_all(const std::vector<std::size_t>& tokens, std::size_t before, std::size_t taken) {
    for (const auto token : tokens) visit(token, before, taken);
  }

  void visit(std::size_t position, std::size_t before, std::size_t taken) {
    const auto& token = *automaton_.tokens[position];
    if (!token.name.empty()) {
      if (taken == arguments_.size() || !takes(token, arguments_[taken])) return;
      ++taken;
    }
    const auto state = position * (arguments_.size() + 1) + taken;
    if (reached_[state]) return;
    reached_[state] = true;
    visits_.push_back({position, taken, before});
  }

  static bool takes(const Token& token, const Argument& argument) {
    if (token.name != argument.name) return false;
    if (token.is_keyword) return token.keyword == argument.text;
    return match_value(token.type, argument.text).canonical == argument.text;
  }

  std::string text(std::size_t last) const {
    std::vector<std::string> words;
    for (auto i = last; i != none; i = visits_[i].before) words.push_back(word(visits_[i]));
    std::string line;
    for (auto it = words.rbegin(); it != words.rend(); ++it) line += (line.empty() ? "" : " ") + *it;
    return line;
  }

  std::string word(const Visit& visit) const {
    const auto& token = *automaton_.tokens[visit.token];
    return token.is_keyword ? token.keyword : arguments_[visit.taken - 1].text;
  }

  const Automaton& automaton_;
  const std::vector<Argument>& arguments_;
  std::vector<bool> reached_;
  std::vector<Visit> visits_;
};

std::string render_in_order(const Automaton& automaton, const std::vector<Argument>& arguments) {
  for (const auto ending : {Ending::complete, Ending::partial})
    if (auto line = Renderer(automaton, arguments).shortest(ending); !line.empty()) return line;
  return {};
}

// The place of the first token that captures `name`; the number of tokens if none does.
std::size_t place(const Automaton& automaton, const std::string& name) {
  const auto found = std::ranges::find(automaton.tokens, name, [](const Token* token) { return token->name; });
  return static_cast<std::size_t>(found - automaton.tokens.begin());
}

// Whoever reads the arguments from a table need not know the order of the text.
std::vector<Argument> in_text_order(const Automaton& automaton, const std::vector<Argument>& arguments) {
  std::vector<Argument> ordered;
  for (std::size_t i = 0; i < automaton.tokens.size(); ++i)
    for (const auto& argument : arguments)
      if (place(automaton, argument.name) == i) ordered.push_back(argument);
  return ordered;
}

}  // namespace

std::string Spec::render(const Arguments& arguments) const {
  auto known = arguments.all();
  std::erase_if(known, [&](const Argument& a) { return place(*automaton_, a.name) == automaton_->tokens.size(); });
  if (auto line = render_in_order(*automaton_, known); !line.empty()) return line;
  return render_in_order(*automaton_, in_text_order(*automaton_, known));
}

}  // namespace culvert::parser
