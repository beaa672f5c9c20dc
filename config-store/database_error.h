// What reading and rendering the configuration throws where SQLite fails: a disk that cannot be read, a running.db that
// somebody damaged. Changes are refused instead (store.h). Sessions and the router's turns catch it, say so and go on.
#pragma once

#include <stdexcept>

namespace culvert::config {

struct DatabaseError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace culvert::config
