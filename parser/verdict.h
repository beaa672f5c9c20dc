// Where a walk that took every word may end.
#pragma once

#include <cstdint>
#include <optional>

#include "parser/walk.h"

namespace culvert::parser {

// The preferred step of the branch in which a command may end, if there is one.
std::optional<std::uint32_t> find_end(const Walk& walk, const Branch& branch);

}  // namespace culvert::parser
