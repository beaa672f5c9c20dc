// The journal: every commit as a changeset of SQLite's session extension, and what can be read from one.
#pragma once

#include <sqlite3.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "config-store/changes.h"
#include "config-store/tables.h"

namespace culvert::config {

using Changeset = std::vector<std::byte>;

// A transaction that records what it changes. Rolled back unless committed. Where it is not `journalled`, it records
// nothing, and its commit cannot be taken back.
class Transaction {
 public:
  explicit Transaction(Database& database, bool journalled = true);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  // Writes the journal and ends the transaction. The changeset is empty where nothing differs.
  Changeset commit();

 private:
  struct Closer {
    void operator()(sqlite3_session* session) const { sqlite3session_delete(session); }
  };
  Changeset recorded();
  Database& database_;
  std::int64_t changes_before_;
  std::unique_ptr<sqlite3_session, Closer> session_;
  bool open_ = true;
};

class Journal {
 public:
  static constexpr std::int64_t kept_max = 1000;  // commits that can be taken back

  explicit Journal(Database& database);
  std::int64_t revision();
  // Every commit after `revision` is still kept.
  bool reaches(std::int64_t revision);
  // Applies the inverse of every commit after `revision`, latest first, within the transaction of the caller.
  void take_back(std::int64_t revision);

 private:
  Database& database_;
};

// Which section, and which of its lists, a table belongs to.
struct TableOwner {
  static constexpr std::size_t row = static_cast<std::size_t>(-1);
  SectionId section;
  std::size_t leaf = row;  // of the list
};
using TableOwners = std::unordered_map<std::string, TableOwner>;
TableOwners table_owners(const Registry& registry);

// The rows that a changeset touches, as they were and as they are.
class CommittedChanges : public Changes {
 public:
  CommittedChanges(const Registry& registry, const TableOwners& owners, Tables& tables, const View& view,
                   const Changeset& changeset);

  bool touches(std::string_view mode_or_table) const override;
  const View& configuration() const override { return view_; }

 private:
  struct Operation {
    int kind;  // SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE
    std::size_t leaf;
    std::int64_t position = 0;
    std::vector<std::pair<std::size_t, std::optional<std::string>>> old;  // the columns that a reversal sets
  };
  void each(std::type_index row, const std::function<void(const Fill&, const Fill&)>& take) const override;
  void add(sqlite3_changeset_iter* iterator, const TableOwners& owners);
  // Turns the row back to what it was before the operations; `exists` likewise.
  void turn_back(const Section& section, const std::vector<Operation>& operations, RawRow& row, bool& exists) const;

  const Registry& registry_;
  Tables& tables_;
  const View& view_;
  std::unordered_map<SectionId, std::map<Key, std::vector<Operation>>> touched_;
  std::vector<std::string> touched_tables_;
};

}  // namespace culvert::config
