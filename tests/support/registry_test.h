// The registry test: walks every mode and leaf of a registry and returns what is wrong, one sentence a fault.
//
//   TEST(IkeCommands, AreWellDefined) { EXPECT_THAT(testing::registry_faults(registry), testing::IsEmpty()); }
//
// For lines derived from each specification (or named by .examples where a check is choosy): the line renders as itself
// and reads back the same, every unique abbreviation means the same, `?` before each word shows the word with its help,
// the commit is heard and can be taken back, and `no` and `default` return to the render before.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "config-store/store.h"
#include "tests/support/spec_samples.h"

namespace culvert::testing {

class RegistryWalk {
 public:
  RegistryWalk(const config::Registry& registry, const std::string& there_already)
      : registry_(registry), store_(config::Store::in_memory(registry)), copy_(config::Store::in_memory(registry)) {
    for (const auto& refused : store_->load(there_already)) fault("\"{}\": {}", refused.line, refused.message());
    store_clean_ = store_->revision();
    store_->subscribe([this](const config::Changes& changes) { heard_ = heard_ || changes.touches(listening_for_); });
  }

  std::vector<std::string> faults() && {
    for (config::ModeId id = 0; id < registry_.modes().size(); ++id) mode(id);
    return std::move(faults_);
  }

 private:
  using Chain = std::vector<std::string>;  // the lines that lead into a mode

  template <class... Args>
  void fault(fmt::format_string<Args...> text, Args&&... args) {
    faults_.push_back(fmt::format(text, std::forward<Args>(args)...));
  }

  static std::vector<std::string> lines_of(const std::vector<std::string>& examples, const parser::Spec& spec) {
    if (!examples.empty()) return examples;
    std::vector<std::string> lines;
    for (const auto& sample : samples(spec)) lines.push_back(line_text(sample));
    return lines;
  }

  // Back to the configuration at the start, which `clean` is a revision of.
  static void empty(config::Store& store, std::int64_t& clean) {
    store.revert_to(clean).value();
    clean = store.revision();
  }

  // Ways into the mode that are accepted.
  std::vector<Chain> chains(config::ModeId id) {
    if (id == config::Registry::global) return {Chain{}};
    const auto& mode = registry_.mode(id);
    std::vector<Chain> all;
    for (const auto& above : chains(mode.parent))
      for (const auto& line : lines_of(mode.definition.examples, *mode.definition.enter)) {
        auto chain = above;
        chain.push_back(line);
        if (enter(chain)) all.push_back(std::move(chain));
        empty(*store_, store_clean_);
      }
    return all;
  }

  std::optional<config::Context> enter(const Chain& chain) {
    config::Context context;
    for (const auto& line : chain)
      if (store_->execute(context, line).kind != config::Outcome::Kind::entered) return std::nullopt;
    return context;
  }

  void mode(config::ModeId id) {
    const auto ways = chains(id);
    const auto& mode = registry_.mode(id);
    if (ways.empty())
      return fault("mode {}: no entering line is accepted; name one by .examples", mode.definition.name);
    if (id != config::Registry::global) {
      for (const auto& chain : ways) entering(mode, chain);
      for (const auto& line : samples(*mode.definition.enter)) words(registry_.mode(mode.parent), line, false);
    }
    for (const auto s : mode.sections)
      for (const auto& leaf : registry_.section(s).leaves) {
        if (leaf.kind == config::LeafKind::entry) continue;
        for (const auto& line : samples(*leaf.spec)) words(mode, line, leaf.hidden);
        if (is_stored(leaf.kind)) values(mode, leaf, ways);
      }
  }

  // `no` on the entering line takes back what entering did.
  void entering(const config::Mode& mode, Chain chain) {
    const auto last = chain.back();
    chain.pop_back();
    auto context = enter(chain).value();
    const auto before = store_->render_running();
    auto inside = context;
    store_->execute(inside, last);
    const auto text = store_->render_running();
    if (text == before) fault("mode {}: entering by \"{}\" renders nothing", mode.definition.name, last);
    reads_back(text, last);
    const auto outcome = store_->execute(inside, "no " + last);
    if (outcome.ok() && store_->render_running() != before) fault("\"no {}\" leaves something behind", last);
    empty(*store_, store_clean_);
  }

  void reads_back(const std::string& text, const std::string& line) {
    for (const auto& refused : copy_->load(text))
      fault("\"{}\" renders as something that is refused: \"{}\": {}", line, refused.line, refused.message());
    if (const auto again = copy_->render_running(); again != text)
      fault("\"{}\" renders as\n{}which reads back as\n{}", line, text, again);
    empty(*copy_, copy_clean_);
  }

  // Help and abbreviation: what the parser alone answers.
  void words(const config::Mode& mode, const SampleLine& line, bool hidden) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (!hidden) help(mode, line, i);
      if (line[i].token->is_keyword) abbreviations(mode, line, i);
    }
  }

  // An interface is offered by the kinds it may be of.
  static std::string shown_as(const parser::Token& token) {
    if (token.is_keyword) return token.keyword;
    return token.type.name == "interface" ? parser::interface_kinds().front() : token.type.placeholder();
  }

  void help(const config::Mode& mode, const SampleLine& line, std::size_t index) {
    const auto before = line_text(line, index) + (index == 0 ? "" : " ");
    const auto& token = *line[index].token;
    const auto word = shown_as(token);
    const auto result = mode.tree.help(before, 15);
    const auto* rows = std::get_if<parser::HelpRows>(&result);
    const bool shown = rows && std::ranges::any_of(rows->rows, [&](const parser::HelpRow& row) {
                         return row.word == word && !row.help.empty();
                       });
    if (!shown) fault("mode {}: \"{}?\" does not show {} with its help", mode.definition.name, before, word);
  }

  void abbreviations(const config::Mode& mode, SampleLine line, std::size_t index) {
    const auto whole = mode.tree.match(line_text(line), 15);
    const auto* meant = std::get_if<parser::Matched>(&whole);
    if (!meant) return fault("mode {}: \"{}\" does not match", mode.definition.name, line_text(line));
    const auto keyword = line[index].text;
    for (auto length = keyword.size() - 1; length > 0; --length) {
      line[index].text = keyword.substr(0, length);
      const auto result = mode.tree.match(line_text(line), 15);
      const auto* matched = std::get_if<parser::Matched>(&result);
      if (!matched || is_a_word_of_its_own(mode, line[index].text)) continue;
      if (!same_leaf(mode.commands[matched->command], mode.commands[meant->command]))
        fault("mode {}: \"{}\" is another command than \"{}\"", mode.definition.name, line_text(line), keyword);
      else if (matched->command == meant->command && matched->arguments != meant->arguments)
        fault("mode {}: \"{}\" does not mean the same as \"{}\"", mode.definition.name, line_text(line), keyword);
    }
  }

  static bool same_leaf(const config::Command& a, const config::Command& b) {
    return a.kind == b.kind && a.section == b.section && a.leaf == b.leaf && a.mode == b.mode;
  }

  // An abbreviation that some command has as a whole keyword means that keyword. A command that takes a free word in
  // that place takes the abbreviation as such a word.
  bool is_a_word_of_its_own(const config::Mode& mode, const std::string& word) const {
    const auto has = [&](const parser::Spec& spec) {
      return std::ranges::any_of(spec.tokens(), [&](const parser::Token* token) {
        return token->is_keyword ? token->keyword == word
                                 : parser::match_value(token->type, word).canonical.has_value();
      });
    };
    for (const auto s : mode.sections)
      for (const auto& leaf : registry_.section(s).leaves)
        if (leaf.spec && has(*leaf.spec)) return true;
    return std::ranges::any_of(mode.children, [&](auto child) { return has(*registry_.mode(child).definition.enter); });
  }

  void values(const config::Mode& mode, const config::Leaf& leaf, const std::vector<Chain>& ways) {
    std::size_t accepted = 0;
    for (const auto& line : lines_of(leaf.examples, *leaf.spec))
      for (const auto& chain : ways)
        if (value(mode, leaf, chain, line)) {
          ++accepted;
          break;
        }
    if (accepted == 0)
      fault("mode {}: no line of \"{}\" is accepted; name one by .examples", mode.definition.name, leaf.spec->text());
  }

  // False where the line is refused in that place.
  bool value(const config::Mode& mode, const config::Leaf& leaf, const Chain& chain, const std::string& line) {
    const auto inside = enter(chain).value();
    const auto base = store_->render_running();
    const bool negative = leaf.on_by_default || (leaf.remembers && says_nothing(inside, line));
    const auto set = negative ? "no " + line : line;
    const auto unset = negative ? line : "no " + line;
    const auto revision = store_->revision();
    listen(mode);
    const bool accepted = typed(inside, set);
    if (const auto text = store_->render_running(); accepted && text != base) changed(text, line, revision, base);
    for (const auto& undo : {unset, "default " + line}) {
      if (!accepted || !typed(inside, set)) break;
      if (!typed(inside, undo) || store_->render_running() != base)
        fault("mode {}: \"{}\" does not return to what was there before \"{}\"", mode.definition.name, undo, set);
    }
    empty(*store_, store_clean_);
    if (accepted) round_trip(mode, leaf, line);
    return accepted;
  }

  bool says_nothing(const config::Context& inside, const std::string& line) {
    const auto before = store_->render_running();
    const auto revision = store_->revision();
    const bool nothing = typed(inside, line) && store_->render_running() == before;
    store_->revert_to(revision).value();
    return nothing;
  }

  bool typed(config::Context context, const std::string& line) { return store_->execute(context, line).ok(); }

  void listen(const config::Mode& mode) {
    listening_for_ = mode.definition.name;
    heard_ = false;
  }

  void changed(const std::string& text, const std::string& line, std::int64_t revision, const std::string& base) {
    if (!heard_) fault("\"{}\" changes the render but nobody hears of it", line);
    reads_back(text, line);
    if (!store_->revert_to(revision) || store_->render_running() != base) fault("\"{}\" cannot be taken back", line);
  }

  // parse(render(value)) == value, through the typed member too.
  void round_trip(const config::Mode& mode, const config::Leaf& leaf, const std::string& line) {
    const auto result = mode.tree.match(line, 15);
    const auto* matched = std::get_if<parser::Matched>(&result);
    if (!matched || mode.commands[matched->command].alias) return;
    const auto rendered = leaf.spec->render(matched->arguments);
    const auto again = mode.tree.match(rendered, 15);
    const auto* parsed = std::get_if<parser::Matched>(&again);
    if (!parsed || parsed->arguments != matched->arguments)
      fault("mode {}: \"{}\" renders as \"{}\", which means something else", mode.definition.name, line, rendered);
    if (!leaf.recode) return;
    const auto recoded = leaf.recode(matched->arguments);  // it may add what is implied (a host mask), but only once
    if (const auto twice = leaf.recode(recoded);
        leaf.spec->render(twice) != leaf.spec->render(recoded) || leaf.spec->render(recoded).empty())
      fault("mode {}: the codec turns \"{}\" into \"{}\"", mode.definition.name, rendered, leaf.spec->render(twice));
  }

  const config::Registry& registry_;
  std::unique_ptr<config::Store> store_, copy_;
  std::int64_t store_clean_ = 0, copy_clean_ = 0;
  std::string listening_for_;
  bool heard_ = false;
  std::vector<std::string> faults_;
};

// Empty where every definition keeps its promises. The registry must be complete. `there_already` is a configuration
// for commands that name what must exist.
inline std::vector<std::string> registry_faults(const config::Registry& registry,
                                                const std::string& there_already = "") {
  return RegistryWalk(registry, there_already).faults();
}

}  // namespace culvert::testing
