// What a person is told who configures an algorithm that is no longer thought safe, and what the log says of it; it is
// accepted all the same.
#pragma once

#include <string>
#include <vector>

#include "ike/algorithm_status.h"
#include "ike/configuration.h"

namespace culvert::ike {

constexpr const char* weak_encryption_warning = "%Warning: weaker encryption algorithm is deprecated";
constexpr const char* weak_hash_warning = "%Warning: weaker hash algorithm is deprecated";
constexpr const char* weak_group_warning = "%Warning: weaker dh-group is deprecated";

// The warning if one of the words names a weak algorithm, else "". `named` turns a word into an optional algorithm.
template <class Named>
std::string weak_warning(const std::vector<std::string>& words, Named named, const char* warning) {
  for (const auto& word : words)
    if (const auto algorithm = named(word); algorithm && is_weak(*algorithm)) return warning;
  return "";
}

// One line for each object of the configuration that names a weak algorithm, for the log: "ikev2 proposal OLD: 3DES,
// DH_GROUP_1024_MODP/Group 2". In the order of the objects; the `default` ones are not looked at.
std::vector<std::string> weak_uses(const Configuration& configuration);

}  // namespace culvert::ike
