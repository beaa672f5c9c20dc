// Leaves: the settings inside a mode, each one command bound to one member of a row.
//
// The member's type says what the command does:
//   bool                    a flag: present or not                                   shutdown
//   std::optional<T>        one value, a second command replaces it                  lifetime <seconds:u32>
//   std::vector<T>          a list: the command may be given many times              proposal <name:word>
//   std::vector<T>, with repeated() instead of leaf()   one command, many words      encryption algorithm:(...)...
// T is anything with a codec (codec.h). What IOS does out of line is a named option.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <typeindex>
#include <vector>

#include "config-store/codec.h"
#include "config-store/view.h"
#include "parser/spec.h"
#include "parser/token_graph.h"

namespace culvert::config {

// Commands of one leaf, one Arguments each: none = not configured; at most one unless the leaf is a list. Arguments
// stand in the order of the specification.
using LeafValue = std::vector<parser::Arguments>;

enum class LeafKind {
  flag,
  single,
  list,
  entry,    // set by the arguments of the line that enters the mode
  refused,  // parses, and is answered by a refusal
  macro     // stands for other lines
};
// Whether the leaf has a value of its own in the tables.
constexpr bool is_stored(LeafKind kind) { return kind != LeafKind::refused && kind != LeafKind::macro; }

// A second spelling, never rendered: `map` turns what it captured into the captures of the leaf (or mode) itself.
struct Alias {
  std::string spec = {};
  std::vector<std::string> help = {};
  std::function<parser::Arguments(const parser::Arguments&)> map = {};
  bool hidden = true;  // not offered by ? and Tab
};

// The entries that are in a list already, asked for without reading them all.
struct Siblings {
  // Those that have the same arguments as `given` under the captures named.
  std::function<std::vector<parser::Arguments>(const parser::Arguments& given,
                                               const std::vector<std::string>& captures)>
      like;
  // Those with the greatest number under that capture.
  std::function<std::vector<parser::Arguments>(const std::string& capture)> greatest;
};

// A list whose lines bear their place in themselves: `10 permit ...`.
template <class T>
struct Placement {
  // The entry as it is stored: what the line left out (its number) is filled in. nullopt: it says nothing new.
  std::function<std::expected<std::optional<T>, Refusal>(const T& given, const Siblings&)> place = {};
  // Whether `no` with these arguments removes the entry.
  std::function<bool(const T& entry, const parser::Arguments& given)> removes = {};
  std::function<bool(const T& one, const T& other)> before = {};  // in the running-config; a strict weak order
  bool merges = false;  // what `place` returns takes the place of the entry of the same identity
};

template <class T>
struct LeafOptions {
  std::vector<std::string> help = {};  // one a token, as in parser/spec.h

  // Normal form of what is stored.
  std::optional<T> default_ = {};             // this value is stored as absent; `show running-config all` shows it
  bool on_by_default = false;                 // a flag that is true unless `no x` was said, and renders as `no x`
  std::function<T(const T&)> normalise = {};  // applied before anything is compared or stored
  std::vector<Alias> aliases = {};

  // Lists.
  std::vector<std::string> identity = {};  // captures that tell entries apart; same identity = replaced. Empty = all
  bool sorted = false;                     // rendered in natural order; else in the order given
  std::string duplicate = {};              // printed when an entry is given that is there already
  std::string missing = {};                // printed when `no` finds no entry to remove
  std::string no_until = {};               // `no` must say this capture, and what stands before it; else incomplete
  Placement<T> placement = {};             // any of its functions may stand alone
  // A list whose entries keep what `no` said: one given by `no x` has the capture "no", and renders as `no x`. Either
  // form takes back the other. Tells whether the form says something where there is no entry; else it is forgotten.
  std::function<bool(parser::Form, const Key& row, const View&)> remembers = {};

  // `no x ARGUMENTS` removes a single value whatever the arguments; with this, only where they agree.
  // For lists the arguments given always restrict what is removed, in the normal form where they are a whole line;
  // `no x` alone removes all, unless `no_until` forbids it.
  bool partial_no = false;

  // Rendering.
  std::string render_absent = {};            // printed where the leaf is absent: "no ip address", "mode tunnel"
  bool trailing_space = false;               // IOS ends some lines with one
  std::vector<std::string> secret = {};      // captures shown only in running-config, startup-config and archive text
  std::vector<std::string> block_only = {};  // captures left out where the mode is shown line by line (ModeOptions)
  std::string synopsis = {};                 // for the command reference, where the specification is too long to read
  int order = 0;                             // within the mode (in the global mode: section_order.h); equal = as added

  // Behaviour. `check` sees the configuration as it will be, and refuses it; `notice` is printed after acceptance.
  std::function<Accepted(const LeafChange<T>&, const View&)> check = {};
  std::function<std::string(const LeafChange<T>&, const View&)> notice = {};
  unsigned privilege = 15;
  bool hidden = false;

  // What the value takes up, for View::meeting(); nullopt = nothing. Of single values, of one leaf a section at most.
  std::function<std::optional<Range>(const T&)> range = {};
  std::string column = {};                 // SQL name; default: the leading keywords
  std::vector<std::string> examples = {};  // lines for the registry test where a check is choosy
};

// A leaf without its types: what the generic parts of the store work with. Made by leaf(), entered() and refuse().
struct LeafDefinition {
  LeafKind kind = LeafKind::single;
  std::optional<parser::Spec> spec = {};  // an entry leaf has the specification of its mode, given by the registry
  std::type_index row = typeid(void);
  std::string column = {};

  std::optional<parser::Arguments> default_ = {};
  bool on_by_default = false, sorted = false, partial_no = false, trailing_space = false, hidden = false;
  std::vector<std::string> identity = {}, secret = {}, examples = {};
  std::vector<Alias> aliases = {};
  std::string render_absent = {};
  std::string duplicate = {}, missing = {}, no_until = {};
  std::string refusal = {};  // LeafKind::refused
  // LeafKind::macro: the lines that it stands for, from the global mode on.
  std::function<std::expected<std::vector<std::string>, Refusal>(parser::Form, const parser::Arguments&, const View&)>
      expand = {};
  std::vector<std::string> block_only = {};
  std::string synopsis = {};
  int order = 0;
  unsigned privilege = 15;

  // The value into the member of the row that `row` points to.
  std::function<void(void* row, const LeafValue& value)> assign = {};
  std::function<parser::Arguments(const parser::Arguments&)> normalise = {};  // may be empty
  std::function<std::optional<Range>(const parser::Arguments&)> range = {};   // may be empty
  // Through the typed value and back.
  std::function<parser::Arguments(const parser::Arguments&)> recode = {};
  using Erased = const parser::Arguments*;  // nullptr = absent
  std::function<Accepted(const Key&, Erased before, Erased after, const View&)> check = {};
  std::function<std::string(const Key&, Erased before, Erased after, const View&)> notice = {};
  std::function<bool(parser::Form, const Key& row, const View&)> remembers = {};  // of a list that keeps what `no` said
  // Of a list with a placement.
  std::function<std::expected<std::optional<parser::Arguments>, Refusal>(const parser::Arguments&, const Siblings&)>
      place = {};
  std::function<bool(const parser::Arguments& entry, const parser::Arguments& given)> removes = {};
  std::function<bool(const parser::Arguments& one, const parser::Arguments& other)> before = {};
  bool merges = false;
};

// The capture of entries that `no` gave, in lists that remember it (LeafOptions::remembers).
inline constexpr const char* said_by_no = "no";

namespace detail {

template <class Member>
struct value_of;
template <>
struct value_of<bool> {
  using type = bool;
};
template <class T>
struct value_of<std::optional<T>> {
  using type = T;
};
template <class T>
struct value_of<std::vector<T>> {  // of a list; a repeated command has the vector itself
  using type = T;
};
template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

template <class Member>
using ValueOf = typename value_of<Member>::type;

template <class Member>
struct entry_value_of {
  using type = Member;
};
template <class T>
struct entry_value_of<std::optional<T>> {
  using type = T;
};
template <class Member>
using EntryValueOf = typename entry_value_of<Member>::type;

// The compiled specification; a fault in it is ours and ends the program with a message.
parser::Spec compiled(const std::string& text, const std::vector<std::string>& help);
// The only capture of the specification, or "" where it has none or several.
std::string only_capture(const parser::Spec& spec);

// The value that stands for arguments (nullptr = absent).
template <class T>
std::optional<T> typed(const std::string& name, bool on_by_default, LeafDefinition::Erased arguments) {
  if constexpr (std::is_same_v<T, bool>) {
    return (arguments != nullptr) != on_by_default;
  } else {
    if (!arguments) return std::nullopt;
    return decode<T>(name, *arguments);
  }
}

template <class T>
void take_placement(LeafDefinition& leaf, const std::string& name, Placement<T>& placement) {
  leaf.merges = placement.merges;
  if (placement.place)
    leaf.place = [name, f = std::move(placement.place)](
                     const parser::Arguments& given,
                     const Siblings& siblings) -> std::expected<std::optional<parser::Arguments>, Refusal> {
      const auto placed = f(decode<T>(name, given), siblings);
      if (!placed) return std::unexpected(placed.error());
      if (!*placed) return std::nullopt;
      return encode<T>(name, **placed);
    };
  if (placement.removes)
    leaf.removes = [name, f = std::move(placement.removes)](const parser::Arguments& entry,
                                                            const parser::Arguments& given) {
      return f(decode<T>(name, entry), given);
    };
  if (placement.before)
    leaf.before = [name, f = std::move(placement.before)](const parser::Arguments& one,
                                                          const parser::Arguments& other) {
      return f(decode<T>(name, one), decode<T>(name, other));
    };
}

template <class T>
void take_functions(LeafDefinition& leaf, const std::string& name, LeafOptions<T>& options) {
  const bool on = options.on_by_default;
  if constexpr (!std::is_same_v<T, bool>) {
    if (options.default_) leaf.default_ = encode<T>(name, *options.default_);
    leaf.recode = [name](const parser::Arguments& a) { return encode<T>(name, decode<T>(name, a)); };
    if (options.normalise)
      leaf.normalise = [name, f = std::move(options.normalise)](const parser::Arguments& a) {
        return encode<T>(name, f(decode<T>(name, a)));
      };
    take_placement<T>(leaf, name, options.placement);
    if (options.range)
      leaf.range = [name, f = std::move(options.range)](const parser::Arguments& a) { return f(decode<T>(name, a)); };
  }
  const auto change = [name, on](const Key& key, LeafDefinition::Erased before, LeafDefinition::Erased after) {
    return LeafChange<T>{key, typed<T>(name, on, before), typed<T>(name, on, after)};
  };
  if (options.check)
    leaf.check = [change, f = std::move(options.check)](const Key& key, auto before, auto after, const View& view) {
      return f(change(key, before, after), view);
    };
  if (options.notice)
    leaf.notice = [change, f = std::move(options.notice)](const Key& key, auto before, auto after, const View& view) {
      return f(change(key, before, after), view);
    };
}

template <class T>
LeafDefinition plain(LeafOptions<T>& options) {
  LeafDefinition leaf;
  leaf.column = std::move(options.column);
  leaf.on_by_default = options.on_by_default;
  leaf.sorted = options.sorted;
  leaf.partial_no = options.partial_no;
  leaf.trailing_space = options.trailing_space;
  leaf.hidden = options.hidden;
  leaf.identity = std::move(options.identity);
  leaf.secret = std::move(options.secret);
  leaf.examples = std::move(options.examples);
  leaf.aliases = std::move(options.aliases);
  leaf.render_absent = std::move(options.render_absent);
  leaf.block_only = std::move(options.block_only);
  leaf.synopsis = std::move(options.synopsis);
  leaf.duplicate = std::move(options.duplicate);
  leaf.missing = std::move(options.missing);
  leaf.no_until = std::move(options.no_until);
  leaf.remembers = std::move(options.remembers);
  leaf.order = options.order;
  leaf.privilege = options.privilege;
  return leaf;
}

// Puts the value of a leaf into its member.
template <class Row, class Member>
struct Assignment {
  std::string name;
  Member Row::* member;
  bool on_by_default, list;

  void operator()(void* row, const LeafValue& value) const {
    auto& into = static_cast<Row*>(row)->*member;
    if constexpr (std::is_same_v<Member, bool>) {
      into = value.empty() == on_by_default;
    } else if constexpr (is_vector<Member>::value) {
      into.clear();
      if constexpr (OneText<typename Member::value_type>)
        if (!list && !value.empty()) into = decode<Member>(name, value.front());
      if (list)
        for (const auto& one : value) into.push_back(decode<typename Member::value_type>(name, one));
    } else if constexpr (is_optional<Member>::value) {
      into = value.empty() ? Member{} : Member{decode<typename Member::value_type>(name, value.front())};
    } else {
      into = value.empty() ? Member{} : decode<Member>(name, value.front());
    }
  }
};

template <class Row, class Member>
void bind(LeafDefinition& leaf, const std::string& name, Member Row::* member) {
  leaf.row = typeid(Row);
  leaf.assign = Assignment<Row, Member>{name, member, leaf.on_by_default, leaf.kind == LeafKind::list};
}

template <class Row, class Member, class T>
LeafDefinition bound(parser::Spec spec, LeafKind kind, Member Row::* member, LeafOptions<T> options) {
  auto leaf = plain(options);
  leaf.kind = kind;
  const auto name = only_capture(spec);
  leaf.spec = std::move(spec);
  take_functions(leaf, name, options);
  bind(leaf, name, member);
  return leaf;
}

}  // namespace detail

// One command of a mode: leaf("lifetime <seconds:u32(120-86400)>", &Profile::lifetime_s, {.help = {...}}).
template <class Row, class Member>
LeafDefinition leaf(const std::string& spec, Member Row::* member, LeafOptions<detail::ValueOf<Member>> options = {}) {
  auto compiled = detail::compiled(spec, options.help);
  auto kind = std::is_same_v<Member, bool> ? LeafKind::flag : LeafKind::single;
  if (detail::is_vector<Member>::value) kind = LeafKind::list;
  return detail::bound(std::move(compiled), kind, member, std::move(options));
}

// The same for one command with repeated words, kept in order: repeated("encryption a:(x|y)...", &P::encryption, ...).
// Absent = an empty vector.
template <class Row, class T>
LeafDefinition repeated(const std::string& spec, std::vector<T> Row::* member,
                        LeafOptions<std::vector<T>> options = {}) {
  auto compiled = detail::compiled(spec, options.help);
  return detail::bound(std::move(compiled), LeafKind::single, member, std::move(options));
}

// What the line that enters a mode says beyond the key: `cipher` in "crypto ipsec transform-set <name:word>
// cipher:(...)". Entering again with other arguments changes it. Given to ModeOptions::entry. T as in leaf(), where a
// vector takes all the arguments of one repeated capture.
using EntryLeaf = std::function<LeafDefinition(parser::Spec enter, const std::string& capture)>;

template <class Row, class Member>
EntryLeaf entered(Member Row::* member, LeafOptions<detail::EntryValueOf<Member>> options = {}) {
  return [member, options](parser::Spec enter, const std::string& capture) {
    auto chosen = options;
    auto leaf = detail::plain(chosen);
    leaf.kind = LeafKind::entry;
    leaf.spec = std::move(enter);
    detail::take_functions(leaf, capture, chosen);
    detail::bind(leaf, capture, member);
    return leaf;
  };
}

// A command that parses but is not built: it is answered with `text`.
struct RefuseOptions {
  std::vector<std::string> help = {};
  std::string text = {};
  unsigned privilege = 15;
  bool hidden = false;
};
LeafDefinition refuse(const std::string& spec, RefuseOptions options);

// A command that stands for other lines, carried out as one: all of them or, where one is refused, none. It has no line
// of its own in the running-config.
struct MacroOptions {
  std::vector<std::string> help = {};
  std::function<std::expected<std::vector<std::string>, Refusal>(parser::Form, const parser::Arguments&, const View&)>
      expand = {};
  std::string synopsis = {};
  unsigned privilege = 15;
};
LeafDefinition macro(const std::string& spec, MacroOptions options);

}  // namespace culvert::config
