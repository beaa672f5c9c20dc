#include "ipsec-dataplane/interface.h"

#include <fmt/core.h>

namespace culvert::dataplane {

std::string Mac::to_string() const {
  const auto& o = octets;
  return fmt::format("{:02x}{:02x}.{:02x}{:02x}.{:02x}{:02x}", o[0], o[1], o[2], o[3], o[4], o[5]);
}

}  // namespace culvert::dataplane
