// The parts of a store, for the files that make it: execute.cpp, render.cpp, store.cpp.
#pragma once

#include <set>
#include <utility>
#include <vector>

#include "config-store/execute.h"
#include "config-store/journal.h"
#include "config-store/store.h"
#include "config-store/tables.h"

namespace culvert::config {

class Store::Impl {
 public:
  Impl(const Registry& of, const std::filesystem::path& file)
      : registry(of), database(file), tables(database, of), journal(database), owners(table_owners(of)) {}

  Executor executor(const View& view) { return Executor(registry, tables, permanent, view); }

  const Registry& registry;
  Database database;
  Tables tables;
  Journal journal;
  TableOwners owners;
  std::set<std::pair<ModeId, Key>> permanent;
  std::vector<std::function<void(const Changes&)>> subscribers;
};

// Sorts keys as the running-config lists them.
bool listed_before(const ModeDefinition& mode, const Key& a, const Key& b);

}  // namespace culvert::config
