// The kernel's side of a port that is a Linux interface: it hands us every frame, and otherwise keeps out.
//
// Without this the kernel would answer ARP and pings beside us. An nftables ingress chain drops every frame after our
// packet socket has its copy, IPv6 is switched off on the interface, and addresses are taken from it.
//
// A neighbor on the other end of a veth pair sends TCP segments of up to 64 kB and leaves the cutting to the device. An
// XDP program on our end, which passes everything, makes the kernel cut them on the neighbor's side, to the size that
// TCP meant; where the kernel does not allow one (in a user namespace) the port takes large frames and the plane cuts.
#pragma once

#include <cstdint>
#include <expected>
#include <set>
#include <string>

#include "ipsec-dataplane/interface.h"

namespace culvert::dataplane {

class KernelPort {
 public:
  // Takes the Linux interface over. The error is one line: what is wrong and how to mend it.
  static std::expected<KernelPort, std::string> take(const std::string& interface);
  KernelPort(KernelPort&& other) noexcept;
  KernelPort& operator=(KernelPort&&) = delete;
  ~KernelPort();  // gives it back: the chain goes, the XDP program goes

  unsigned index() const { return index_; }
  std::uint16_t mtu() const { return mtu_; }
  // Frames may be longer than the MTU.
  bool large_frames() const { return large_frames_; }
  const std::string& warning() const { return warning_; }
  bool link_up() const;

 private:
  KernelPort(std::string interface, unsigned index);
  std::expected<void, std::string> bring_up();
  void remove_addresses();
  void disable_ipv6();
  std::expected<void, std::string> block_ingress();
  void stop_offloads();

  std::string interface_;
  unsigned index_;
  std::uint16_t mtu_ = 1500;
  bool blocked_ = false;
  bool large_frames_ = false;
  int xdp_link_ = -1;
  int socket_ = -1;  // for questions about the interface, in the namespace it was taken over in
  std::string warning_;
};

// The AF_PACKET socket among our own descriptors that is bound to Linux interface `index`; -1 if there is none.
int packet_socket_of(unsigned index);

// What that socket hears of multicast: `wanted` stations from now on, after those of `before`. Its interface may be
// one whose hardware lets through only what somebody asked for.
void hear_stations(int packet_socket, unsigned index, const std::set<Mac>& before, const std::set<Mac>& wanted);

}  // namespace culvert::dataplane
