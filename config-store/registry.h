// The registry: every mode and setting of the router, joined from what the rooms defined.
//
// Rooms add in any order; complete() then ties extensions and nested modes to their modes, makes each mode's command
// tree and plans the tables. After that a registry never changes, and any number of stores may use it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <unordered_map>
#include <vector>

#include "config-store/definition.h"
#include "parser/command_tree.h"

namespace culvert::config {

using ModeId = std::size_t;  // 0 is the global mode
using SectionId = std::size_t;

struct Column {
  std::string name;     // SQL name
  std::string capture;  // whose text it holds; empty = 1 where the leaf is present
  bool integer = false, repeated = false, secret = false;
};

struct Leaf : LeafDefinition {
  std::vector<Column> columns;   // in the section's table, or in the leaf's own for a list
  std::size_t first_column = 0;  // where they begin in the section's row (not for lists)
  std::string table;             // of a list
};

struct Section {
  ModeId mode;
  bool own;  // the mode's own table; its rows exist by entering
  std::string table;
  std::vector<std::string> key_columns;       // of the section's table
  std::vector<std::string> list_key_columns;  // of the tables of its lists
  std::vector<bool> key_integer;
  std::vector<Leaf> leaves;
  std::size_t column_count = 0;
  std::type_index row;
  std::function<void(void* row, const Record&)> assign;
};

// What a line of a mode does: the CommandId of its tree is an index into Mode::commands.
struct Command {
  enum class Kind { leaf, enter, exit, end } kind;
  SectionId section = 0;
  std::size_t leaf = 0;
  ModeId mode = 0;               // Kind::enter
  const Alias* alias = nullptr;  // the line was this spelling
};

struct Mode {
  ModeDefinition definition;
  ModeId parent = 0;
  std::vector<ModeId> children;
  std::vector<SectionId> sections;  // its own first, unless it is global
  std::vector<bool> own_key_integer;
  std::vector<std::string> own_captures;  // all captures of the entering line
  parser::CommandTree tree;
  std::vector<Command> commands;
  std::size_t depth = 0;  // 0 = global
};

// The section that a mode's own rows are in. Not for the global mode.
inline SectionId own_section(const Mode& mode) { return mode.sections.front(); }

class Registry {
 public:
  Registry();

  void add(ModeDefinition definition);
  void add(SectionDefinition extension);
  // Call once, after the last add(). A fault in the definitions (an unknown mode, a name used twice) ends the program
  // with a message: definitions are ours.
  void complete();
  bool is_complete() const { return complete_; }

  static constexpr ModeId global = 0;
  std::optional<ModeId> find(std::string_view mode_name) const;
  const Mode& mode(ModeId id) const { return modes_[id]; }
  const std::vector<Mode>& modes() const { return modes_; }
  const std::vector<Section>& sections() const { return sections_; }
  const Section& section(SectionId id) const { return sections_[id]; }
  SectionId section_of(std::type_index row) const;
  // The commands of a mode, for matching, `?` and Tab; `exit` and `end` are among them.
  const parser::CommandTree& tree(ModeId id) const { return modes_[id].tree; }

  struct SecretColumn {
    std::string table, column;
    bool operator==(const SecretColumn&) const = default;
  };
  // What SQL, JSON and logs show as <hidden>.
  std::vector<SecretColumn> secret_columns() const;

 private:
  void place_modes();
  void place_section(SectionDefinition definition, ModeId mode, bool own);
  void plan_columns(Section& section);
  void fill_tree(ModeId id);

  std::vector<ModeDefinition> added_modes_;
  std::vector<SectionDefinition> added_sections_;
  std::vector<Mode> modes_;
  std::vector<Section> sections_;
  std::unordered_map<std::type_index, SectionId> by_row_;
  bool complete_ = false;
};

}  // namespace culvert::config
