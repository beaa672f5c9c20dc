#include "ipsec-dataplane/kernel_port.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <linux/ethtool.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include "ipsec-dataplane/nft.h"
#include "ipsec-dataplane/xdp_pass.h"

namespace culvert::dataplane {
namespace {

// ioctls about one named interface.
struct Request {
  explicit Request(int on, const std::string& interface) : socket(on) {
    interface.copy(request.ifr_name, IFNAMSIZ - 1);
  }
  bool operator()(unsigned long what) { return ioctl(socket, what, &request) == 0; }

  int socket;
  ifreq request{};
};

// `command` is a structure that begins with what ethtool is to do.
bool ethtool(int socket, const std::string& interface, void* command) {
  Request request(socket, interface);
  request.request.ifr_data = static_cast<char*>(command);
  return request(SIOCETHTOOL);
}

std::string driver_of(int socket, const std::string& interface) {
  ethtool_drvinfo info{};
  info.cmd = ETHTOOL_GDRVINFO;
  return ethtool(socket, interface, &info) ? info.driver : "";
}

void receive_offload_off(int socket, const std::string& interface) {
  ethtool_value value{ETHTOOL_SGRO, 0};
  ethtool(socket, interface, &value);
}

bool is_plain_name(std::string_view name) {
  return !name.empty() && name.size() < IFNAMSIZ &&
         std::ranges::all_of(
             name,
             [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                      c == '_' || c == '.';
             });
}

// Names of nftables objects take neither '-' nor '.' everywhere.
std::string table_of(std::string name) {
  std::ranges::replace_if(name, [](char c) { return c == '-' || c == '.'; }, '_');
  return "culvert_" + name;
}

}  // namespace

KernelPort::KernelPort(std::string interface, unsigned index)
    : interface_(std::move(interface)), index_(index), socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

std::expected<KernelPort, std::string> KernelPort::take(const std::string& interface) {
  if (!is_plain_name(interface)) return std::unexpected(fmt::format("'{}' is no Linux interface name", interface));
  const auto index = if_nametoindex(interface.c_str());
  if (index == 0)
    return std::unexpected(fmt::format("there is no Linux interface '{}'; `ip link` shows those there are", interface));
  KernelPort port(interface, index);
  if (auto blocked = port.block_ingress(); !blocked) return std::unexpected(blocked.error());
  port.disable_ipv6();
  port.remove_addresses();
  if (auto up = port.bring_up(); !up) return std::unexpected(up.error());
  port.stop_offloads();
  return port;
}

KernelPort::KernelPort(KernelPort&& other) noexcept
    : interface_(std::move(other.interface_)),
      index_(other.index_),
      mtu_(other.mtu_),
      blocked_(std::exchange(other.blocked_, false)),
      large_frames_(other.large_frames_),
      xdp_link_(std::exchange(other.xdp_link_, -1)),
      socket_(std::exchange(other.socket_, -1)),
      warning_(std::move(other.warning_)) {}

KernelPort::~KernelPort() {
  if (xdp_link_ >= 0) close(xdp_link_);
  if (socket_ >= 0) close(socket_);
  if (blocked_) run_nft(fmt::format("delete table netdev {}\n", table_of(interface_)));
}

std::expected<void, std::string> KernelPort::block_ingress() {
  const auto table = table_of(interface_);
  const auto rules = fmt::format(
      "table netdev {0}\ndelete table netdev {0}\ntable netdev {0} {{\n"
      "  chain ingress {{ type filter hook ingress device \"{1}\" priority -500; policy drop; }}\n}}\n",
      table, interface_);
  if (auto done = run_nft(rules); !done)
    return std::unexpected(
        fmt::format("cannot keep the kernel's own IP off {}: {}; run as root (CAP_NET_ADMIN and CAP_NET_RAW)",
                    interface_, done.error()));
  blocked_ = true;
  return {};
}

void KernelPort::disable_ipv6() {
  const auto path = fmt::format("/proc/sys/net/ipv6/conf/{}/disable_ipv6", interface_);
  const auto fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0) {
    if (errno != ENOENT) warning_ = fmt::format("cannot switch the kernel's IPv6 off on {}", interface_);
    return;
  }
  if (write(fd, "1\n", 2) != 2) warning_ = fmt::format("cannot switch the kernel's IPv6 off on {}", interface_);
  close(fd);
}

// The kernel gives one address at a time; 0.0.0.0 takes the first one away.
void KernelPort::remove_addresses() {
  for (int i = 0; i < 64; ++i) {
    Request request(socket_, interface_);
    if (!request(SIOCGIFADDR)) return;
    auto& address = reinterpret_cast<sockaddr_in&>(request.request.ifr_addr);
    address.sin_addr.s_addr = INADDR_ANY;
    if (!request(SIOCSIFADDR)) break;
  }
  warning_ = fmt::format("cannot take the kernel's addresses off {}", interface_);
}

std::expected<void, std::string> KernelPort::bring_up() {
  Request request(socket_, interface_);
  if (request(SIOCGIFMTU)) mtu_ = static_cast<std::uint16_t>(std::clamp(request.request.ifr_mtu, 68, 9000));
  if (!request(SIOCGIFFLAGS)) return std::unexpected(fmt::format("cannot read the state of {}", interface_));
  request.request.ifr_flags = static_cast<short>(request.request.ifr_flags | IFF_UP);
  if (!request(SIOCSIFFLAGS))
    return std::unexpected(fmt::format("cannot set {} up ({}); run as root or in a network namespace of your own",
                                       interface_, std::strerror(errno)));
  return {};
}

void KernelPort::stop_offloads() {
  const bool virtual_pair = driver_of(socket_, interface_) == "veth";
  if (virtual_pair) xdp_link_ = attach_xdp_pass(index_);
  receive_offload_off(socket_, interface_);  // attaching XDP has switched it on
  large_frames_ = virtual_pair && xdp_link_ < 0;
  if (large_frames_)
    warning_ = fmt::format(
        "{}: the neighbor's segmentation offload stays on; long TCP segments are cut here, to the "
        "MTU and not to the size their sender meant",
        interface_);
}

// IFF_RUNNING follows the carrier with a delay, ethtool does not.
bool KernelPort::link_up() const {
  ethtool_value link{ETHTOOL_GLINK, 0};
  return ethtool(socket_, interface_, &link) && link.data != 0;
}

namespace {

bool is_packet_socket_of(int fd, unsigned index) {
  int domain = 0;
  socklen_t size = sizeof domain;
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_PACKET) return false;
  sockaddr_ll name{};
  size = sizeof name;
  return getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) == 0 && std::cmp_equal(name.sll_ifindex, index);
}

}  // namespace

int packet_socket_of(unsigned index) {
  auto* directory = opendir("/proc/self/fd");
  if (directory == nullptr) return -1;
  int found = -1;
  while (const auto* entry = readdir(directory)) {
    const auto fd = std::atoi(entry->d_name);
    if (fd > 2 && is_packet_socket_of(fd, index)) found = fd;
  }
  closedir(directory);
  return found;
}

void hear_stations(int packet_socket, unsigned index, const std::set<Mac>& before, const std::set<Mac>& wanted) {
  const auto change = [&](int what, const Mac& mac) {
    packet_mreq request{};
    request.mr_ifindex = static_cast<int>(index);
    request.mr_type = PACKET_MR_MULTICAST;
    request.mr_alen = static_cast<unsigned short>(mac.octets.size());
    std::ranges::copy(mac.octets, request.mr_address);
    setsockopt(packet_socket, SOL_PACKET, what, &request, sizeof request);
  };
  for (const auto& mac : wanted)
    if (!before.contains(mac)) change(PACKET_ADD_MEMBERSHIP, mac);
  for (const auto& mac : before)
    if (!wanted.contains(mac)) change(PACKET_DROP_MEMBERSHIP, mac);
}

}  // namespace culvert::dataplane
