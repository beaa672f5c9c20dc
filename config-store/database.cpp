#include "config-store/database.h"

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

namespace culvert::config {
namespace {

// An empty file of mode 0600; SQLite gives the same mode to its -wal and -shm.
void make_anew(const std::filesystem::path& file) {
  for (const auto* suffix : {"", "-wal", "-shm", "-journal"}) {
    auto old = file;
    old += suffix;
    std::error_code ignored;
    std::filesystem::remove(old, ignored);
  }
  const int fd = ::open(file.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
  if (fd < 0)
    throw DatabaseError(
        fmt::format("{}: {}", file.string(), std::error_code(errno, std::generic_category()).message()));
  ::close(fd);
}

}  // namespace

Database::Database(const std::filesystem::path& file) {
  if (!file.empty()) make_anew(file);
  sqlite3* db = nullptr;
  const int code = sqlite3_open_v2(file.empty() ? ":memory:" : file.c_str(), &db,
                                   SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(db);
  if (code != SQLITE_OK) fail();
  run("PRAGMA secure_delete = ON; PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA temp_store = MEMORY; "
      "PRAGMA cache_size = -65536");  // kB, taken as it is needed: a million lines change pages all over
}

bool Database::is_damaged(const std::filesystem::path& file) {
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file, ignored)) return false;
  sqlite3* raw = nullptr;
  const int opened = sqlite3_open_v2(file.c_str(), &raw, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, nullptr);
  const std::unique_ptr<sqlite3, Closer> db(raw);
  if (opened != SQLITE_OK) return true;
  bool is_sound = false;
  const auto row = [](void* sound, int, char** values, char**) {
    *static_cast<bool*>(sound) = std::string_view(values[0]) == "ok";
    return 0;
  };
  return sqlite3_exec(db.get(), "PRAGMA quick_check(1)", row, &is_sound, nullptr) != SQLITE_OK || !is_sound;
}

void Database::fail() const { throw DatabaseError(sqlite3_errmsg(handle_.get())); }

void Database::run(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail();
}

sqlite3_stmt* Database::prepared(const std::string& sql) {
  auto& kept = statements_[sql];
  if (!kept) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(handle_.get(), sql.c_str(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                           &statement, nullptr) != SQLITE_OK)
      fail();
    kept.reset(statement);
  }
  return kept.get();
}

void Query::bound(int code) const {
  if (code != SQLITE_OK) database_.fail();
}

Query& Query::text(std::string_view value) {
  bound(sqlite3_bind_text(statement_, next_++, value.data(), static_cast<int>(value.size()), SQLITE_TRANSIENT));
  return *this;
}

Query& Query::lent(const std::optional<std::string>& value) {
  if (!value) return null();
  bound(sqlite3_bind_text(statement_, next_++, value->data(), static_cast<int>(value->size()), SQLITE_STATIC));
  return *this;
}

Query& Query::integer(std::int64_t value) {
  bound(sqlite3_bind_int64(statement_, next_++, value));
  return *this;
}

Query& Query::blob(const void* data, std::size_t size) {
  bound(sqlite3_bind_blob64(statement_, next_++, data, size, SQLITE_TRANSIENT));
  return *this;
}

Query& Query::null() {
  bound(sqlite3_bind_null(statement_, next_++));
  return *this;
}

bool Query::next() {
  const int code = sqlite3_step(statement_);
  if (code != SQLITE_ROW && code != SQLITE_DONE) database_.fail();
  return code == SQLITE_ROW;
}

std::optional<std::string> Query::column(int index) const {
  const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement_, index));
  if (!text) return std::nullopt;
  return std::string(text, static_cast<std::size_t>(sqlite3_column_bytes(statement_, index)));
}

}  // namespace culvert::config
