// Value types: what may stand where a specification says <name:type>.
//
// A value is text checked once and brought into its canonical form ("gi0/1" becomes "GigabitEthernet0/1",
// "0010" becomes "10"). The canonical text is what the configuration stores, compares and renders; rooms turn it into
// their own types with the codecs of config-store.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace culvert::parser {

// The types of a specification:
//   word                   any run of printable characters without white space
//   line                   the rest of the line, inner white space kept; last in a specification
//   u32(1-65535)           a decimal number in the range, both ends included; plain u32 is the whole range
//   ipv4  mask  wildcard   dotted quads; that a mask is contiguous is for the checks to say, since IOS has a text for
//   it prefix                 A.B.C.D/nn interface              an interface name by its unique abbreviation, with or
//   without a space before the number hex                    pairs of hexadecimal digits, brought to lower case time
//   hh:mm:ss
struct ValueType {
  std::string name;                 // "u32"
  std::string argument;             // "1-65535", or empty
  std::string placeholder() const;  // as `?` shows it: "<1-65535>", "WORD", "A.B.C.D", ...
};

// How far a word typed so far fits a value type.
struct ValueMatch {
  std::optional<std::string> canonical;  // set when the whole word is a value of the type
  std::size_t accepted = 0;              // characters from the start that some value of the type could begin with
};
// Requires: valid(type). A blank may stand between the kind and the number of an interface.
ValueMatch match_value(const ValueType& type, std::string_view word);
// Whether the type exists and its argument makes sense.
bool valid(const ValueType& type);

// The interface kinds of this router, most IOS-like first; "GigabitEthernet", "Serial", "Loopback", "Tunnel", "Null".
const std::vector<std::string>& interface_kinds();

}  // namespace culvert::parser
