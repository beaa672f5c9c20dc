// show access-lists, show ip access-lists, clear access-list counters.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "access-lists/access_list.h"
#include "config-store/view.h"
#include "parser/exec_command.h"

namespace culvert::access_lists {

// What the commands look at; it outlives them.
struct ShowSources {
  const config::View& configuration;
  std::function<std::uint64_t(const std::string& list, const Entry& entry)> hits;
  std::function<void(const std::string* list)> clear_hits;  // nullptr: of every list
};

void add_commands(parser::ExecCommands& commands, const ShowSources& sources);

// The text itself; `only` is the name of one list.
std::string show_access_lists(const ShowSources& sources, const std::string* only);

}  // namespace culvert::access_lists
