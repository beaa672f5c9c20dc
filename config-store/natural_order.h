// The order in which a person lists names.
#pragma once

#include <string_view>

namespace culvert::config {

// Text by its parts, runs of digits as numbers: "Tunnel9" before "Tunnel10". A total order.
bool natural_before(std::string_view a, std::string_view b);

}  // namespace culvert::config
