#include "config-store/registry.h"

#include <algorithm>
#include <cassert>
#include <cstdlib>
#include <set>

#include <fmt/format.h>

#include "config-store/spec_shape.h"

namespace culvert::config {
namespace {

[[noreturn]] void fault(const std::string& text) {
  fmt::print(stderr, "configuration definitions: {}\n", text);
  std::abort();
}

std::string sql_name(std::string text) {
  for (auto& c : text)
    if (c == ' ' || c == '-') c = '_';
  return text;
}

std::string last_word(const std::string& mode_name) { return sql_name(mode_name.substr(mode_name.rfind(' ') + 1)); }

// The columns of one leaf, called `name` where one column says it all.
std::vector<Column> leaf_columns(const Leaf& leaf, const std::string& name, const std::vector<Capture>& all) {
  const bool own_table = leaf.kind == LeafKind::list, entry = leaf.kind == LeafKind::entry;
  const bool marker = !own_table && !entry && may_capture_nothing(*leaf.spec);
  std::vector<Column> columns;
  if (marker) columns.push_back({.name = name, .capture = "", .integer = true});
  for (const auto& capture : all) {
    auto column = sql_name(capture.name);
    if (!own_table && !entry && !name.empty()) column = all.size() == 1 && !marker ? name : name + "_" + column;
    columns.push_back({.name = column,
                       .capture = capture.name,
                       .integer = capture.integer,
                       .repeated = capture.repeated,
                       .secret = std::ranges::find(leaf.secret, capture.name) != leaf.secret.end()});
  }
  return columns;
}

void require_distinct(const std::string& table, std::vector<std::string> names) {
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) fault(fmt::format("table {} has two columns \"{}\"; name one by .column", table, *twice));
}

}  // namespace

Registry::Registry() {
  Mode root;
  root.definition.name = "global";
  root.definition.prompt = "config";
  root.definition.title = "Configure commands:";
  root.definition.exit_help = "Exit from configure mode";
  modes_.push_back(std::move(root));
}

void Registry::add(ModeDefinition definition) {
  assert(!complete_);
  added_modes_.push_back(std::move(definition));
}

void Registry::add(SectionDefinition extension) {
  assert(!complete_);
  added_sections_.push_back(std::move(extension));
}

void Registry::complete() {
  assert(!complete_);
  place_modes();
  for (auto& extension : added_sections_) {
    const auto mode = find(extension.mode);
    if (!mode) fault(fmt::format("table {} extends the unknown mode \"{}\"", extension.table, extension.mode));
    place_section(std::move(extension), *mode, false);
  }
  std::set<std::string> tables{"journal"};
  for (const auto& section : sections_) {
    if (!tables.insert(section.table).second) fault("two tables are named " + section.table);
    for (const auto& leaf : section.leaves)
      if (!leaf.table.empty() && !tables.insert(leaf.table).second) fault("two tables are named " + leaf.table);
  }
  for (ModeId id = 0; id < modes_.size(); ++id) fill_tree(id);
  complete_ = true;
}

// Parents before their children, whatever the order they were added in.
void Registry::place_modes() {
  std::vector<bool> placed(added_modes_.size(), false);
  for (bool progress = true; progress;) {
    progress = false;
    for (std::size_t i = 0; i < added_modes_.size(); ++i) {
      if (placed[i]) continue;
      const auto parent = find(added_modes_[i].parent);
      if (!parent) continue;
      if (find(added_modes_[i].name)) fault(fmt::format("the mode \"{}\" is defined twice", added_modes_[i].name));
      const auto id = modes_.size();
      Mode mode;
      mode.definition = std::move(added_modes_[i]);
      mode.parent = *parent;
      mode.depth = modes_[*parent].depth + 1;
      for (const auto& capture : captures(*mode.definition.enter)) mode.own_captures.push_back(capture.name);
      for (const auto& capture : captures(*mode.definition.enter))
        if (mode.own_key_integer.size() < mode.definition.own_keys.size())
          mode.own_key_integer.push_back(capture.integer);
      modes_.push_back(std::move(mode));
      modes_[*parent].children.push_back(id);
      place_section(std::move(modes_[id].definition.section), id, true);
      placed[i] = progress = true;
    }
  }
  for (std::size_t i = 0; i < added_modes_.size(); ++i)
    if (!placed[i]) fault(fmt::format("a mode names the unknown parent \"{}\"", added_modes_[i].parent));
}

void Registry::place_section(SectionDefinition definition, ModeId mode, bool own) {
  Section section{.mode = mode,
                  .own = own,
                  .table = std::move(definition.table),
                  .key_columns = {},
                  .list_key_columns = {},
                  .key_integer = {},
                  .leaves = {},
                  .row = definition.row,
                  .assign = std::move(definition.assign)};
  for (auto& leaf : definition.leaves) section.leaves.push_back(Leaf{std::move(leaf), {}, 0, {}});
  std::vector<ModeId> path;
  for (auto at = mode; at != global; at = modes_[at].parent) path.insert(path.begin(), at);
  for (const auto at : path)
    for (std::size_t i = 0; i < modes_[at].definition.own_keys.size(); ++i) {
      const auto capture = sql_name(modes_[at].definition.own_keys[i]);
      const auto full = last_word(modes_[at].definition.name) + "_" + capture;
      section.key_columns.push_back(own && at == mode ? capture : full);
      section.list_key_columns.push_back(full);
      section.key_integer.push_back(modes_[at].own_key_integer[i]);
    }
  if (definition.key_count != section.key_columns.size())
    fault(fmt::format("table {} has {} key members where its mode has {} keys", section.table, definition.key_count,
                      section.key_columns.size()));
  plan_columns(section);
  if (!by_row_.emplace(section.row, sections_.size()).second)
    fault(fmt::format("the row of table {} is used by another definition", section.table));
  modes_[mode].sections.push_back(sections_.size());
  sections_.push_back(std::move(section));
}

void Registry::plan_columns(Section& section) {
  auto names = section.key_columns;
  for (auto& leaf : section.leaves) {
    if (!is_stored(leaf.kind)) continue;
    if (leaf.row != section.row) fault(fmt::format("table {} has a leaf of another row", section.table));
    auto all = captures(*leaf.spec);
    if (leaf.kind == LeafKind::entry)
      all.erase(all.begin(),
                all.begin() + static_cast<std::ptrdiff_t>(modes_[section.mode].definition.own_keys.size()));
    const auto name =
        leaf.column.empty() ? sql_name(fmt::format("{}", fmt::join(leading_keywords(*leaf.spec), "_"))) : leaf.column;
    leaf.columns = leaf_columns(leaf, name, all);
    if (leaf.remembers) leaf.columns.push_back({.name = said_by_no, .capture = said_by_no, .integer = true});
    leaf.first_column = section.column_count;
    if (leaf.kind == LeafKind::list) {
      leaf.table = section.table + "_" + name;
      auto own = section.list_key_columns;
      own.push_back("position");
      for (const auto& column : leaf.columns) own.push_back(column.name);
      require_distinct(leaf.table, std::move(own));
      continue;
    }
    section.column_count += leaf.columns.size();
    for (const auto& column : leaf.columns) names.push_back(column.name);
  }
  require_distinct(section.table, std::move(names));
}

void Registry::fill_tree(ModeId id) {
  auto& mode = modes_[id];
  const auto add = [&mode](Command command, const parser::Spec& spec, parser::CommandOptions options) {
    mode.tree.add(mode.commands.size(), spec, std::move(options));
    mode.commands.push_back(command);
  };
  const auto add_aliases = [&](Command command, const std::vector<Alias>& aliases, unsigned privilege) {
    for (const auto& alias : aliases) {
      command.alias = &alias;
      add(command, detail::compiled(alias.spec, alias.help), {privilege, true, alias.hidden});
    }
  };
  for (const auto s : mode.sections)
    for (std::size_t i = 0; i < sections_[s].leaves.size(); ++i) {
      const auto& leaf = sections_[s].leaves[i];
      if (leaf.kind == LeafKind::entry) continue;
      const Command command{.kind = Command::Kind::leaf, .section = s, .leaf = i};
      add(command, *leaf.spec, {leaf.privilege, true, leaf.hidden, leaf.no_until});
      add_aliases(command, leaf.aliases, leaf.privilege);
    }
  for (const auto child : mode.children) {
    const auto& below = modes_[child].definition;
    const Command command{.kind = Command::Kind::enter, .mode = child};
    add(command, *below.enter, {below.privilege, true, false});
    add_aliases(command, below.aliases, below.privilege);
  }
  add({.kind = Command::Kind::exit}, detail::compiled("exit", {mode.definition.exit_help}), {0, false, false});
  add({.kind = Command::Kind::end}, detail::compiled("end", {"Exit from configure mode"}), {0, false, true});
}

std::optional<ModeId> Registry::find(std::string_view mode_name) const {
  for (ModeId id = 0; id < modes_.size(); ++id)
    if (modes_[id].definition.name == mode_name) return id;
  return std::nullopt;
}

SectionId Registry::section_of(std::type_index row) const {
  const auto found = by_row_.find(row);
  if (found == by_row_.end()) fault(fmt::format("no definition has the row {}", row.name()));
  return found->second;
}

std::vector<Registry::SecretColumn> Registry::secret_columns() const {
  std::vector<SecretColumn> all{{"journal", "changeset"}};  // it holds old and new values
  for (const auto& section : sections_)
    for (const auto& leaf : section.leaves)
      for (const auto& column : leaf.columns)
        if (column.secret) all.push_back({leaf.table.empty() ? section.table : leaf.table, column.name});
  return all;
}

}  // namespace culvert::config
