// The index of ranged leaves (LeafOptions::range): which row's value takes up a number, without reading every row.
//
// A temporary table a leaf, in memory beside running.db, kept by temporary triggers on the section's table. So it
// follows whatever changes that table (a line, a savepoint rolled back, a changeset applied) and is part of no commit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config-store/database.h"
#include "config-store/registry.h"

namespace culvert::config {

class RangeIndex {
 public:
  // Creates the table and its triggers. Requires: the section's table is there, the leaf is a single value with a
  // range, and both outlive the database.
  RangeIndex(Database& database, const Section& section, const Leaf& leaf);

  // The row with the lowest range that meets `wanted`, `but` left out.
  std::optional<Key> meeting(const Range& wanted, const Key& but) const;

 private:
  void define_functions(const Leaf& leaf);
  void create(const Section& section, const Leaf& leaf);

  Database& database_;
  std::string name_, select_;
  std::size_t key_count_;
};

}  // namespace culvert::config
