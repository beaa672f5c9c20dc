// The forwarding table: longest prefix to next hop, changed in place while workers look up.
//
// One rte_fib DIR24_8 with 2-byte next hops. A next hop is an index into Tables::adjacencies; index 0 is "no route".
// The contract between the table and the snapshots: an index is written here only after a snapshot that describes it
// has been published, and it is given another meaning only after a grace period that began when no prefix led to it any
// more. A worker may see a prefix before or after a change, never half of it; while the last prefix longer than /24 of
// a /24 is taken out, a look-up running at that moment may still find it.
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <string>

#include "net/address.h"

struct rte_fib;

namespace culvert::dataplane {

class Fib {
 public:
  struct Limits {
    int routes = 65536;
    unsigned long_groups = 4096;  // /24s that hold prefixes longer than /24, 512 octets each
  };
  static constexpr std::uint16_t no_route = 0;
  static constexpr std::uint16_t next_hop_max = 32767;

  // Requires: EAL is up; `name` is unique in the process. Error: not enough memory.
  static std::expected<Fib, std::string> create(const std::string& name, const Limits& limits);

  // Adds the prefix or changes where it leads. False: the table is full. Requires: an IPv4 prefix without host bits.
  bool set(const net::Prefix& prefix, std::uint16_t next_hop);
  void remove(const net::Prefix& prefix);
  // `address` in host order.
  std::uint16_t lookup(std::uint32_t address) const;
  rte_fib* handle() const { return fib_.get(); }

 private:
  struct Free {
    void operator()(rte_fib* fib) const;
  };
  explicit Fib(rte_fib* fib) : fib_(fib) {}
  std::unique_ptr<rte_fib, Free> fib_;
};

}  // namespace culvert::dataplane
