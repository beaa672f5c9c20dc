#include "router/link_watch.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <utility>

namespace culvert::router {

namespace {

int open_netlink() {
  const int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (fd < 0) return -1;
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK;
  if (bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return fd;
  close(fd);
  return -1;
}

}  // namespace

LinkWatch::LinkWatch(boost::asio::io_context& loop, std::function<void()> changed) : changed_(std::move(changed)) {
  const int fd = open_netlink();
  if (fd < 0) return;
  socket_.emplace(loop, fd);
  wait();
}

void LinkWatch::wait() {
  socket_->async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    drain();
    changed_();
    wait();
  });
}

// What the messages say is not read: a message may be lost, the state of a port cannot.
void LinkWatch::drain() {
  std::array<std::byte, 8192> message;
  while (recv(socket_->native_handle(), message.data(), message.size(), MSG_DONTWAIT) > 0) {
  }
}

}  // namespace culvert::router
