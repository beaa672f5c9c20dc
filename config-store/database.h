// SQLite behind a few words: a database, and queries whose statements are prepared once.
//
// A failure of SQLite (a full disk, a fault of ours in SQL) is thrown as DatabaseError; Store turns it into a refusal.
#pragma once

#include <sqlite3.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config-store/database_error.h"

namespace culvert::config {

class Database {
 public:
  // An empty path is a database in memory. The file is made anew, mode 0600.
  explicit Database(const std::filesystem::path& file);

  sqlite3* handle() const { return handle_.get(); }
  // One or more statements without results.
  void run(const std::string& sql);
  // Whether a file that an earlier run left is no sound database.
  static bool is_damaged(const std::filesystem::path& file);
  sqlite3_stmt* prepared(const std::string& sql);
  [[noreturn]] void fail() const;

 private:
  struct Closer {
    void operator()(sqlite3* db) const { sqlite3_close(db); }
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3, Closer> handle_;
  std::unordered_map<std::string, std::unique_ptr<sqlite3_stmt, Closer>> statements_;
};

// One use of a prepared statement. At most one use of the same SQL at a time.
class Query {
 public:
  Query(Database& database, const std::string& sql) : database_(database), statement_(database.prepared(sql)) {}
  // With the first parameters bound.
  Query(Database& database, const std::string& sql, const std::vector<std::string>& first) : Query(database, sql) {
    for (const auto& value : first) text(value);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  ~Query() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

  // Bind the next parameter.
  Query& text(std::string_view value);
  // The same without a copy: the text lives as long as the query.
  Query& lent(const std::optional<std::string>& value);
  Query& integer(std::int64_t value);
  Query& blob(const void* data, std::size_t size);
  Query& null();
  Query& optional(const std::optional<std::string>& value) { return value ? text(*value) : null(); }

  bool next();            // true while there is a row
  void run() { next(); }  // for statements without rows

  std::optional<std::string> column(int index) const;
  std::int64_t column_integer(int index) const { return sqlite3_column_int64(statement_, index); }
  sqlite3_stmt* statement() const { return statement_; }

 private:
  void bound(int code) const;
  Database& database_;
  sqlite3_stmt* statement_;
  int next_ = 1;
};

}  // namespace culvert::config
