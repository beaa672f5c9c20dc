// TCP at the router's own addresses: the kernel's, in a network namespace that only this process has.
//
// The namespace holds one TUN device, which bears the router's addresses. What the dataplane punts goes in there, and
// what comes out is injected. Nothing else leads in or out, so that the kernel's own idea of routes and neighbors does
// not matter, and the namespace goes when the process does.
#pragma once

#include <expected>
#include <optional>
#include <set>
#include <string>

#include "net/address.h"
#include "net/bytes.h"

namespace culvert::router {

class HostStack {
 public:
  // Needs the right to make a network namespace and a TUN device. The error says what is missing, in one line.
  static std::expected<HostStack, std::string> open();
  HostStack(HostStack&& other) noexcept;
  HostStack& operator=(HostStack&&) = delete;
  ~HostStack();

  // The whole of them; connections at an address that is gone end.
  void set_addresses(const std::set<net::Address>& addresses);
  // A listening socket at every address; the caller's.
  std::expected<int, std::string> listen(std::uint16_t port) const;
  // An IPv4 packet to one of the addresses. Dropped where the device is full.
  void deliver(net::View packet) const;
  // Readable when take() has something.
  int descriptor() const { return tun_; }
  // The next packet that wants out; nullopt where there is none now.
  std::optional<net::Bytes> take() const;

  // What a packet of the kernel's may measure: it fits a tunnel of usual sizes without being cut.
  static constexpr int mtu = 1360;

 private:
  HostStack() = default;
  int space_ = -1, tun_ = -1, netlink_ = -1;
  int index_ = 0;  // of the device
  std::set<net::Address> addresses_;
};

}  // namespace culvert::router
