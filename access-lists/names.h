// The words of IOS for protocols, ports, ICMP messages and DSCP values, with the help that `?` shows.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace culvert::access_lists {

struct Named {
  std::string_view word;
  std::uint16_t number;
  std::string_view help;
};
std::span<const Named> protocols();  // tcp, udp and icmp have ports or messages, `ip` is none of them: not here
std::span<const Named> tcp_ports();
std::span<const Named> udp_ports();
std::span<const Named> dscp_values();
std::span<const Named> tcp_flags();

struct NamedIcmp {
  std::string_view word;
  std::uint8_t type;
  std::optional<std::uint8_t> code;
  std::string_view help;
};
std::span<const NamedIcmp> icmp_messages();

// The word, or the number as text where it has none. Of two words for one number the first counts.
std::string shown(std::span<const Named> names, std::uint16_t number);
// Of a word of the list or a number.
std::uint16_t number_of(std::span<const Named> names, std::string_view text);

}  // namespace culvert::access_lists
