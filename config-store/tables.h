// The tables of a registry: their schema, and reading and writing of single leaves and whole rows.
//
// A section has one table: the key's columns, then one or more columns a leaf. A list has a table of its own: the key,
// a position, its captures. Text is bound and read as text; SQLite's column affinity makes numbers of it.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config-store/database.h"
#include "config-store/range_index.h"
#include "config-store/registry.h"

namespace culvert::config {

using Columns = std::vector<std::optional<std::string>>;

// A row as the tables hold it.
struct RawRow {
  Columns columns;                                               // of the section's table, without the key
  std::map<std::size_t, std::map<std::int64_t, Columns>> lists;  // leaf, position
};

// Arguments of a leaf in the order of its captures; what the leaf does not capture (the keys in an entering line) is
// left out.
parser::Arguments in_order(const Leaf& leaf, const parser::Arguments& arguments);
Columns encode(const Leaf& leaf, const parser::Arguments& arguments);
// The arguments of these columns; nullopt where all are absent.
std::optional<parser::Arguments> decode(const Leaf& leaf, const std::optional<std::string>* columns);
Record decode(const Section& section, const Key& key, const RawRow& row);

class Tables {
 public:
  // Creates every table.
  Tables(Database& database, const Registry& registry);

  // While many lines are read in one go: keeps what was asked or written last, as long as nothing but these functions
  // writes. forget() is for what is rolled back.
  void remember(bool on);
  void forget() { remembered_ = {}; }

  bool has_row(SectionId section, const Key& key);
  void insert_row(SectionId section, const Key& key);  // fine where it is there
  // The rows of the section, lists included, whose key begins with `prefix`.
  void erase_rows(SectionId section, const Key& prefix);
  // Erases the row where none of its leaves is set.
  void erase_if_empty(SectionId section, const Key& key);
  std::map<Key, RawRow> read(SectionId section, const Key& prefix);
  std::optional<Record> record(SectionId section, const Key& key);

  // Flags, single values and entry arguments; nullptr = absent.
  std::optional<parser::Arguments> single(SectionId section, std::size_t leaf, const Key& key);
  void set_single(SectionId section, std::size_t leaf, const Key& key, const parser::Arguments* value);

  // The key of View::meeting(). Requires: the section has a ranged leaf.
  std::optional<Key> meeting(SectionId section, const Range& wanted, const Key& but) const {
    return ranges_.at(section).meeting(wanted, but);
  }

  using Entry = std::pair<std::int64_t, parser::Arguments>;  // position
  // Entries that agree with `given` in the captures named (those that `given` lacks must be absent there too).
  std::vector<Entry> entries(SectionId section, std::size_t leaf, const Key& key, const parser::Arguments& given,
                             const std::vector<std::string>& captures);
  // Entries with the greatest number under that capture.
  std::vector<Entry> greatest(SectionId section, std::size_t leaf, const Key& key, const std::string& capture);
  // All entries, one at a time, in their order.
  void each_entry(SectionId section, std::size_t leaf, const Key& key,
                  const std::function<void(const parser::Arguments&)>& take);
  void append(SectionId section, std::size_t leaf, const Key& key, const parser::Arguments& entry);
  void replace(SectionId section, std::size_t leaf, const Key& key, std::int64_t position,
               const parser::Arguments& entry);
  void erase(SectionId section, std::size_t leaf, const Key& key, std::int64_t position);

 private:
  struct LeafSql {
    std::string select, set, clear;                               // single
    std::string last_position, insert, replace, erase;            // list
    std::vector<std::string> select_all, erase_all;               // list, by the number of keys given
    std::map<std::vector<std::string>, std::string> select_like;  // list, by the captures that are given
  };
  struct SectionSql {
    std::string exists, insert, erase_if_empty;
    std::vector<std::string> select, erase;  // by the number of keys given
    std::vector<LeafSql> leaves;
  };
  void plan(const Section& section);
  LeafSql plan_single(const Section& section, const Leaf& leaf);
  LeafSql plan_list(const Section& section, const Leaf& leaf);
  void create(const Section& section);
  void create_list(const Section& section, const Leaf& leaf);
  std::int64_t last_position(SectionId section, std::size_t leaf, const Key& key);
  void changed(SectionId section);
  const std::string& select_like(SectionId section, std::size_t leaf, const std::vector<std::string>& captures);
  static std::vector<Entry> read_entries(Query& query, const Leaf& leaf);
  Query keyed(const std::string& sql, const Key& key);

  Database& database_;
  const Registry& registry_;
  std::vector<SectionSql> sql_;
  std::map<SectionId, RangeIndex> ranges_;
  struct LastEntry {
    SectionId section = 0;
    std::size_t leaf = 0;
    Key key;
    std::int64_t position = 0;  // 0 = not known
  };
  struct Remembered {
    std::optional<std::pair<SectionId, Key>> row;  // that exists
    SectionId record_of = 0;
    std::optional<Record> record;
    LastEntry last;
  };
  Remembered remembered_;
  bool remembering_ = false;
};

}  // namespace culvert::config
