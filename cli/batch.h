// `culvert -c` and scripts: lines run one after the other, without an editor and without pages.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/connection.h"

namespace culvert::cli {

// Runs every command; a question that one asks is answered by Enter, and interrupted where it comes again. Output goes
// to standard output, reasons of a refusal to standard error. 0, or 1 if a command was refused or failed, 2 if the
// router went away.
int run_commands(RouterConnection router, const std::vector<std::string>& commands);

// The same for the lines of `input`, which also answer questions. What was refused is named with its number.
int run_script(RouterConnection router, std::FILE* input);

}  // namespace culvert::cli
