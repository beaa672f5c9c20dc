// The outer half of what is sealed, a tunnel interface's or a policy entry's: where its ESP goes, and in what size.
#pragma once

#include <cstdint>
#include <optional>

#include "ipsec-dataplane/interface.h"
#include "net/address.h"

namespace culvert::dataplane {

struct TunnelConfig {
  std::optional<net::Address> local, remote;  // outer addresses; either missing: the tunnel stays down
  std::uint16_t path_mtu = 1500;              // of the interface towards `remote`
  DfBit df_bit = DfBit::copy;
  Fragmentation fragmentation = Fragmentation::before_encryption;
  bool operator==(const TunnelConfig&) const = default;
};

}  // namespace culvert::dataplane
