// What the router reads out of a startup-config's text by itself, beside loading it.
#pragma once

#include <string>
#include <string_view>

namespace culvert::router {

// True if a line of `text` enters the mode of this interface, however the words are shortened and spaced.
bool speaks_of_interface(std::string_view text, std::string_view interface);

// A line that was refused, fit for the log: what may be a key is hidden, also where its keyword is misspelled.
std::string without_keys(std::string_view line);

}  // namespace culvert::router
