#include "model.h"

#include <algorithm>
#include <cctype>
#include <functional>
#include <map>
#include <set>
#include <sstream>

namespace culvert::parser {
namespace {

using Tokens = std::vector<const Token*>;
using Then = std::function<void(const Tokens&)>;

const Token no_token{.is_keyword = true, .keyword = "no", .name = {}, .type = {}, .help = {}};
const Token default_token{.is_keyword = true, .keyword = "default", .name = {}, .type = {}, .help = {}};

struct Typed {
  std::string text, rest;  // rest: from this word to the end of the line
  std::size_t column;
};

std::vector<Typed> split(const std::string& line) {
  std::vector<Typed> words;
  std::istringstream stream(line);
  std::size_t from = 0;
  for (std::string word; stream >> word; from += word.size()) {
    from = line.find(word, from);
    words.push_back({word, line.substr(from), from});
  }
  return words;
}

bool is_line(const Token& token) { return !token.is_keyword && token.type.name == "line"; }
const std::string& text_for(const Token& token, const Typed& word) { return is_line(token) ? word.rest : word.text; }

bool same_letters(char a, char b) {
  return std::tolower(static_cast<unsigned char>(a)) == std::tolower(static_cast<unsigned char>(b));
}
std::size_t shared(const std::string& a, const std::string& b) {
  return static_cast<std::size_t>(std::ranges::mismatch(a, b, same_letters).in1 - a.begin());
}

enum Rank { full, abbreviated, value, free_word, rest_of_line, none };

Rank rank(const Token& token, const Typed& word) {
  if (token.is_keyword) {
    if (shared(word.text, token.keyword) < word.text.size()) return none;
    if (word.text.size() == token.keyword.size()) return full;
    return &token == &no_token ? none : abbreviated;
  }
  if (!match_value(token.type, text_for(token, word)).canonical) return none;
  return is_line(token) ? rest_of_line : token.type.name == "word" ? free_word : value;
}

std::size_t accepted(const Token& token, const Typed& word) {
  if (token.is_keyword) return shared(word.text, token.keyword);
  const auto match = match_value(token.type, text_for(token, word));
  const bool number = token.type.name == "u32" && word.text.find_first_not_of("0123456789") == std::string::npos;
  return number && !match.canonical ? 0 : match.accepted;
}

// The token sequences of `words.size()` tokens that fit all words but the last, whole or cut off before a token.
class Descent {
 public:
  using Found = std::function<void(const Tokens&, const Token* next)>;
  Descent(const std::vector<Typed>& words, Found found) : words_(words), found_(std::move(found)) {}

  void run(const SpecNode& root, const Tokens& start) {
    through(root, start, [&](const Tokens& whole) {
      if (whole.size() == words_.size()) found_(whole, nullptr);
    });
  }

 private:
  void through(const SpecNode& node, const Tokens& before, const Then& then) {
    once(node, before, [&](const Tokens& after) {
      if (node.repeated && after.size() > before.size()) through(node, after, then);
      then(after);
    });
  }

  void once(const SpecNode& node, const Tokens& before, const Then& then) {
    if (node.kind == SpecNode::Kind::token) return token(node.token, before, then);
    if (node.kind == SpecNode::Kind::sequence) return sequence(node, 0, before, then);
    for (const auto& child : node.children) through(child, before, then);
    if (node.kind == SpecNode::Kind::optional) then(before);
  }

  void token(const Token& token, const Tokens& before, const Then& then) {
    if (before.size() == words_.size()) return found_(before, &token);
    if (before.size() + 1 < words_.size() && rank(token, words_[before.size()]) == none) return;
    auto after = before;
    after.push_back(&token);
    then(after);
  }

  void sequence(const SpecNode& node, std::size_t child, const Tokens& before, const Then& then) {
    if (child == node.children.size()) return then(before);
    through(node.children[child], before, [&](const Tokens& after) { sequence(node, child + 1, after, then); });
  }

  const std::vector<Typed>& words_;
  const Found found_;
};

struct Reading {
  std::size_t command;
  bool hidden;
  Form form;
  Tokens tokens;
  bool whole = false;     // a line of the specification
  bool captures = false;  // may go on with a captured token
  const Token& last() const { return *tokens.back(); }
};

class Matcher {
 public:
  Matcher(const std::vector<ModelCommand>& commands, const std::vector<Typed>& words)
      : commands_(commands), words_(words) {}

  MatchResult match() {
    for (std::size_t size = 1; size <= words_.size(); ++size) {
      if (finished()) break;
      const std::vector<Typed> words(words_.begin(), words_.begin() + static_cast<std::ptrdiff_t>(size));
      if (const auto column = next(words)) return Invalid{*column};
      if (alive_.size() > 32) return Ambiguous{};
    }
    return alive_.size() > 1 ? MatchResult(Ambiguous{}) : ending(alive_.begin()->second);
  }

 private:
  using Readings = std::vector<Reading>;
  using Choices = std::vector<std::string>;  // the keyword taken for each word that was ambiguous

  static bool is_finished(const Readings& readings) { return !readings.empty() && is_line(readings.front().last()); }
  bool finished() const {
    return std::ranges::all_of(alive_, [](const auto& one) { return is_finished(one.second); });
  }

  // Takes the last of `words`; the column of the error if nothing does.
  std::optional<std::size_t> next(const std::vector<Typed>& words) {
    const auto all = readings(words);
    std::map<Choices, Readings> alive;
    std::size_t reach = 0;
    for (const auto& [choices, before] : alive_) {
      if (is_finished(before)) {
        alive[choices] = before;
        continue;
      }
      auto candidates = continuations(all, before, words.size() == 1);
      for (const auto& one : candidates)
        if (!one.hidden || !one.last().is_keyword) reach = std::max(reach, accepted(one.last(), words.back()));
      keep_best(candidates, words.back());
      divide(candidates, words, choices, alive);
    }
    alive_ = std::move(alive);
    return alive_.empty() ? std::optional(words.back().column + reach) : std::nullopt;
  }

  Readings readings(const std::vector<Typed>& words) const {
    Readings found;
    const auto list = [&](std::size_t command, Form form, const Tokens& start) {
      const auto& [spec, options] = commands_[command];
      Descent descent(words, [&](const Tokens& tokens, const Token* next) {
        auto same = std::ranges::find_if(found, [&](const Reading& old) {
          return old.command == command && old.form == form && old.tokens == tokens;
        });
        if (same == found.end()) same = found.insert(found.end(), Reading{command, options.hidden, form, tokens});
        same->whole = same->whole || !next;
        same->captures = same->captures || (next && !next->name.empty());
      });
      descent.run(spec.root(), start);
    };
    for (std::size_t i = 0; i < commands_.size(); ++i) list(i, Form::plain, {});
    for (std::size_t i = 0; i < commands_.size(); ++i) {
      if (!commands_[i].options.negatable) continue;
      list(i, Form::no, {&no_token});
      list(i, Form::default_, {&default_token});
    }
    return found;
  }

  static Readings continuations(const Readings& all, const Readings& before, bool first) {
    Readings found;
    for (const auto& one : all) {
      const auto continues = [&](const Reading& old) {
        return old.command == one.command && old.form == one.form &&
               std::equal(old.tokens.begin(), old.tokens.end(), one.tokens.begin(), one.tokens.end() - 1);
      };
      if (first || std::ranges::any_of(before, continues)) found.push_back(one);
    }
    return found;
  }

  static void keep_best(Readings& candidates, const Typed& word) {
    auto best = none;
    std::set<std::string> visible;
    for (const auto& one : candidates) {
      const auto this_rank = rank(one.last(), word);
      if (one.hidden && this_rank == abbreviated) continue;
      best = std::min(best, this_rank);
      if (this_rank == abbreviated) visible.insert(one.last().keyword);
    }
    std::erase_if(candidates, [&](const Reading& one) {
      if (best == none || rank(one.last(), word) != best) return true;
      return best == abbreviated && !visible.contains(one.last().keyword);
    });
  }

  static void divide(const Readings& candidates, const std::vector<Typed>& words, const Choices& choices,
                     std::map<Choices, Readings>& alive) {
    std::set<std::string> keywords;
    for (const auto& one : candidates) keywords.insert(one.last().keyword);
    for (const auto& one : candidates) {
      auto chosen = choices;
      const bool ambiguous = keywords.size() > 1 && rank(one.last(), words.back()) == abbreviated;
      if (ambiguous) chosen.push_back(std::to_string(words.size()) + one.last().keyword);
      alive[chosen].push_back(one);
    }
  }

  MatchResult ending(const Readings& readings) const {
    for (const auto& one : readings)
      if (one.whole) return matched(one);
    for (const auto& one : readings)
      if (one.form != Form::plain && one.captures && one.tokens.size() > 1) return matched(one);
    const Reading* only = nullptr;
    for (const auto& one : readings) {
      if (one.form == Form::plain || one.hidden || one.tokens.size() < 2) continue;
      if (only && only->command != one.command) return Incomplete{};
      if (!only) only = &one;
    }
    return only ? matched(*only) : Incomplete{};
  }

  MatchResult matched(const Reading& one) const {
    Matched result{one.command, one.form, {}};
    for (std::size_t i = 0; i < one.tokens.size(); ++i) {
      const auto& token = *one.tokens[i];
      if (token.name.empty()) continue;
      const auto text =
          token.is_keyword ? token.keyword : *match_value(token.type, text_for(token, words_[i])).canonical;
      result.arguments.add(token.name, text);
    }
    return result;
  }

  const std::vector<ModelCommand>& commands_;
  const std::vector<Typed>& words_;
  std::map<Choices, Readings> alive_{{{}, {}}};
};

}  // namespace

MatchResult model_match(const std::vector<ModelCommand>& commands, const std::string& line) {
  const auto words = split(line);
  if (words.empty() || words.front().text.front() == '!') return Empty{};
  return Matcher(commands, words).match();
}

}  // namespace culvert::parser
