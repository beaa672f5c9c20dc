#include "router/host_stack.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <functional>
#include <thread>
#include <utility>

namespace culvert::router {
namespace {

constexpr const char* device_name = "culvert";

std::string why(std::string_view what) { return fmt::format("{}: {}", what, strerror(errno)); }

// A thread leaves the namespace that it was in by ending; the process stays where it is.
void on_thread(const std::function<void()>& act) { std::thread(act).join(); }

// One request to the kernel's routing, and room for its attributes.
struct Request {
  nlmsghdr header{};
  union {
    ifaddrmsg address;
    rtmsg route;
  };
  std::array<std::byte, 64> attributes{};

  void add(unsigned short type, const void* value, unsigned short size) {
    auto* at = reinterpret_cast<std::byte*>(this) + NLMSG_ALIGN(header.nlmsg_len);
    const rtattr attribute{static_cast<unsigned short>(RTA_LENGTH(size)), type};
    memcpy(at, &attribute, sizeof attribute);
    memcpy(at + RTA_LENGTH(0), value, size);
    header.nlmsg_len = NLMSG_ALIGN(header.nlmsg_len) + RTA_ALIGN(RTA_LENGTH(size));
  }
};

// Sends and awaits the answer, which the kernel gives at once.
bool ask_kernel(int netlink, const Request& request) {
  if (send(netlink, &request, request.header.nlmsg_len, 0) < 0) return false;
  alignas(nlmsghdr) std::array<char, 1024> answer;
  const auto size = recv(netlink, answer.data(), answer.size(), 0);
  const auto* header = reinterpret_cast<const nlmsghdr*>(answer.data());
  if (size < static_cast<ssize_t>(NLMSG_LENGTH(sizeof(nlmsgerr))) || header->nlmsg_type != NLMSG_ERROR) return false;
  errno = -static_cast<const nlmsgerr*>(NLMSG_DATA(header))->error;
  return errno == 0;
}

bool change_address(int netlink, int index, net::Address address, bool add) {
  Request request;
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(ifaddrmsg));
  request.header.nlmsg_type = add ? RTM_NEWADDR : RTM_DELADDR;
  request.header.nlmsg_flags = static_cast<__u16>(NLM_F_REQUEST | NLM_F_ACK | (add ? NLM_F_CREATE : 0));
  request.address = {AF_INET, 32, 0, RT_SCOPE_UNIVERSE, static_cast<__u32>(index)};
  const auto octets = htonl(address.v4_value());
  request.add(IFA_LOCAL, &octets, sizeof octets);
  return ask_kernel(netlink, request);
}

// Everything leads out by the device.
bool add_default_route(int netlink, int index) {
  Request request;
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof(rtmsg));
  request.header.nlmsg_type = RTM_NEWROUTE;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE;
  request.route = {.rtm_family = AF_INET,
                   .rtm_dst_len = 0,
                   .rtm_src_len = 0,
                   .rtm_tos = 0,
                   .rtm_table = RT_TABLE_MAIN,
                   .rtm_protocol = RTPROT_STATIC,
                   .rtm_scope = RT_SCOPE_LINK,
                   .rtm_type = RTN_UNICAST,
                   .rtm_flags = 0};
  request.add(RTA_OIF, &index, sizeof index);
  return ask_kernel(netlink, request);
}

int open_tun() {
  const int tun = ::open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
  ifreq request{};
  strncpy(request.ifr_name, device_name, IFNAMSIZ - 1);
  request.ifr_flags = IFF_TUN | IFF_NO_PI;
  if (tun >= 0 && ioctl(tun, TUNSETIFF, &request) == 0) return tun;
  if (tun >= 0) close(tun);
  return -1;
}

// Up, with the MTU; the index, or 0.
int start_device(int control) {
  ifreq request{};
  strncpy(request.ifr_name, device_name, IFNAMSIZ - 1);
  request.ifr_mtu = HostStack::mtu;
  if (ioctl(control, SIOCSIFMTU, &request) != 0) return 0;
  request.ifr_flags = IFF_UP;
  if (ioctl(control, SIOCSIFFLAGS, &request) != 0) return 0;
  return ioctl(control, SIOCGIFINDEX, &request) == 0 ? request.ifr_ifindex : 0;
}

}  // namespace

std::expected<HostStack, std::string> HostStack::open() {
  HostStack stack;
  std::string fault;
  on_thread([&] {
    if (unshare(CLONE_NEWNET) != 0) {
      fault = why("no network namespace can be made");
      return;
    }
    stack.space_ = ::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
    stack.tun_ = open_tun();
    stack.netlink_ = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    const int control = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (stack.space_ < 0 || stack.tun_ < 0 || stack.netlink_ < 0 || control < 0)
      fault = why("no TUN device can be made");
    else if (stack.index_ = start_device(control); stack.index_ == 0)
      fault = why("the TUN device does not start");
    else if (!add_default_route(stack.netlink_, stack.index_))
      fault = why("the TUN device takes no route");
    close(control);
  });
  if (!fault.empty()) return std::unexpected(fault);
  return stack;
}

HostStack::HostStack(HostStack&& other) noexcept
    : space_(std::exchange(other.space_, -1)),
      tun_(std::exchange(other.tun_, -1)),
      netlink_(std::exchange(other.netlink_, -1)),
      index_(other.index_),
      addresses_(std::move(other.addresses_)) {}

HostStack::~HostStack() {
  for (const auto descriptor : {space_, tun_, netlink_})
    if (descriptor >= 0) close(descriptor);
}

void HostStack::set_addresses(const std::set<net::Address>& addresses) {
  for (const auto& address : addresses_)
    if (!addresses.contains(address)) change_address(netlink_, index_, address, false);
  for (const auto& address : addresses)
    if (!addresses_.contains(address)) change_address(netlink_, index_, address, true);
  addresses_ = addresses;
}

std::expected<int, std::string> HostStack::listen(std::uint16_t port) const {
  int listener = -1;
  std::string fault;
  on_thread([&] {
    if (setns(space_, CLONE_NEWNET) == 0) listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1, leave_df_off = IP_PMTUDISC_DONT;
    sockaddr_in everywhere{};
    everywhere.sin_family = AF_INET;
    everywhere.sin_port = htons(port);
    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(listener, IPPROTO_IP, IP_MTU_DISCOVER, &leave_df_off, sizeof leave_df_off) != 0 ||
        bind(listener, reinterpret_cast<const sockaddr*>(&everywhere), sizeof everywhere) != 0 ||
        ::listen(listener, SOMAXCONN) != 0)
      fault = why(fmt::format("port {} cannot be listened on", port));
  });
  if (fault.empty()) return listener;
  if (listener >= 0) close(listener);
  return std::unexpected(fault);
}

void HostStack::deliver(net::View packet) const {
  [[maybe_unused]] const auto written = write(tun_, packet.data(), packet.size());
}

std::optional<net::Bytes> HostStack::take() const {
  net::Bytes packet(2048);
  const auto size = read(tun_, packet.data(), packet.size());
  if (size <= 0) return std::nullopt;
  packet.resize(static_cast<std::size_t>(size));
  return packet;
}

}  // namespace culvert::router
