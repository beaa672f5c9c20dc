// docs/command-reference.md, as the definitions of the commands tell it.
#pragma once

#include <string>

namespace culvert::router::testing {

std::string command_reference();

}  // namespace culvert::router::testing
