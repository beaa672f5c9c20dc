#include "config-store/range_index.h"

#include <fmt/format.h>

#include "config-store/tables.h"

namespace culvert::config {
namespace {

constexpr int function_flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;

// The range that the columns given to an SQL function stand for; nullopt where the leaf is absent.
std::optional<Range> range_of(sqlite3_context* context, int count, sqlite3_value** values) {
  const auto& leaf = *static_cast<const Leaf*>(sqlite3_user_data(context));
  Columns columns;
  for (int i = 0; i < count; ++i) {
    const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(values[i]));
    columns.push_back(text == nullptr ? std::nullopt : std::optional<std::string>(text));
  }
  const auto arguments = decode(leaf, columns.data());
  return arguments ? leaf.range(*arguments) : std::nullopt;
}

template <std::uint32_t Range::* End>
void end_of_range(sqlite3_context* context, int count, sqlite3_value** values) {
  if (const auto range = range_of(context, count, values))
    sqlite3_result_int64(context, (*range).*End);
  else
    sqlite3_result_null(context);
}

// "NEW.a, NEW.b".
template <class Names>
std::string in_row(const char* row, const Names& names) {
  std::string all;
  for (const auto& name : names) all += fmt::format("{}{}\"{}\"", all.empty() ? "" : ", ", row, name);
  return all;
}

std::vector<std::string> names_of(const std::vector<Column>& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) names.push_back(column.name);
  return names;
}

// One of the keys differs from its parameter.
std::string other_key(const std::vector<std::string>& keys) {
  std::string terms;
  for (const auto& key : keys) terms += fmt::format("{}\"{}\" IS NOT ?", terms.empty() ? "" : " OR ", key);
  return terms;
}

}  // namespace

RangeIndex::RangeIndex(Database& database, const Section& section, const Leaf& leaf)
    : database_(database),
      name_(fmt::format("{}_{}_range", section.table, leaf.columns.front().name)),
      key_count_(section.key_columns.size()) {
  define_functions(leaf);
  create(section, leaf);
  select_ = fmt::format("SELECT {0}, first FROM temp.\"{1}\" WHERE last >= ? AND ({2}) ORDER BY last LIMIT 1",
                        in_row("", section.key_columns), name_, other_key(section.key_columns));
}

void RangeIndex::define_functions(const Leaf& leaf) {
  const auto define = [&](const char* end, auto* function) {
    const auto count = static_cast<int>(leaf.columns.size());
    if (sqlite3_create_function_v2(database_.handle(), (name_ + end).c_str(), count, function_flags,
                                   const_cast<Leaf*>(&leaf), function, nullptr, nullptr, nullptr) != SQLITE_OK)
      database_.fail();
  };
  define("_first", end_of_range<&Range::first>);
  define("_last", end_of_range<&Range::last>);
}

void RangeIndex::create(const Section& section, const Leaf& leaf) {
  const auto keys = in_row("", section.key_columns), old_keys = in_row("OLD.", section.key_columns);
  const auto columns = names_of(leaf.columns);
  const auto values = in_row("NEW.", columns);
  const auto forget = fmt::format("DELETE FROM \"{}\" WHERE ({}) = ({});", name_, keys, old_keys);
  const auto remember = fmt::format(
      "INSERT INTO \"{0}\" SELECT {1}, \"{0}_first\"({2}), \"{0}_last\"({2}) WHERE \"{0}_first\"({2}) "
      "IS NOT NULL;",
      name_, in_row("NEW.", section.key_columns), values);
  const auto trigger = [&](const char* when, const std::string& event, const std::string& body) {
    database_.run(fmt::format("CREATE TEMP TRIGGER \"{0}_{1}\" AFTER {2} ON main.\"{3}\" BEGIN {4} END", name_, when,
                              event, section.table, body));
  };
  database_.run(
      fmt::format("CREATE TEMP TABLE \"{0}\" ({1}, first INTEGER, last INTEGER, PRIMARY KEY ({1})) "
                  "WITHOUT ROWID; CREATE INDEX temp.\"{0}_by_last\" ON \"{0}\" (last)",
                  name_, keys));
  trigger("insert", "INSERT", remember);
  trigger("update", fmt::format("UPDATE OF {}", in_row("", columns)), forget + remember);
  trigger("delete", "DELETE", forget);
}

std::optional<Key> RangeIndex::meeting(const Range& wanted, const Key& but) const {
  Query query(database_, select_);
  query.integer(wanted.first);
  for (std::size_t i = 0; i < key_count_; ++i) i < but.parts.size() ? query.text(but.parts[i]) : query.null();
  const auto keys = static_cast<int>(key_count_);
  if (!query.next() || query.column_integer(keys) > wanted.last) return std::nullopt;
  Key key;
  for (int i = 0; i < keys; ++i) key.parts.push_back(query.column(i).value());
  return key;
}

}  // namespace culvert::config
