// `banner motd`: what everybody is shown who comes to a line.
#pragma once

#include <optional>
#include <string>

#include "config-store/definition.h"

namespace culvert::cli {

struct BannerText {
  std::string text;  // with line ends in it
  bool operator==(const BannerText&) const = default;
};
struct Banner {
  std::optional<BannerText> motd;
  bool operator==(const Banner&) const = default;
};

config::SectionDefinition banner_definition();
// As it is shown, begun and ended by a line end; "" where there is none.
std::string motd(const config::View& configuration);

}  // namespace culvert::cli
