// Executing one line of configuration inside a transaction of the caller.
#pragma once

#include <optional>
#include <set>
#include <string_view>

#include "config-store/registry.h"
#include "config-store/store.h"
#include "config-store/tables.h"

namespace culvert::config {

// A line that is a command: of which mode, and what it captured.
struct Found {
  std::size_t depth;  // frames of the context that stay
  const Command* command;
  parser::Form form;
  parser::Arguments arguments;  // an alias already mapped
};
// The command that the line is in the context, or why it is none. Empty lines are parser::Empty.
std::variant<Found, parser::MatchResult> find_command(const Registry& registry, const Context& context,
                                                      std::string_view line, unsigned privilege);

class Executor {
 public:
  using Permanent = std::set<std::pair<ModeId, Key>>;
  Executor(const Registry& registry, Tables& tables, const Permanent& permanent, const View& view)
      : registry_(registry), tables_(tables), permanent_(permanent), view_(view) {}

  // Moves the context where the command is accepted. After a refusal the caller rolls back.
  Outcome run(Context& context, const Found& found);

 private:
  using Arguments = parser::Arguments;
  struct Place {  // of a leaf in a row
    SectionId section;
    std::size_t leaf;
    const Key& key;
    const Leaf& definition;
  };
  using Value = std::optional<Arguments>;

  Accepted leave_or_enter(Context& context, const Found& found, Outcome& outcome);
  Accepted run_lines(const Found& found, const Leaf& macro, Outcome& outcome);
  Siblings siblings_of(const Place& place);
  Accepted place_entry(const Place& place, const Arguments& given, Outcome& outcome);
  Accepted set_leaf(const Context& context, const Found& found, Outcome& outcome);
  Accepted set_flag(const Place& place, parser::Form form, Outcome& outcome);
  Accepted set_single(const Place& place, parser::Form form, const Arguments& arguments, Outcome& outcome);
  Accepted store_single(const Place& place, const Value& after, Outcome& outcome);
  std::vector<Tables::Entry> chosen(const Place& place, const Arguments& given);
  Accepted set_signed(const Place& place, parser::Form form, const Arguments& arguments, Outcome& outcome);
  Accepted add_entry(const Place& place, const Arguments& entry, Outcome& outcome);
  Accepted remove_entries(const Place& place, const Arguments& given, Outcome& outcome);
  Accepted judge(const Place& place, const Value& before, const Value& after, Outcome& outcome) const;

  Accepted enter(Context& context, ModeId id, const Arguments& arguments, Outcome& outcome);
  Accepted set_entry(const Mode& mode, const Key& key, const Arguments& arguments, Outcome& outcome);
  Accepted remove(ModeId id, const Key& key);
  Accepted reset(ModeId id, const Key& key, Outcome& outcome);
  void erase_below(ModeId id, const Key& key);
  Accepted still_there(const Context& context) const;

  const Registry& registry_;
  Tables& tables_;
  const Permanent& permanent_;
  const View& view_;
};

}  // namespace culvert::config
