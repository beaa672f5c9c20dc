#include "config-store/tables.h"

#include <algorithm>

#include <fmt/format.h>

namespace culvert::config {
namespace {

std::string quoted(const std::string& name) { return "\"" + name + "\""; }

std::string join(const std::vector<std::string>& parts, const char* separator = ", ") {
  return fmt::format("{}", fmt::join(parts, separator));
}

// "a" = ? AND "b" = ?: the first `count` of the keys; the global mode's table has one row, its lists no key at all.
std::string where(const std::vector<std::string>& keys, std::size_t count, const char* otherwise) {
  std::vector<std::string> terms;
  for (std::size_t i = 0; i < count; ++i) terms.push_back(quoted(keys[i]) + " = ?");
  return terms.empty() ? otherwise : join(terms, " AND ");
}

std::string names(const std::vector<std::string>& keys, const std::vector<Column>& columns) {
  std::vector<std::string> all;
  for (const auto& key : keys) all.push_back(quoted(key));
  for (const auto& column : columns) all.push_back(quoted(column.name));
  return join(all);
}

std::string marks(std::size_t count) { return join(std::vector<std::string>(count, "?")); }

std::vector<Column> row_columns(const Section& section) {
  std::vector<Column> all;
  for (const auto& leaf : section.leaves)
    if (leaf.table.empty()) all.insert(all.end(), leaf.columns.begin(), leaf.columns.end());
  return all;
}

std::vector<std::string> key_columns_sql(const std::vector<std::string>& keys, const std::vector<bool>& integer) {
  std::vector<std::string> parts;
  for (std::size_t i = 0; i < keys.size(); ++i)
    parts.push_back(quoted(keys[i]) + (integer[i] ? " INTEGER NOT NULL" : " TEXT NOT NULL"));
  return parts;
}

std::string column_sql(const Column& column) { return quoted(column.name) + (column.integer ? " INTEGER" : " TEXT"); }

std::string join_words(const std::vector<std::string>& words) { return join(words, " "); }

std::vector<std::string> split_words(const std::string& text) {
  std::vector<std::string> words;
  for (std::size_t from = 0; from < text.size();) {
    const auto to = std::min(text.find(' ', from), text.size());
    words.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  return words;
}

Key key_of(const Query& query, std::size_t count) {
  Key key;
  for (std::size_t i = 0; i < count; ++i) key.parts.push_back(query.column(static_cast<int>(i)).value());
  return key;
}

Columns columns_of(const Query& query, std::size_t first, std::size_t count) {
  Columns columns;
  for (std::size_t i = 0; i < count; ++i) columns.push_back(query.column(static_cast<int>(first + i)));
  return columns;
}

}  // namespace

parser::Arguments in_order(const Leaf& leaf, const parser::Arguments& arguments) {
  parser::Arguments ordered;
  for (const auto& column : leaf.columns)
    for (const auto& argument : arguments.all())
      if (argument.name == column.capture) ordered.add(argument.name, argument.text);
  return ordered;
}

Columns encode(const Leaf& leaf, const parser::Arguments& arguments) {
  Columns columns;
  for (const auto& column : leaf.columns) {
    if (column.capture.empty())
      columns.emplace_back("1");
    else if (column.repeated && arguments.has(column.capture))
      columns.emplace_back(join_words(arguments.every(column.capture)));
    else if (const auto* text = arguments.find(column.capture))
      columns.emplace_back(*text);
    else
      columns.emplace_back();
  }
  return columns;
}

std::optional<parser::Arguments> decode(const Leaf& leaf, const std::optional<std::string>* columns) {
  std::optional<parser::Arguments> arguments;
  if (leaf.kind == LeafKind::list) arguments.emplace();
  for (std::size_t i = 0; i < leaf.columns.size(); ++i) {
    if (!columns[i]) continue;
    if (!arguments) arguments.emplace();
    const auto& column = leaf.columns[i];
    if (column.capture.empty()) continue;
    if (!column.repeated)
      arguments->add(column.capture, *columns[i]);
    else
      for (auto& word : split_words(*columns[i])) arguments->add(column.capture, std::move(word));
  }
  return arguments;
}

Record decode(const Section& section, const Key& key, const RawRow& row) {
  Record record{key, std::vector<LeafValue>(section.leaves.size())};
  for (std::size_t i = 0; i < section.leaves.size(); ++i) {
    const auto& leaf = section.leaves[i];
    if (leaf.kind == LeafKind::list) {
      if (const auto list = row.lists.find(i); list != row.lists.end())
        for (const auto& [position, columns] : list->second) record.values[i].push_back(*decode(leaf, columns.data()));
    } else if (!row.columns.empty() && !leaf.columns.empty()) {
      if (auto value = decode(leaf, &row.columns[leaf.first_column])) record.values[i].push_back(*std::move(value));
    }
  }
  return record;
}

Tables::Tables(Database& database, const Registry& registry) : database_(database), registry_(registry) {
  for (const auto& section : registry.sections()) {
    create(section);
    plan(section);
    for (const auto& leaf : section.leaves)
      if (leaf.range) ranges_.emplace(sql_.size() - 1, RangeIndex(database, section, leaf));
  }
}

void Tables::create(const Section& section) {
  auto parts = key_columns_sql(section.key_columns, section.key_integer);
  const bool global = parts.empty();
  if (global) parts.push_back("\"id\" INTEGER NOT NULL PRIMARY KEY CHECK (\"id\" = 1)");
  for (const auto& column : row_columns(section)) parts.push_back(column_sql(column));
  if (!global) parts.push_back(fmt::format("PRIMARY KEY ({})", names(section.key_columns, {})));
  database_.run(
      fmt::format("CREATE TABLE {} ({}){}", quoted(section.table), join(parts), global ? "" : " WITHOUT ROWID"));
  for (const auto& leaf : section.leaves)
    if (!leaf.table.empty()) create_list(section, leaf);
}

void Tables::create_list(const Section& section, const Leaf& leaf) {
  auto keys = section.list_key_columns;
  auto parts = key_columns_sql(keys, section.key_integer);
  parts.push_back("\"position\" INTEGER NOT NULL");
  for (const auto& column : leaf.columns) parts.push_back(column_sql(column));
  keys.push_back("position");
  parts.push_back(fmt::format("PRIMARY KEY ({})", names(keys, {})));
  database_.run(fmt::format("CREATE TABLE {} ({}) WITHOUT ROWID", quoted(leaf.table), join(parts)));
  std::vector<Column> identity;
  for (const auto& column : leaf.columns)
    if (leaf.identity.empty() || std::ranges::find(leaf.identity, column.capture) != leaf.identity.end())
      identity.push_back(column);
  database_.run(fmt::format("CREATE INDEX {} ON {} ({})", quoted(leaf.table + "_identity"), quoted(leaf.table),
                            names(section.list_key_columns, identity)));
}

void Tables::plan(const Section& section) {
  const auto keys = section.key_columns.size();
  const auto columns = row_columns(section);
  const auto table = quoted(section.table);
  const auto all = keys == 0 ? "id = 1" : "1";
  const auto one = where(section.key_columns, keys, "id = 1");
  SectionSql sql;
  sql.exists = fmt::format("SELECT 1 FROM {} WHERE {}", table, one);
  sql.insert = keys == 0 ? fmt::format("INSERT OR IGNORE INTO {} (id) VALUES (1)", table)
                         : fmt::format("INSERT OR IGNORE INTO {} ({}) VALUES ({})", table,
                                       names(section.key_columns, {}), marks(keys));
  for (std::size_t n = 0; n <= keys; ++n) {
    sql.select.push_back(fmt::format("SELECT {} FROM {} WHERE {}",
                                     columns.empty() && keys == 0 ? "1" : names(section.key_columns, columns), table,
                                     where(section.key_columns, n, all)));
    sql.erase.push_back(fmt::format("DELETE FROM {} WHERE {}", table, where(section.key_columns, n, all)));
  }
  sql.erase_if_empty = fmt::format("DELETE FROM {} WHERE {}", table, one);
  for (const auto& column : columns) sql.erase_if_empty += fmt::format(" AND {} IS NULL", quoted(column.name));
  for (const auto& leaf : section.leaves) {
    if (leaf.kind == LeafKind::list) {
      std::string same = "1";
      for (std::size_t i = 0; i < keys; ++i)
        same +=
            fmt::format(" AND {} = {}.{}", quoted(section.list_key_columns[i]), table, quoted(section.key_columns[i]));
      sql.erase_if_empty += fmt::format(" AND NOT EXISTS (SELECT 1 FROM {} WHERE {})", quoted(leaf.table), same);
    }
    sql.leaves.push_back(leaf.kind == LeafKind::list ? plan_list(section, leaf) : plan_single(section, leaf));
  }
  sql_.push_back(std::move(sql));
}

Tables::LeafSql Tables::plan_single(const Section& section, const Leaf& leaf) {
  if (leaf.columns.empty()) return {};
  const auto keys = section.key_columns.size();
  const auto table = quoted(section.table);
  const auto one = where(section.key_columns, keys, "id = 1");
  const std::vector<std::string> key = keys == 0 ? std::vector<std::string>{"id"} : section.key_columns;
  std::vector<std::string> updates, clears;
  for (const auto& column : leaf.columns) {
    updates.push_back(fmt::format("{0} = excluded.{0}", quoted(column.name)));
    clears.push_back(quoted(column.name) + " = NULL");
  }
  LeafSql sql;
  sql.select = fmt::format("SELECT {} FROM {} WHERE {}", names({}, leaf.columns), table, one);
  sql.set = fmt::format("INSERT INTO {} ({}) VALUES ({}{}) ON CONFLICT ({}) DO UPDATE SET {}", table,
                        names(key, leaf.columns), keys == 0 ? "1, " : "", marks(keys + leaf.columns.size()),
                        names(key, {}), join(updates));
  sql.clear = fmt::format("UPDATE {} SET {} WHERE {}", table, join(clears), one);
  return sql;
}

Tables::LeafSql Tables::plan_list(const Section& section, const Leaf& leaf) {
  const auto keys = section.list_key_columns.size();
  const auto table = quoted(leaf.table);
  const auto one = where(section.list_key_columns, keys, "1");
  auto with_position = section.list_key_columns;
  with_position.push_back("position");
  std::vector<std::string> updates;
  for (const auto& column : leaf.columns) updates.push_back(quoted(column.name) + " = ?");
  LeafSql sql;
  sql.last_position = fmt::format("SELECT position FROM {} WHERE {} ORDER BY position DESC LIMIT 1", table, one);
  sql.insert = fmt::format("INSERT INTO {} ({}) VALUES ({})", table, names(with_position, leaf.columns),
                           marks(keys + 1 + leaf.columns.size()));
  sql.replace = fmt::format("UPDATE {} SET {} WHERE {} AND position = ?", table, join(updates), one);
  sql.erase = fmt::format("DELETE FROM {} WHERE {} AND position = ?", table, one);
  for (std::size_t n = 0; n <= keys; ++n) {
    sql.select_all.push_back(fmt::format("SELECT {} FROM {} WHERE {} ORDER BY {}", names(with_position, leaf.columns),
                                         table, where(section.list_key_columns, n, "1"), names(with_position, {})));
    sql.erase_all.push_back(fmt::format("DELETE FROM {} WHERE {}", table, where(section.list_key_columns, n, "1")));
  }
  return sql;
}

Query Tables::keyed(const std::string& sql, const Key& key) { return Query(database_, sql, key.parts); }

bool Tables::has_row(SectionId section, const Key& key) { return keyed(sql_[section].exists, key).next(); }

void Tables::insert_row(SectionId section, const Key& key) {
  if (remembered_.row == std::pair(section, key)) return;
  keyed(sql_[section].insert, key).run();
  changed(section);
  if (remembering_) remembered_.row = {section, key};
}

void Tables::erase_rows(SectionId section, const Key& prefix) {
  const auto n = prefix.parts.size();
  forget();
  keyed(sql_[section].erase[n], prefix).run();
  for (const auto& leaf : sql_[section].leaves)
    if (!leaf.erase_all.empty()) keyed(leaf.erase_all[n], prefix).run();
}

void Tables::erase_if_empty(SectionId section, const Key& key) {
  forget();
  keyed(sql_[section].erase_if_empty, key).run();
}

std::map<Key, RawRow> Tables::read(SectionId id, const Key& prefix) {
  const auto& section = registry_.section(id);
  const auto keys = section.key_columns.size(), n = prefix.parts.size();
  std::map<Key, RawRow> rows;
  for (auto query = keyed(sql_[id].select[n], prefix); query.next();)
    rows.emplace(key_of(query, keys), RawRow{columns_of(query, keys, section.column_count), {}});
  for (std::size_t i = 0; i < section.leaves.size(); ++i) {
    if (section.leaves[i].table.empty()) continue;
    auto at = rows.end();
    for (auto query = keyed(sql_[id].leaves[i].select_all[n], prefix); query.next();) {
      auto key = key_of(query, keys);
      if (at == rows.end() || at->first != key) at = rows.find(key);
      if (at == rows.end()) continue;
      auto& list = at->second.lists[i];
      list.emplace_hint(list.end(), query.column_integer(static_cast<int>(keys)),
                        columns_of(query, keys + 1, section.leaves[i].columns.size()));
    }
  }
  return rows;
}

std::optional<Record> Tables::record(SectionId section, const Key& key) {
  if (remembered_.record && remembered_.record_of == section && remembered_.record->key == key)
    return remembered_.record;
  const auto rows = read(section, key);
  if (rows.empty()) return std::nullopt;
  auto record = decode(registry_.section(section), key, rows.begin()->second);
  if (remembering_) {
    remembered_.record = record;
    remembered_.record_of = section;
  }
  return record;
}

std::optional<parser::Arguments> Tables::single(SectionId section, std::size_t leaf, const Key& key) {
  const auto& definition = registry_.section(section).leaves[leaf];
  if (definition.columns.empty()) return std::nullopt;
  auto query = keyed(sql_[section].leaves[leaf].select, key);
  if (!query.next()) return std::nullopt;
  return decode(definition, columns_of(query, 0, definition.columns.size()).data());
}

void Tables::set_single(SectionId section, std::size_t leaf, const Key& key, const parser::Arguments* value) {
  const auto& sql = sql_[section].leaves[leaf];
  changed(section);
  if (!value) return keyed(sql.clear, key).run();
  auto query = keyed(sql.set, key);
  for (const auto& column : encode(registry_.section(section).leaves[leaf], *value)) query.optional(column);
  query.run();
}

const std::string& Tables::select_like(SectionId section, std::size_t leaf, const std::vector<std::string>& captures) {
  auto& sql = sql_[section].leaves[leaf].select_like[captures];
  if (!sql.empty()) return sql;
  const auto& of = registry_.section(section);
  const auto& definition = of.leaves[leaf];
  sql = fmt::format("SELECT {} FROM {} WHERE {}", names({"position"}, definition.columns), quoted(definition.table),
                    where(of.list_key_columns, of.list_key_columns.size(), "1"));
  for (const auto& column : definition.columns)
    if (std::ranges::find(captures, column.capture) != captures.end())
      sql += fmt::format(" AND {} IS ?", quoted(column.name));
  return sql += " ORDER BY position";
}

std::vector<Tables::Entry> Tables::entries(SectionId section, std::size_t leaf, const Key& key,
                                           const parser::Arguments& given, const std::vector<std::string>& captures) {
  const auto& definition = registry_.section(section).leaves[leaf];
  const auto values = encode(definition, given);
  auto query = keyed(select_like(section, leaf, captures), key);
  for (std::size_t i = 0; i < definition.columns.size(); ++i)
    if (std::ranges::find(captures, definition.columns[i].capture) != captures.end()) query.lent(values[i]);
  return read_entries(query, definition);
}

void Tables::each_entry(SectionId section, std::size_t leaf, const Key& key,
                        const std::function<void(const parser::Arguments&)>& take) {
  const auto& definition = registry_.section(section).leaves[leaf];
  const auto keys = registry_.section(section).list_key_columns.size();
  for (auto query = keyed(sql_[section].leaves[leaf].select_all[keys], key); query.next();)
    take(*decode(definition, columns_of(query, keys + 1, definition.columns.size()).data()));
}

std::vector<Tables::Entry> Tables::read_entries(Query& query, const Leaf& leaf) {
  std::vector<Entry> found;
  while (query.next())
    found.emplace_back(query.column_integer(0), *decode(leaf, columns_of(query, 1, leaf.columns.size()).data()));
  return found;
}

std::vector<Tables::Entry> Tables::greatest(SectionId section, std::size_t leaf, const Key& key,
                                            const std::string& capture) {
  const auto& of = registry_.section(section);
  const auto& definition = of.leaves[leaf];
  const auto column = quoted(std::ranges::find(definition.columns, capture, &Column::capture)->name);
  const auto one = where(of.list_key_columns, of.list_key_columns.size(), "1");
  auto all = key;  // the keys are bound twice
  all.parts.insert(all.parts.end(), key.parts.begin(), key.parts.end());
  auto query = keyed(fmt::format("SELECT {0} FROM {1} WHERE {2} AND {3} = (SELECT max({3}) FROM {1} WHERE {2})",
                                 names({"position"}, definition.columns), quoted(definition.table), one, column),
                     all);
  return read_entries(query, definition);
}

void Tables::append(SectionId section, std::size_t leaf, const Key& key, const parser::Arguments& entry) {
  const auto position = last_position(section, leaf, key) + 1;
  const auto columns = encode(registry_.section(section).leaves[leaf], entry);
  auto query = keyed(sql_[section].leaves[leaf].insert, key);
  query.integer(position);
  for (const auto& column : columns) query.lent(column);
  query.run();
  changed(section);
  if (remembering_) remembered_.last = {section, leaf, key, position};
}

// Of the list's entries; 0 where it is empty.
std::int64_t Tables::last_position(SectionId section, std::size_t leaf, const Key& key) {
  const auto& known = remembered_.last;
  if (known.position != 0 && known.section == section && known.leaf == leaf && known.key == key) return known.position;
  auto query = keyed(sql_[section].leaves[leaf].last_position, key);
  return query.next() ? query.column_integer(0) : 0;
}

void Tables::remember(bool on) {
  remembering_ = on;
  forget();
}

// What was remembered of the section's rows is no longer so.
void Tables::changed(SectionId section) {
  if (remembered_.record && remembered_.record_of == section) remembered_.record.reset();
  if (remembered_.last.section == section) remembered_.last.position = 0;
}

void Tables::replace(SectionId section, std::size_t leaf, const Key& key, std::int64_t position,
                     const parser::Arguments& entry) {
  changed(section);
  Query query(database_, sql_[section].leaves[leaf].replace);
  for (const auto& column : encode(registry_.section(section).leaves[leaf], entry)) query.optional(column);
  for (const auto& part : key.parts) query.text(part);
  query.integer(position);
  query.run();
}

void Tables::erase(SectionId section, std::size_t leaf, const Key& key, std::int64_t position) {
  forget();
  auto query = keyed(sql_[section].leaves[leaf].erase, key);
  query.integer(position);
  query.run();
}

}  // namespace culvert::config
