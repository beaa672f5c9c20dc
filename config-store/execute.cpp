#include "config-store/execute.h"

#include <algorithm>
#include <cassert>
#include <set>

#include <fmt/format.h>

#include "net/overloaded.h"

namespace culvert::config {
namespace {

using parser::Arguments;
using parser::Form;
using parser::Matched;

ModeId mode_at(const Context& context, std::size_t depth) {
  return depth == 0 ? Registry::global : context.frames[depth - 1].mode;
}

// The key of a row of `mode`; nullopt where the arguments do not say all of it.
std::optional<Key> key_from(const Mode& mode, const Key& parent, const Arguments& arguments) {
  auto key = parent;
  for (const auto& capture : mode.definition.own_keys) {
    const auto* text = arguments.find(capture);
    if (!text) return std::nullopt;
    key.parts.push_back(*text);
  }
  return key;
}

Key key_of(const Context& context) { return context.frames.empty() ? Key{} : context.frames.back().key; }

std::vector<std::string> identity_of(const Leaf& leaf) {
  if (!leaf.identity.empty()) return leaf.identity;
  std::vector<std::string> all;
  for (const auto& column : leaf.columns)
    if (column.capture != said_by_no) all.push_back(column.capture);
  return all;
}

std::vector<std::string> names_in(const Arguments& arguments) {
  std::vector<std::string> names;
  for (const auto& argument : arguments.all()) names.push_back(argument.name);
  return names;
}

bool agrees(const Arguments& value, const Arguments& given) {
  return std::ranges::all_of(names_in(given), [&](const auto& name) { return value.every(name) == given.every(name); });
}

// The word that says which command is meant: the first, or the one after `no` or `default`.
std::string_view command_word(std::string_view line) {
  std::string_view word;
  for (int i = 0; i < 2; ++i) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    word = line.substr(0, line.find_first_of(" \t"));
    line.remove_prefix(word.size());
    if (word != "no" && word != "default") break;
  }
  return word;
}

bool begins_in_full(const Registry& registry, const Command& command, std::string_view word) {
  const parser::Spec* spec = nullptr;
  if (command.kind == Command::Kind::leaf && !command.alias)
    spec = &*registry.section(command.section).leaves[command.leaf].spec;
  if (command.kind == Command::Kind::enter && !command.alias) spec = &*registry.mode(command.mode).definition.enter;
  if (spec == nullptr) return true;
  const auto& first = *spec->tokens().front();
  return !first.is_keyword || first.keyword == word;
}

}  // namespace

// The innermost mode goes first, but an abbreviation there gives way to a keyword that an outer mode has in full: `key
// 2` among the settings of key 1 is not `key-string 2`.
std::variant<Found, parser::MatchResult> find_command(const Registry& registry, const Context& context,
                                                      std::string_view line, unsigned privilege) {
  std::optional<std::variant<Found, parser::MatchResult>> chosen, invalid;
  for (auto depth = context.frames.size() + 1; depth-- > 0;) {
    const auto& mode = registry.mode(mode_at(context, depth));
    auto result = mode.tree.match(line, privilege);
    if (auto* matched = std::get_if<Matched>(&result)) {
      const auto& command = mode.commands[matched->command];
      const bool in_full = begins_in_full(registry, command, command_word(line));
      if (chosen && !in_full) continue;
      if (command.alias && command.alias->map) matched->arguments = command.alias->map(matched->arguments);
      chosen = Found{depth, &command, matched->form, std::move(matched->arguments)};
      if (in_full) break;
      continue;
    }
    if (std::holds_alternative<parser::Invalid>(result)) {
      if (!invalid) invalid = std::move(result);
    } else if (!chosen) {
      chosen = std::move(result);
    }
  }
  return chosen ? *std::move(chosen) : *std::move(invalid);
}

Outcome Executor::run(Context& context, const Found& found) {
  Outcome outcome;
  auto moved = context;
  moved.frames.resize(found.depth);
  const auto accepted = found.command->kind == Command::Kind::leaf ? set_leaf(moved, found, outcome)
                                                                   : leave_or_enter(moved, found, outcome);
  if (!accepted) {
    outcome.kind = Outcome::Kind::refused;
    outcome.refusal = accepted.error();
  } else if (outcome.ok()) {
    context = std::move(moved);
  }
  return outcome;
}

Accepted Executor::leave_or_enter(Context& context, const Found& found, Outcome& outcome) {
  const auto& command = *found.command;
  if (command.kind == Command::Kind::end || (command.kind == Command::Kind::exit && context.frames.empty())) {
    context.frames.clear();
    outcome.kind = Outcome::Kind::ended;
    return {};
  }
  if (command.kind == Command::Kind::exit) {
    context.frames.pop_back();
    outcome.kind = Outcome::Kind::left;
    return {};
  }
  if (auto there = still_there(context); !there) return there;
  if (found.form == Form::plain) return enter(context, command.mode, found.arguments, outcome);
  const auto key = key_from(registry_.mode(command.mode), key_of(context), found.arguments);
  if (!key) {
    outcome.kind = Outcome::Kind::mistaken;
    outcome.mistake = parser::Incomplete{};
    return {};
  }
  return found.form == Form::no ? remove(command.mode, *key) : reset(command.mode, *key, outcome);
}

// Another session may have removed the row that this one is in.
Accepted Executor::still_there(const Context& context) const {
  if (context.frames.empty()) return {};
  const auto& [mode, key] = context.frames.back();
  if (tables_.has_row(own_section(registry_.mode(mode)), key)) return {};
  return std::unexpected(Refusal{
      fmt::format("% {} {} no longer exists", registry_.mode(mode).definition.name, fmt::join(key.parts, " "))});
}

Accepted Executor::set_leaf(const Context& context, const Found& found, Outcome& outcome) {
  const auto id = found.command->section;
  const auto& section = registry_.section(id);
  const auto& leaf = section.leaves[found.command->leaf];
  if (auto there = still_there(context); !there) return there;
  if (leaf.kind == LeafKind::refused)
    return found.form == Form::plain ? Accepted(std::unexpected(Refusal{leaf.refusal})) : Accepted{};
  if (leaf.kind == LeafKind::macro) return run_lines(found, leaf, outcome);
  const auto key = key_of(context);
  const Place place{id, found.command->leaf, key, leaf};
  auto arguments = in_order(leaf, found.arguments);
  if (found.form == Form::plain && leaf.normalise) arguments = in_order(leaf, leaf.normalise(arguments));
  Accepted accepted;
  if (leaf.kind == LeafKind::flag)
    accepted = set_flag(place, found.form, outcome);
  else if (leaf.kind == LeafKind::single)
    accepted = set_single(place, found.form, arguments, outcome);
  else if (leaf.remembers && !leaf.spec->render(arguments).empty())
    accepted = set_signed(place, found.form, arguments, outcome);
  else
    accepted =
        found.form == Form::plain ? add_entry(place, arguments, outcome) : remove_entries(place, arguments, outcome);
  const bool added = leaf.kind == LeafKind::list && found.form == Form::plain;
  if (accepted && !section.own && !added) tables_.erase_if_empty(id, key);
  return accepted;
}

// From the global mode on, in a context of their own: the session stays where it is.
Accepted Executor::run_lines(const Found& found, const Leaf& macro, Outcome& outcome) {
  const auto lines = macro.expand(found.form, found.arguments, view_);
  if (!lines) return std::unexpected(lines.error());
  Context context;
  for (const auto& line : *lines) {
    const auto command = find_command(registry_, context, line, 15);
    assert(std::holds_alternative<Found>(command));
    auto done = run(context, std::get<Found>(command));
    if (!done.ok()) return std::unexpected(done.refusal);
    outcome.notices.insert(outcome.notices.end(), done.notices.begin(), done.notices.end());
  }
  return {};
}

Accepted Executor::set_flag(const Place& place, Form form, Outcome& outcome) {
  const auto said = place.definition.on_by_default ? Form::no : Form::plain;
  return store_single(place, form == said ? Value(Arguments{}) : Value(), outcome);
}

Accepted Executor::set_single(const Place& place, Form form, const Arguments& arguments, Outcome& outcome) {
  if (form == Form::plain) return store_single(place, arguments, outcome);
  if (place.definition.partial_no && !arguments.all().empty()) {
    const auto before = tables_.single(place.section, place.leaf, place.key);
    if (!before || !agrees(*before, arguments)) return {};
  }
  return store_single(place, std::nullopt, outcome);
}

Accepted Executor::store_single(const Place& place, const Value& after, Outcome& outcome) {
  const auto before = tables_.single(place.section, place.leaf, place.key);
  const auto& standard = place.definition.default_;
  const auto value = after && standard && in_order(place.definition, *standard) == *after ? Value() : after;
  if (before == value) return {};
  tables_.set_single(place.section, place.leaf, place.key, value ? &*value : nullptr);
  return judge(place, before, value, outcome);
}

Accepted Executor::add_entry(const Place& place, const Arguments& entry, Outcome& outcome) {
  const auto& [section, leaf, key, definition] = place;
  if (definition.place) return place_entry(place, entry, outcome);
  const auto same = tables_.entries(section, leaf, key, entry, identity_of(definition));
  if (same.empty()) {
    if (!registry_.section(section).own) tables_.insert_row(section, key);
    tables_.append(section, leaf, key, entry);
    return judge(place, std::nullopt, entry, outcome);
  }
  if (same.front().second == entry) {
    if (!definition.duplicate.empty()) outcome.notices.push_back(definition.duplicate);
    return {};
  }
  tables_.replace(section, leaf, key, same.front().first, entry);
  return judge(place, same.front().second, entry, outcome);
}

// Of a list that keeps what `no` said. `arguments` are all that the specification asks for.
Accepted Executor::set_signed(const Place& place, Form form, const Arguments& arguments, Outcome& outcome) {
  const auto& [section, leaf, key, definition] = place;
  auto entry = arguments;
  if (form == Form::no) entry.add(said_by_no, "1");
  for (const auto& [position, other] : tables_.entries(section, leaf, key, arguments, identity_of(definition))) {
    const bool opposite = form == Form::default_ || other.has(said_by_no) != (form == Form::no);
    if (!opposite) return add_entry(place, entry, outcome);
    tables_.erase(section, leaf, key, position);
    return judge(place, other, std::nullopt, outcome);
  }
  if (form == Form::default_ || !definition.remembers(form, key, view_)) return {};
  return add_entry(place, entry, outcome);
}

Siblings Executor::siblings_of(const Place& place) {
  const auto arguments_of = [](std::vector<Tables::Entry> entries) {
    std::vector<Arguments> all;
    for (auto& [position, entry] : entries) all.push_back(std::move(entry));
    return all;
  };
  return {.like =
              [this, &place, arguments_of](const Arguments& given, const std::vector<std::string>& captures) {
                return arguments_of(tables_.entries(place.section, place.leaf, place.key, given, captures));
              },
          .greatest =
              [this, &place, arguments_of](const std::string& capture) {
                return arguments_of(tables_.greatest(place.section, place.leaf, place.key, capture));
              }};
}

Accepted Executor::place_entry(const Place& place, const Arguments& given, Outcome& outcome) {
  const auto& [section, leaf, key, definition] = place;
  const auto placed = definition.place(given, siblings_of(place));
  if (!placed) return std::unexpected(placed.error());
  if (!*placed) return {};
  const auto entry = in_order(definition, **placed);
  const auto same = definition.merges ? tables_.entries(section, leaf, key, entry, definition.identity)
                                      : std::vector<Tables::Entry>();
  if (!same.empty()) {
    tables_.replace(section, leaf, key, same.front().first, entry);
    return judge(place, same.front().second, entry, outcome);
  }
  if (!registry_.section(section).own) tables_.insert_row(section, key);
  tables_.append(section, leaf, key, entry);
  return judge(place, std::nullopt, entry, outcome);
}

// What `no` with these arguments is about.
std::vector<Tables::Entry> Executor::chosen(const Place& place, const Arguments& given) {
  const auto& [section, leaf, key, definition] = place;
  if (!definition.removes || given.all().empty()) {
    const bool whole = definition.normalise && !definition.spec->render(given).empty();
    const auto wanted = whole ? in_order(definition, definition.normalise(given)) : given;
    return tables_.entries(section, leaf, key, wanted, names_in(given));
  }
  auto all = tables_.entries(section, leaf, key, {}, {});
  std::erase_if(all, [&](const auto& entry) { return !definition.removes(entry.second, given); });
  return all;
}

Accepted Executor::remove_entries(const Place& place, const Arguments& given, Outcome& outcome) {
  const auto& [section, leaf, key, definition] = place;
  const auto found = chosen(place, given);
  for (const auto& [position, entry] : found) {
    tables_.erase(section, leaf, key, position);
    if (auto accepted = judge(place, entry, std::nullopt, outcome); !accepted) return accepted;
  }
  if (found.empty() && !definition.missing.empty()) outcome.notices.push_back(definition.missing);
  return {};
}

// The configuration with the change in it, before the commit.
Accepted Executor::judge(const Place& place, const Value& before, const Value& after, Outcome& outcome) const {
  const auto* from = before ? &*before : nullptr;
  const auto* to = after ? &*after : nullptr;
  if (place.definition.check)
    if (auto accepted = place.definition.check(place.key, from, to, view_); !accepted) return accepted;
  if (place.definition.notice)
    if (auto text = place.definition.notice(place.key, from, to, view_); !text.empty())
      outcome.notices.push_back(std::move(text));
  return {};
}

Accepted Executor::enter(Context& context, ModeId id, const Arguments& arguments, Outcome& outcome) {
  const auto& mode = registry_.mode(id);
  const auto section = own_section(mode);
  const auto key = key_from(mode, key_of(context), arguments).value();
  const bool is_new = !tables_.has_row(section, key);
  const bool checked = static_cast<bool>(mode.definition.check);
  const auto before = checked ? tables_.record(section, key) : std::nullopt;
  if (is_new) tables_.insert_row(section, key);
  if (auto accepted = set_entry(mode, key, arguments, outcome); !accepted) return accepted;
  if (checked) {
    const auto after = tables_.record(section, key);
    if (before != after)
      if (auto accepted = mode.definition.check(before ? &*before : nullptr, &*after, view_); !accepted)
        return accepted;
  }
  context.frames.push_back({id, key});
  outcome.kind = Outcome::Kind::entered;
  if (mode.definition.on_enter)
    if (auto text = mode.definition.on_enter(*tables_.record(section, key), view_); !text.empty())
      outcome.notices.push_back(std::move(text));
  return {};
}

// What the entering line says beyond the key; a line that says nothing leaves what is there.
Accepted Executor::set_entry(const Mode& mode, const Key& key, const Arguments& arguments, Outcome& outcome) {
  const auto section = own_section(mode);
  const auto& leaves = registry_.section(section).leaves;
  if (leaves.empty() || leaves.front().kind != LeafKind::entry) return {};
  const Place place{section, 0, key, leaves.front()};
  auto value = in_order(place.definition, arguments);
  if (value.all().empty()) return {};
  if (place.definition.normalise) value = in_order(place.definition, place.definition.normalise(value));
  return store_single(place, value, outcome);
}

Accepted Executor::remove(ModeId id, const Key& key) {
  const auto& mode = registry_.mode(id);
  if (permanent_.contains({id, key})) return std::unexpected(Refusal{mode.definition.permanent_refusal});
  const auto before = tables_.record(own_section(mode), key);
  if (!before) return {};
  erase_below(id, key);
  if (mode.definition.check) return mode.definition.check(&*before, nullptr, view_);
  return {};
}

void Executor::erase_below(ModeId id, const Key& key) {
  for (const auto section : registry_.mode(id).sections) tables_.erase_rows(section, key);
  for (const auto child : registry_.mode(id).children) erase_below(child, key);
}

// `default interface ...`: the row stays, with nothing set but what its entering line says.
Accepted Executor::reset(ModeId id, const Key& key, Outcome& outcome) {
  const auto& mode = registry_.mode(id);
  const auto section = own_section(mode);
  if (!tables_.has_row(section, key)) return {};
  const auto& leaves = registry_.section(section).leaves;
  const bool has_entry = !leaves.empty() && leaves.front().kind == LeafKind::entry;
  const auto entry = has_entry ? tables_.single(section, 0, key) : std::nullopt;
  erase_below(id, key);
  tables_.insert_row(section, key);
  if (entry) tables_.set_single(section, 0, key, &*entry);
  if (mode.definition.on_default) outcome.notices.push_back(mode.definition.on_default(key));
  return {};
}

}  // namespace culvert::config
