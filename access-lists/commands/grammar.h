// The lines of access lists as specifications, with their help. What they capture is read and written by line.h.
//
//   sequence, action (remark is one), remark, protocol
//   source ("any", or an address), source-wildcard; source-host      the same for destination
//   source-operator, source-port...                                 the same for destination
//   icmp-name, or icmp-type and icmp-code; established; match, flag...; dscp; fragments; log
#pragma once

#include <initializer_list>
#include <string>
#include <vector>

#include "access-lists/access_list.h"

namespace culvert::access_lists {

// A piece of a specification and the help of its tokens.
struct Phrase {
  std::string text;
  std::vector<std::string> help;
};
Phrase operator+(Phrase first, const Phrase& second);  // one after the other
Phrase either(std::initializer_list<Phrase> phrases);
Phrase maybe(const Phrase& phrase);

// `permit ...`, `deny ...` or `remark ...`, without a sequence number.
Phrase rule(Kind kind);
// The same as a line of a list's own mode.
Phrase numbered_rule(Kind kind);
// For the command reference: the rule as a person would write it down.
std::string synopsis(Kind kind);

}  // namespace culvert::access_lists
