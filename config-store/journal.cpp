#include "config-store/journal.h"

#include <algorithm>
#include <cstring>

namespace culvert::config {
namespace {

struct Free {
  void operator()(void* memory) const { sqlite3_free(memory); }
};

void require(const Database& database, int code) {
  if (code != SQLITE_OK) database.fail();
}

std::optional<std::string> text_of(sqlite3_value* value) {
  const auto* text = reinterpret_cast<const char*>(sqlite3_value_text(value));
  if (!text) return std::nullopt;
  return std::string(text, static_cast<std::size_t>(sqlite3_value_bytes(value)));
}

// What an operation knows of a column: deletions and updates the old value, insertions the new.
sqlite3_value* known(sqlite3_changeset_iter* iterator, int kind, std::size_t column) {
  sqlite3_value* value = nullptr;
  if (kind == SQLITE_INSERT)
    sqlite3changeset_new(iterator, static_cast<int>(column), &value);
  else
    sqlite3changeset_old(iterator, static_cast<int>(column), &value);
  return value;
}

int stop_at_conflict(void*, int, sqlite3_changeset_iter*) { return SQLITE_CHANGESET_ABORT; }

}  // namespace

Transaction::Transaction(Database& database, bool journalled)
    : database_(database), changes_before_(sqlite3_total_changes64(database.handle())) {
  Query(database_, "BEGIN").run();
  if (!journalled) return;
  sqlite3_session* session = nullptr;
  const int code = sqlite3session_create(database_.handle(), "main", &session);
  session_.reset(session);
  if (code == SQLITE_OK) {
    sqlite3session_table_filter(
        session, [](void*, const char* table) { return std::strcmp(table, "journal") == 0 ? 0 : 1; }, nullptr);
    if (sqlite3session_attach(session, nullptr) == SQLITE_OK) return;
  }
  sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
  database_.fail();
}

Transaction::~Transaction() {
  session_.reset();
  if (open_) sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

Changeset Transaction::recorded() {
  if (!session_) return {};
  int size = 0;
  void* memory = nullptr;
  require(database_, sqlite3session_changeset(session_.get(), &size, &memory));
  const std::unique_ptr<void, Free> owner(memory);
  const auto* bytes = static_cast<const std::byte*>(memory);
  return Changeset(bytes, bytes + size);
}

Changeset Transaction::commit() {
  auto changeset = recorded();
  const bool unknown = !session_ && sqlite3_total_changes64(database_.handle()) != changes_before_;
  if (!changeset.empty() || unknown) {
    Query(database_, "INSERT INTO journal (revision, changeset) SELECT coalesce(max(revision), 0) + 1, ? FROM journal")
        .blob(unknown ? static_cast<const void*>("") : changeset.data(), changeset.size())
        .run();
    Query(database_, "DELETE FROM journal WHERE revision <= (SELECT max(revision) FROM journal) - ?")
        .integer(Journal::kept_max)
        .run();
  }
  Query(database_, "COMMIT").run();
  open_ = false;
  return changeset;
}

Journal::Journal(Database& database) : database_(database) {
  database_.run("CREATE TABLE journal (revision INTEGER NOT NULL PRIMARY KEY, changeset BLOB NOT NULL)");
}

std::int64_t Journal::revision() {
  Query query(database_, "SELECT coalesce(max(revision), 0) FROM journal");
  query.next();
  return query.column_integer(0);
}

bool Journal::reaches(std::int64_t revision) {
  Query query(database_, "SELECT count(*) FROM journal WHERE revision > ? AND length(changeset) > 0");
  query.integer(revision).next();
  const auto kept = query.column_integer(0);
  return revision >= 0 && kept == std::max<std::int64_t>(0, this->revision() - revision);
}

void Journal::take_back(std::int64_t revision) {
  std::vector<Changeset> commits;
  {
    Query query(database_, "SELECT changeset FROM journal WHERE revision > ? ORDER BY revision DESC");
    query.integer(revision);
    while (query.next()) {
      const auto* bytes = static_cast<const std::byte*>(sqlite3_column_blob(query.statement(), 0));
      commits.emplace_back(bytes, bytes + sqlite3_column_bytes(query.statement(), 0));
    }
  }
  for (auto& commit : commits) {
    int size = 0;
    void* memory = nullptr;
    require(database_, sqlite3changeset_invert(static_cast<int>(commit.size()), commit.data(), &size, &memory));
    const std::unique_ptr<void, Free> inverse(memory);
    require(database_, sqlite3changeset_apply(database_.handle(), size, memory, nullptr, stop_at_conflict, nullptr));
  }
}

TableOwners table_owners(const Registry& registry) {
  TableOwners owners;
  for (SectionId id = 0; id < registry.sections().size(); ++id) {
    const auto& section = registry.section(id);
    owners.emplace(section.table, TableOwner{id});
    for (std::size_t i = 0; i < section.leaves.size(); ++i)
      if (!section.leaves[i].table.empty()) owners.emplace(section.leaves[i].table, TableOwner{id, i});
  }
  return owners;
}

CommittedChanges::CommittedChanges(const Registry& registry, const TableOwners& owners, Tables& tables,
                                   const View& view, const Changeset& changeset)
    : registry_(registry), tables_(tables), view_(view) {
  sqlite3_changeset_iter* iterator = nullptr;
  auto bytes = changeset;
  if (sqlite3changeset_start(&iterator, static_cast<int>(bytes.size()), bytes.data()) != SQLITE_OK)
    throw DatabaseError("a changeset cannot be read");
  while (sqlite3changeset_next(iterator) == SQLITE_ROW) add(iterator, owners);
  sqlite3changeset_finalize(iterator);
}

void CommittedChanges::add(sqlite3_changeset_iter* iterator, const TableOwners& owners) {
  const char* table = nullptr;
  int count = 0, kind = 0, indirect = 0;
  sqlite3changeset_op(iterator, &table, &count, &kind, &indirect);
  const auto owner = owners.at(table);
  if (touched_tables_.empty() || touched_tables_.back() != table) touched_tables_.push_back(table);
  const auto& section = registry_.section(owner.section);
  const auto keys = section.key_columns.size();
  Key key;
  for (std::size_t i = 0; i < keys; ++i) key.parts.push_back(*text_of(known(iterator, kind, i)));
  Operation operation{.kind = kind, .leaf = owner.leaf, .old = {}};
  auto first = keys == 0 ? 1 : keys;  // the global row has an id in the place of a key
  if (owner.leaf != TableOwner::row) {
    operation.position = sqlite3_value_int64(known(iterator, kind, keys));
    first = keys + 1;
  }
  if (kind != SQLITE_INSERT)
    for (auto i = first; i < static_cast<std::size_t>(count); ++i)
      if (auto* value = known(iterator, kind, i)) operation.old.emplace_back(i - first, text_of(value));
  touched_[owner.section][key].push_back(std::move(operation));
}

bool CommittedChanges::touches(std::string_view mode_or_table) const {
  if (std::ranges::find(touched_tables_, mode_or_table) != touched_tables_.end()) return true;
  return std::ranges::any_of(touched_, [&](const auto& touched) {
    const auto mode = registry_.section(touched.first).mode;
    return registry_.mode(mode).definition.name == mode_or_table;
  });
}

void CommittedChanges::turn_back(const Section& section, const std::vector<Operation>& operations, RawRow& row,
                                 bool& exists) const {
  for (const auto& operation : operations) {
    const bool own = operation.leaf == TableOwner::row;
    if (operation.kind == SQLITE_INSERT) {
      if (own)
        exists = false;
      else
        row.lists[operation.leaf].erase(operation.position);
      continue;
    }
    auto& columns = own ? row.columns : row.lists[operation.leaf][operation.position];
    columns.resize(own ? section.column_count : section.leaves[operation.leaf].columns.size());
    for (const auto& [index, value] : operation.old) columns[index] = value;
    exists = exists || own;
  }
}

void CommittedChanges::each(std::type_index type, const std::function<void(const Fill&, const Fill&)>& take) const {
  const auto id = registry_.section_of(type);
  const auto& section = registry_.section(id);
  const auto touched = touched_.find(id);
  if (touched == touched_.end()) return;
  for (const auto& [key, operations] : touched->second) {
    auto rows = tables_.read(id, key);
    bool existed = !rows.empty();
    const auto after = existed ? std::optional(decode(section, key, rows.begin()->second)) : std::nullopt;
    auto raw = existed ? std::move(rows.begin()->second) : RawRow{};
    turn_back(section, operations, raw, existed);
    const auto before = existed ? std::optional(decode(section, key, raw)) : std::nullopt;
    if (before == after) continue;
    const auto fill = [&section](const std::optional<Record>& record) {
      return record ? Fill([&section, &record](void* row) { section.assign(row, *record); }) : Fill{};
    };
    take(fill(before), fill(after));
  }
}

}  // namespace culvert::config
