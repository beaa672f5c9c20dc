#include "cli/ssh/front.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <utility>

#include "cli/ssh/visit.h"

namespace culvert::cli::ssh {
namespace {

std::string text_of(const sockaddr_storage& peer) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const auto* v4 = reinterpret_cast<const sockaddr_in*>(&peer);
  const auto* v6 = reinterpret_cast<const sockaddr_in6*>(&peer);
  const bool is_v4 = peer.ss_family == AF_INET;
  inet_ntop(peer.ss_family, is_v4 ? static_cast<const void*>(&v4->sin_addr) : &v6->sin6_addr, text.data(), text.size());
  return text.data();
}

// A visitor whose network has gone leaves his line within minutes.
void keep_alive(int connection) {
  const int on = 1, idle_s = 60, interval_s = 15, count = 4;
  setsockopt(connection, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(connection, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
  setsockopt(connection, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
  setsockopt(connection, IPPROTO_TCP, TCP_KEEPCNT, &count, sizeof count);
  setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

void Front::run() {
  welcome();
  see_off();
}

void Front::welcome() {
  for (;;) {
    auto ready = waits();
    if (poll(ready.data(), ready.size(), -1) < 0) continue;
    if (ready[0].revents != 0) return;  // culvertd says nothing after the start
    const auto listener_count = start_.listeners.size();
    hear_visitors(ready.cbegin() + 1 + static_cast<std::ptrdiff_t>(listener_count));
    for (std::size_t i = 0; i < listener_count; ++i)
      if (ready[1 + i].revents != 0) accept_one(start_.listeners[i]);
  }
}

// Of those who had logged in, culvertd has closed the sessions.
void Front::see_off() {
  for (const auto listener : std::exchange(start_.listeners, {})) close(listener);
  for (const auto& visitor : visitors_)
    if (visitor.stranger) kill(visitor.process, SIGKILL);
  while (!visitors_.empty()) {
    auto all = waits();
    all.front().fd = -1;
    if (poll(all.data(), all.size(), -1) > 0) hear_visitors(all.cbegin() + 1);
  }
}

void Front::hear_visitors(std::vector<pollfd>::const_iterator waits) {
  for (auto& visitor : visitors_)
    if (waits++->revents != 0) hear(visitor);
  std::erase_if(visitors_, [](const Visitor& one) { return one.news < 0; });
}

std::vector<pollfd> Front::waits() const {
  std::vector<pollfd> all{{channel_, POLLIN, 0}};
  for (const auto listener : start_.listeners) all.push_back({listener, POLLIN, 0});
  for (const auto& visitor : visitors_) all.push_back({visitor.news, POLLIN, 0});
  return all;
}

void Front::hear(Visitor& visitor) {
  char octet = 0;
  if (read(visitor.news, &octet, 1) == 1) {
    visitor.stranger = false;
    return;
  }
  waitpid(visitor.process, nullptr, 0);
  close(visitor.news);
  visitor.news = -1;
}

bool Front::has_room_for(const std::string& address) const {
  const auto is_stranger = [](const Visitor& one) { return one.stranger; };
  const auto is_neighbor = [&](const Visitor& one) { return one.stranger && one.address == address; };
  const auto count = [&](const auto& what) { return static_cast<std::size_t>(std::ranges::count_if(visitors_, what)); };
  return visitors_.size() < visitor_count_max && count(is_stranger) < stranger_count_max &&
         count(is_neighbor) < stranger_count_per_address;
}

void Front::accept_one(int listener) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const int connection = accept4(listener, reinterpret_cast<sockaddr*>(&peer), &size, SOCK_CLOEXEC);
  if (connection < 0) return;
  if (const auto address = text_of(peer); has_room_for(address)) receive(connection, address);
  close(connection);
}

void Front::receive(int connection, const std::string& address) {
  std::array<int, 2> session{}, news{};
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, session.data()) != 0) return;
  if (pipe2(news.data(), O_CLOEXEC) != 0 || !send_visitor(channel_, session[1], address)) {
    close(session[0]);
    close(session[1]);
    return;
  }
  keep_alive(connection);
  const auto process = fork();
  if (process == 0) {
    close(session[1]);
    close(news[0]);
    close(channel_);
    for (const auto listener : start_.listeners) close(listener);
    for (const auto& other : visitors_) close(other.news);
    _exit(serve({.connection = connection, .session = session[0], .news = news[1]}, start_.settings));
  }
  close(session[0]);
  close(session[1]);
  close(news[1]);
  if (process > 0)
    visitors_.push_back({.process = process, .news = news[0], .address = address});
  else
    close(news[0]);
}

}  // namespace culvert::cli::ssh
