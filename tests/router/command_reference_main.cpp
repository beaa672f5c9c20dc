// Prints docs/command-reference.md.
#include <fmt/format.h>

#include "tests/router/command_reference.h"

int main() { fmt::print("{}", culvert::router::testing::command_reference()); }
