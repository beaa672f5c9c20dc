// What a specification captures: from this the columns, the row's codecs and the names of modes are derived.
#pragma once

#include <string>
#include <vector>

#include "parser/spec.h"

namespace culvert::config {

struct Capture {
  std::string name;
  bool integer = true;    // every token of that name is a number
  bool repeated = false;  // inside "..."
};
// In the order of the text, each name once.
std::vector<Capture> captures(const parser::Spec& spec);
// A line may match without capturing anything: nothing but the leaf itself then says that it is there.
bool may_capture_nothing(const parser::Spec& spec);
// The keywords before the first value, choice or option: {"crypto", "ikev2", "profile"}.
std::vector<std::string> leading_keywords(const parser::Spec& spec);

}  // namespace culvert::config
