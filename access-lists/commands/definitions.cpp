#include "access-lists/commands/definitions.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "access-lists/commands/grammar.h"
#include "access-lists/commands/line.h"
#include "config-store/definition.h"

namespace culvert::access_lists {

namespace {

struct StandardRow {
  std::string name;
  std::vector<StandardLine> lines;
};
struct ExtendedRow {
  std::string name;
  std::vector<ExtendedLine> lines;
};
struct Shorthands {};  // the global lines that stand for others

// One `ip access-group` line.
struct AccessGroup {
  std::string name;
  bool in = true;
};
struct InterfaceRow {
  std::string name;
  std::vector<AccessGroup> groups;
};

}  // namespace

}  // namespace culvert::access_lists

template <>
struct culvert::config::Codec<culvert::access_lists::StandardLine> {
  static culvert::access_lists::StandardLine decode(const parser::Arguments& a) {
    return {culvert::access_lists::read_line(culvert::access_lists::Kind::standard, a)};
  }
  static parser::Arguments encode(const culvert::access_lists::StandardLine& line) {
    return culvert::access_lists::write_line(culvert::access_lists::Kind::standard, line);
  }
};

template <>
struct culvert::config::Codec<culvert::access_lists::ExtendedLine> {
  static culvert::access_lists::ExtendedLine decode(const parser::Arguments& a) {
    return {culvert::access_lists::read_line(culvert::access_lists::Kind::extended, a)};
  }
  static parser::Arguments encode(const culvert::access_lists::ExtendedLine& line) {
    return culvert::access_lists::write_line(culvert::access_lists::Kind::extended, line);
  }
};

template <>
struct culvert::config::Codec<culvert::access_lists::AccessGroup> {
  static culvert::access_lists::AccessGroup decode(const parser::Arguments& a) {
    return {a["name"], a["direction"] == "in"};
  }
  static parser::Arguments encode(const culvert::access_lists::AccessGroup& group) {
    parser::Arguments a;
    a.add("name", group.name);
    a.add("direction", group.in ? "in" : "out");
    return a;
  }
};

namespace culvert::access_lists {

namespace {

using config::Accepted;
using config::Refusal;
using config::View;
using parser::Arguments;

constexpr std::uint32_t step_default = 10, sequence_max = std::numeric_limits<std::int32_t>::max();

std::unexpected<Refusal> refused(std::string text) { return std::unexpected(Refusal{std::move(text)}); }

template <Kind kind>
struct Types;
template <>
struct Types<Kind::standard> {
  using Row = StandardRow;
  using Line = StandardLine;
  static constexpr auto word = "standard", other_word = "extended";
};
template <>
struct Types<Kind::extended> {
  using Row = ExtendedRow;
  using Line = ExtendedLine;
  static constexpr auto word = "extended", other_word = "standard";
};

std::string entering(const std::string& kind, const std::string& name) {
  return fmt::format("ip access-list {} {}", kind, name);
}

// The number after the last entry's. Remarks wait for theirs: they bear the number of the entry that comes next.
std::uint64_t next_sequence(Kind kind, const config::Siblings& siblings) {
  const auto last = siblings.greatest("sequence");
  if (last.empty()) return step_default;
  const auto sequence = read_line(kind, last.front()).sequence;
  const bool remarks_only = std::ranges::all_of(last, [](const Arguments& a) { return a.has("remark"); });
  return remarks_only ? sequence : std::uint64_t{sequence} + step_default;
}

const std::vector<std::string>& content_captures() {
  static const std::vector<std::string> all = [] {
    auto spec = *parser::Spec::compile(rule(Kind::extended).text);
    std::vector<std::string> names;
    for (const auto* token : spec.tokens())
      if (!token->name.empty() && std::ranges::find(names, token->name) == names.end()) names.push_back(token->name);
    return names;
  }();
  return all;
}

bool has_too_many_ports(const Entry& entry) {
  return entry.source_port.ports.size() > ports_max || entry.destination_port.ports.size() > ports_max;
}

template <Kind kind>
using Placed = std::expected<std::optional<typename Types<kind>::Line>, Refusal>;

// An entry that is there already says nothing new, whatever its number; another one may not take its number.
template <Kind kind>
Placed<kind> place_line(const typename Types<kind>::Line& given, const config::Siblings& siblings) {
  if (has_too_many_ports(given.entry)) return refused(fmt::format("% No more than {} ports can be given", ports_max));
  if (given.entry.fragments && given.entry.tests_transport())
    return refused("% Later fragments show no ports, flags or messages");
  auto line = given;
  const auto arguments = write_line(kind, line);
  if (!line.remark && !siblings.like(arguments, content_captures()).empty()) return std::nullopt;
  if (line.sequence == 0) {
    const auto next = next_sequence(kind, siblings);
    if (next > sequence_max) return refused("% Exceeded maximum sequence number");
    line.sequence = static_cast<std::uint32_t>(next);
    return line;
  }
  for (const auto& other : siblings.like(arguments, {"sequence"})) {
    const auto there = read_line(kind, other);
    if (line.remark ? there == line : !there.remark) {
      if (line.remark) return std::nullopt;
      return refused("% Duplicate sequence number");
    }
  }
  return line;
}

// `no 10` is about the entry of that number, `no 10 remark` about the remarks before it, and `no permit ...` about the
// entry that says the same.
template <Kind kind>
bool removes(const Line& line, const Arguments& given) {
  const auto asked = read_line(kind, given);
  if (asked.sequence != 0 && asked.sequence != line.sequence) return false;
  if (asked.remark) return line.remark && (asked.remark->empty() || asked.remark == line.remark);
  if (line.remark) return false;
  return !given.has("action") || asked.entry == line.entry;
}

bool stands_before(const Line& one, const Line& other) {
  const auto place = [](const Line& line) { return std::pair(line.sequence, !line.remark.has_value()); };
  return place(one) < place(other);
}

bool is_number(const std::string& name) {
  return std::ranges::all_of(name, [](char c) { return '0' <= c && c <= '9'; });
}

template <Kind kind>
Accepted check_row(const config::RowChange<typename Types<kind>::Row>& change, const View& view) {
  if (!change.after || change.before) return {};
  const auto& name = change.after->name;
  if (is_number(name) && kind_of_number(name) != kind) return refused("% Invalid access list name.");
  if (view.exists(fmt::format("ip access-list {}", Types<kind>::other_word), name))
    return refused(fmt::format("% A named {} IP access list with this name already exists", Types<kind>::other_word));
  return {};
}

// The grammar has more samples than a test has time for.
std::vector<std::string> examples(Kind kind) {
  if (kind == Kind::standard)
    return {"permit any",       "10 deny 10.1.2.3 log", "deny host 10.1.2.3", "7 permit 10.1.2.3 0.0.0.255 log-input",
            "remark some text", "2147483647 permit any"};
  return {"permit ip any any",
          "10 deny tcp 10.1.2.3 0.0.255.255 eq www 22 host 10.1.2.3 range ftp-data 4000 established log",
          "permit tcp any any match-all +ack -fin dscp ef",
          "20 permit tcp any gt 1023 any match-any -syn log-input",
          "permit tcp any any ack rst",
          "permit udp any neq isakmp any lt 1024 dscp 7",
          "permit icmp any any echo-reply",
          "permit icmp any any 3 13",
          "permit icmp any any 200 7",
          "deny ospf any any fragments",
          "30 permit 200 host 10.1.2.3 any log",
          "2147483647 remark some text"};
}

template <Kind kind>
config::LeafDefinition line_leaf() {
  using Row = typename Types<kind>::Row;
  using OfKind = typename Types<kind>::Line;
  const auto phrase = numbered_rule(kind);
  return config::leaf(phrase.text, &Row::lines,
                      {.help = phrase.help,
                       .normalise = [](const OfKind& line) { return line; },
                       .identity = {"sequence"},
                       .placement = {.place = place_line<kind>, .removes = removes<kind>, .before = stands_before},
                       .block_only = {"sequence"},
                       .synopsis = "[<sequence:u32(1-2147483647)>] " + synopsis(kind),
                       .column = "lines",
                       .examples = examples(kind)});
}

Phrase number_of_kind(Kind kind, const std::string& what) {
  const auto range = [](const char* text, const std::string& help) {
    return Phrase{fmt::format("<name:u32({})>", text), {help}};
  };
  if (kind == Kind::standard) return either({range("1-99", what), range("1300-1999", what + " (expanded range)")});
  return either({range("100-199", what), range("2000-2699", what + " (expanded range)")});
}

Phrase name_of_kind(Kind kind) {
  const auto* word = kind == Kind::standard ? "Standard" : "Extended";
  return either({number_of_kind(kind, fmt::format("{} IP access-list number", word)),
                 Phrase{"<name:word>", {"Access-list name"}}});
}

const Phrase ip_access_list{"ip access-list", {"Global IP configuration subcommands", "Named access-list"}};

template <Kind kind>
config::ModeDefinition list_mode() {
  using Row = typename Types<kind>::Row;
  const bool standard = kind == Kind::standard;
  const auto enter = ip_access_list +
                     Phrase{Types<kind>::word, {standard ? "Standard Access List" : "Extended Access List"}} +
                     name_of_kind(kind);
  std::vector<config::LeafDefinition> leaves;
  leaves.push_back(line_leaf<kind>());
  const auto* number = standard ? "42" : "142";
  return config::mode<Row>(
      {.enter = enter.text,
       .help = enter.help,
       .key = &Row::name,
       .prompt = standard ? "config-std-nacl" : "config-ext-nacl",
       .title = standard ? "Standard Access List configuration commands:" : "Ext Access List configuration commands:",
       .exit_help = "Exit from access-list configuration mode",
       .leaves = std::move(leaves),
       .order = config::section_order::access_list,
       .line_prefix = [](const config::Key& key) { return is_number(key.last()) ? "access-list " + key.last() : ""; },
       .lines_order = config::section_order::access_list_line,
       .check = check_row<kind>,
       .examples = {entering(Types<kind>::word, number), entering(Types<kind>::word, "branch")}});
}

// `access-list 101 permit ...` enters the list and says one line there. As in IOS, `no` in front removes the list, even
// where the line says more.
template <Kind kind>
config::LeafDefinition one_line_form() {
  const bool standard = kind == Kind::standard;
  const auto phrase = Phrase{"access-list", {"Add an access list entry"}} +
                      number_of_kind(kind, standard ? "IP standard access list" : "IP extended access list") +
                      rule(kind);
  return config::macro(phrase.text,
                       {.help = phrase.help,
                        .expand = [](parser::Form form, const Arguments& a,
                                     const View&) -> std::expected<std::vector<std::string>, Refusal> {
                          const auto list = entering(Types<kind>::word, a["name"]);
                          if (form != parser::Form::plain) return std::vector{"no " + list};
                          return std::vector{list, text_of(kind, read_line(kind, a))};
                        },
                        .synopsis = fmt::format("access-list <name:u32({})> {}",
                                                standard ? "1-99, 1300-1999" : "100-199, 2000-2699", synopsis(kind))});
}

void sort_into(AccessList& list, const Line& line) {
  if (line.remark) {
    list.remarks.push_back({line.sequence, *line.remark});
    return;
  }
  list.entries.push_back(line.entry);
  list.entries.back().sequence = line.sequence;
}

AccessList list_of(Kind kind, const std::string& name, const auto& lines) {
  AccessList list{.name = name, .kind = kind, .entries = {}, .remarks = {}};
  for (const auto& line : lines) sort_into(list, line);
  std::ranges::stable_sort(list.entries, {}, &Entry::sequence);
  std::ranges::stable_sort(list.remarks, {}, &Remark::sequence);
  return list;
}

// The lines that make the list anew, numbered from `start` in steps of `step`. Remarks keep before their entry.
std::expected<std::vector<std::string>, Refusal> resequenced(const AccessList& list, std::uint64_t start,
                                                             std::uint64_t step) {
  std::vector<Line> lines;
  for (const auto& remark : list.remarks) lines.push_back({.sequence = remark.sequence, .remark = remark.text});
  for (const auto& entry : list.entries) lines.push_back({.sequence = entry.sequence, .entry = entry});
  std::ranges::stable_sort(lines, stands_before);
  const auto mode = entering(list.kind == Kind::standard ? "standard" : "extended", list.name);
  std::vector<std::string> all{"no " + mode, mode};
  auto number = start;
  for (auto& line : lines) {
    if (number > sequence_max) return refused("% Exceeded maximum sequence number");
    line.sequence = 0;
    all.push_back(fmt::format("{} {}", number, text_of(list.kind, line)));
    if (!line.remark) number += step;
  }
  return all;
}

config::LeafDefinition resequence() {
  const auto number = [](const char* name, const char* help) {
    return Phrase{fmt::format("<{}:u32(1-2147483647)>", name), {help}};
  };
  const auto phrase = ip_access_list + Phrase{"resequence", {"Resequence Access List"}} +
                      Phrase{"<name:word>", {"Access-list name or number"}} +
                      maybe(number("start", "Starting Sequence Number") +
                            maybe(number("step", "Step to increment the sequence number")));
  return config::macro(phrase.text,
                       {.help = phrase.help,
                        .expand = [](parser::Form form, const Arguments& a,
                                     const View& view) -> std::expected<std::vector<std::string>, Refusal> {
                          if (form != parser::Form::plain) return std::vector<std::string>{};
                          const auto list = find_access_list(view, a["name"]);
                          if (!list) return refused("% Access list does not exist");
                          const auto said = [&](const char* name) {
                            return a.has(name) ? std::stoull(a[name]) : step_default;
                          };
                          return resequenced(*list, said("start"), said("step"));
                        }});
}

config::LeafDefinition access_group_leaf() {
  const auto phrase =
      Phrase{"ip access-group", {"Interface Internet Protocol config commands", "Specify access control for packets"}} +
      either({Phrase{"<name:u32(1-199)>", {"IP access list (standard or extended)"}},
              Phrase{"<name:u32(1300-2699)>", {"IP expanded access list (standard or extended)"}},
              Phrase{"<name:word>", {"Access-list name"}}}) +
      Phrase{"direction:(in|out)", {"inbound packets", "outbound packets"}};
  return config::leaf(
      phrase.text, &InterfaceRow::groups,
      {.help = phrase.help,
       .identity = {"direction"},
       .placement = {.before = [](const AccessGroup& one, const AccessGroup& other) { return one.in && !other.in; }},
       .order = 25,
       .column = "groups"});
}

}  // namespace

void define_access_lists(config::Registry& registry) {
  registry.add(list_mode<Kind::standard>());
  registry.add(list_mode<Kind::extended>());
  std::vector<config::LeafDefinition> shorthands;
  shorthands.push_back(one_line_form<Kind::standard>());
  shorthands.push_back(one_line_form<Kind::extended>());
  shorthands.push_back(resequence());
  registry.add(config::global<Shorthands>({.table = "access_list_shorthands", .leaves = std::move(shorthands)}));
  std::vector<config::LeafDefinition> groups;
  groups.push_back(access_group_leaf());
  registry.add(config::extend<InterfaceRow>(
      "interface", {.table = "interface_access", .key = &InterfaceRow::name, .leaves = std::move(groups)}));
}

std::vector<AccessList> access_lists(const config::View& configuration) {
  std::vector<AccessList> all;
  for (const auto& row : configuration.rows<StandardRow>()) all.push_back(list_of(Kind::standard, row.name, row.lines));
  for (const auto& row : configuration.rows<ExtendedRow>()) all.push_back(list_of(Kind::extended, row.name, row.lines));
  return all;
}

std::optional<AccessList> find_access_list(const config::View& configuration, const std::string& name) {
  if (const auto row = configuration.find<StandardRow>(name)) return list_of(Kind::standard, name, row->lines);
  if (const auto row = configuration.find<ExtendedRow>(name)) return list_of(Kind::extended, name, row->lines);
  return std::nullopt;
}

std::vector<InterfaceFilters> interface_filters(const config::View& configuration) {
  std::vector<InterfaceFilters> all;
  for (const auto& row : configuration.rows<InterfaceRow>()) {
    InterfaceFilters filters{.interface = row.name, .in = std::nullopt, .out = std::nullopt};
    for (const auto& group : row.groups) (group.in ? filters.in : filters.out) = group.name;
    all.push_back(std::move(filters));
  }
  return all;
}

}  // namespace culvert::access_lists
