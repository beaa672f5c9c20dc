// Definitions: what a room says once about its part of the configuration. Everything else is derived from it: grammar,
// help, abbreviation, `no`, the SQL table, the running-config, typed rows and change notices.
//
// A mode is named by the leading keywords of its entering line ("crypto ikev2 profile"); a nested mode by its parent's
// name and its own ("crypto ikev2 keyring peer"). By that name any room may extend it, without seeing its owner. The
// mode "global" is there from the start.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <typeindex>
#include <variant>
#include <vector>

#include "config-store/leaf.h"
#include "config-store/section_order.h"
#include "config-store/view.h"

namespace culvert::config {

// The members of a row that hold its key, outermost mode first: &Peer::name, or {&Peer::keyring, &Peer::name}.
template <class Row>
struct KeyMembers {
  using Member = std::variant<std::string Row::*, std::uint32_t Row::*>;
  std::vector<Member> members;

  KeyMembers() = default;
  KeyMembers(std::string Row::* one) : members{one} {}
  KeyMembers(std::uint32_t Row::* one) : members{one} {}
  KeyMembers(std::initializer_list<Member> all) : members(all) {}

  void assign(Row& row, const Key& key) const {
    for (std::size_t i = 0; i < members.size(); ++i)
      if (const auto* text = std::get_if<std::string Row::*>(&members[i]))
        row.*(*text) = key.parts[i];
      else
        row.*std::get<std::uint32_t Row::*>(members[i]) = TextCodec<std::uint32_t>::decode(key.parts[i]);
  }
};

// One row without its type: the values stand as the leaves of its definition do.
struct Record {
  Key key;
  std::vector<LeafValue> values;
  bool operator==(const Record&) const = default;
};

// A group of leaves and the table that keeps them: a mode's own, or an extension's.
struct SectionDefinition {
  std::string mode, table;
  std::type_index row = typeid(void);
  std::size_t key_count = 0;
  std::vector<LeafDefinition> leaves;
  std::function<void(void* row, const Record&)> assign;  // keys and leaves into a typed row
};

template <class Row>
struct ModeOptions {
  std::string enter = {};              // "crypto ikev2 profile <name:word>": the key's captures first, then `entry`'s
  std::vector<std::string> help = {};  // one a token of `enter`
  KeyMembers<Row> key = {};            // with the keys of all parents before its own
  std::string parent = "global";
  std::string prompt = {};  // "config-ikev2-profile"
  std::string title = {};   // the first line of a bare `?`: "IKEv2 profile commands:"
  std::string exit_help = "Exit from this configuration mode";
  EntryLeaf entry = {};         // entered(&Row::member)
  std::size_t parent_keys = 0;  // how many of `key` are the parents'; needed only together with `entry`
  std::vector<LeafDefinition> leaves = {};
  std::vector<Alias> aliases = {};  // of the entering line
  int order = section_order::last;  // among the leaves and modes of the parent
  bool trailing_space = false;      // after the entering line
  unsigned privilege = 15;
  // A row that the running-config shows line by line, each begun by this text, and not as a block: "access-list 101".
  // "" = a block, which a row without lines always is. `lines_order` is where such lines stand.
  std::function<std::string(const Key&)> line_prefix = {};
  int lines_order = section_order::last;
  // Sorts keys in the running-config; empty = natural order (text by its parts, digits as numbers).
  std::function<bool(const Key&, const Key&)> less = {};
  // Before a row is created, removed, or entered with other arguments. The view shows the configuration as it will be.
  std::function<Accepted(const RowChange<Row>&, const View&)> check = {};
  std::function<std::string(const Row&, const View&)> on_enter = {};  // printed on entering; "" = nothing
  std::function<std::string(const Key&)> on_default = {};             // printed after `default <entering line>`
  std::string permanent_refusal = "% Removal of physical interfaces is not permitted";  // Store::add_permanent()
  std::vector<std::string> examples = {};  // entering lines for the registry test where check is choosy
};

struct ModeDefinition {
  std::string name, parent, prompt, title, exit_help, permanent_refusal;
  std::optional<parser::Spec> enter;  // none for the global mode
  std::vector<std::string> own_keys;  // captures of `enter`
  std::vector<std::string> examples;
  std::vector<Alias> aliases;
  int order = 0;
  bool trailing_space = false;
  unsigned privilege = 15;
  std::function<std::string(const Key&)> line_prefix;
  int lines_order = 0;
  SectionDefinition section;
  std::function<bool(const Key&, const Key&)> less;
  std::function<Accepted(const Record* before, const Record* after, const View&)> check;
  std::function<std::string(const Record&, const View&)> on_enter;
  std::function<std::string(const Key&)> on_default;
};

namespace detail {

std::string mode_name(const std::string& parent, const parser::Spec& enter);
std::string table_name(const std::string& mode);
std::vector<std::string> capture_names(const parser::Spec& spec);  // each once, in the order of the text

// NOLINTBEGIN(performance-unnecessary-value-param): moved into the definition, where the check does not look
template <class Row>
SectionDefinition section(std::string mode, std::string table, KeyMembers<Row> key,
                          std::vector<LeafDefinition> leaves) {
  SectionDefinition section{.mode = std::move(mode),
                            .table = std::move(table),
                            .row = typeid(Row),
                            .key_count = key.members.size(),
                            .leaves = std::move(leaves),
                            .assign = {}};
  std::vector<std::function<void(void*, const LeafValue&)>> setters;
  for (const auto& leaf : section.leaves) setters.push_back(leaf.assign);
  section.assign = [key = std::move(key), setters = std::move(setters)](void* into, const Record& record) {
    auto& row = *static_cast<Row*>(into);
    key.assign(row, record.key);
    for (std::size_t i = 0; i < setters.size(); ++i)
      if (setters[i]) setters[i](into, record.values[i]);
  };
  return section;
}
// NOLINTEND(performance-unnecessary-value-param)

template <class Row>
void take_functions(ModeDefinition& m, ModeOptions<Row>& options) {
  const auto typed = [assign = m.section.assign](const Record* record) {
    std::optional<Row> row;
    if (record) assign(&row.emplace(), *record);
    return row;
  };
  if (options.check)
    m.check = [typed, f = std::move(options.check)](const Record* before, const Record* after, const View& view) {
      return f(RowChange<Row>{typed(before), typed(after)}, view);
    };
  if (options.on_enter)
    m.on_enter = [typed, f = std::move(options.on_enter)](const Record& row, const View& view) {
      return f(*typed(&row), view);
    };
}

}  // namespace detail

// Settings added to a mode of another room: a row struct and a table of their own.
template <class Row>
struct ExtensionOptions {
  std::string table = {};    // SQL name: "interface_ip"
  KeyMembers<Row> key = {};  // as the mode's
  std::vector<LeafDefinition> leaves = {};
};
template <class Row>
SectionDefinition extend(std::string mode, ExtensionOptions<Row> options) {
  return detail::section<Row>(std::move(mode), std::move(options.table), std::move(options.key),
                              std::move(options.leaves));
}

// Settings of the global mode, one row for the router: global<Host>({.table = "host", .leaves = {...}}).
template <class Row>
SectionDefinition global(ExtensionOptions<Row> options) {
  return extend<Row>("global", std::move(options));
}

template <class Row>
ModeDefinition mode(ModeOptions<Row> options) {
  ModeDefinition m;
  m.enter = detail::compiled(options.enter, options.help);
  m.name = detail::mode_name(options.parent, *m.enter);
  m.parent = std::move(options.parent);
  m.prompt = std::move(options.prompt);
  m.title = std::move(options.title);
  m.exit_help = std::move(options.exit_help);
  m.permanent_refusal = std::move(options.permanent_refusal);
  m.examples = std::move(options.examples);
  m.aliases = std::move(options.aliases);
  m.order = options.order;
  m.trailing_space = options.trailing_space;
  m.privilege = options.privilege;
  m.line_prefix = std::move(options.line_prefix);
  m.lines_order = options.lines_order;
  m.less = std::move(options.less);
  m.on_default = std::move(options.on_default);
  const auto all = detail::capture_names(*m.enter);
  const auto own = options.entry ? options.key.members.size() - options.parent_keys : all.size();
  m.own_keys.assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(own));
  if (options.entry)
    options.leaves.insert(options.leaves.begin(), options.entry(*m.enter, all.size() == own + 1 ? all.back() : ""));
  m.section =
      detail::section<Row>(m.name, detail::table_name(m.name), std::move(options.key), std::move(options.leaves));
  detail::take_functions<Row>(m, options);
  return m;
}

}  // namespace culvert::config
