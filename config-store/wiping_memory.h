// SQLite's memory, wiped when it is given back: rows hold pre-shared keys, and what is freed stands in the process
// until somebody else happens to write over it.
#pragma once

namespace culvert::config {

// Before SQLite is used for the first time in this process; again has no effect.
void wipe_sqlite_memory();

}  // namespace culvert::config
