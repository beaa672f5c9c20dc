// One line of an access list, and its arguments as the grammar captures them.
//
// Reading makes a line canonical as IOS does: address bits under the wildcard are cleared, a wildcard of ones is `any`,
// one of zeros a host, and numbers that have a name are shown by it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "access-lists/access_list.h"
#include "parser/spec.h"

namespace culvert::access_lists {

struct Line {
  std::uint32_t sequence = 0;         // 0: not said
  std::optional<std::string> remark;  // then `entry` says nothing; empty only in a `no`, where it means any
  Entry entry;                        // its sequence number stands above
  bool operator==(const Line&) const = default;
};
struct StandardLine : Line {
  bool operator==(const StandardLine&) const = default;
};
struct ExtendedLine : Line {
  bool operator==(const ExtendedLine&) const = default;
};

// What is missing in the arguments (of a `no`) stays as in an empty line.
Line read_line(Kind kind, const parser::Arguments& arguments);
parser::Arguments write_line(Kind kind, const Line& line);

// "permit tcp any host 10.1.1.1 eq www": without the sequence number.
std::string text_of(Kind kind, const Line& line);
// The same for show commands, which know a longer form for standard lists ("10.0.10.0, wildcard bits 0.255.0.255").
std::string shown(Kind kind, const Entry& entry);

}  // namespace culvert::access_lists
