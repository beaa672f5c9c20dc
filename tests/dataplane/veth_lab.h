// Two hosts with default offloads on either side of a router, all on veth pairs.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstring>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "ipsec-dataplane/crypto_policy.h"
#include "ipsec-dataplane/dataplane.h"
#include "tests/dataplane/namespaces.h"

namespace culvert::dataplane::test {

using culvert::test::NetworkNamespace;
using net::Prefix;

inline net::Time now() { return net::Time(std::chrono::steady_clock::now().time_since_epoch()); }

inline Prefix prefix(const char* text) { return *Prefix::parse(text); }

inline sockaddr_in endpoint(const char* text, std::uint16_t port) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(port);
  inet_pton(AF_INET, text, &a.sin_addr);
  return a;
}

// A host behind a veth pair whose other end, `port`, is in the router's namespace.
struct Host {
  NetworkNamespace ns;

  void connect(const NetworkNamespace& router, const std::string& port, const std::string& own,
               const std::string& gateway) {
    router.ip("link add " + port + " type veth peer name eth0 netns " + ns.path());
    ns.ip("link set lo up");
    ns.ip("link set eth0 up");
    ns.ip("addr add " + own + " dev eth0");
    ns.ip("route add default via " + gateway);
  }
  int open(int domain, int type, int protocol) const {
    int fd = -1;
    ns.inside([&] { fd = socket(domain, type, protocol); });
    const timeval patience{20, 0};  // so that a broken plane ends the test
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    return fd;
  }
};

class Lab : public testing::Test {
 protected:
  // One EAL a process, hence one lab for all tests.
  static void SetUpTestSuite() {
    lab = new World;
    lab->start();
  }
  static void TearDownTestSuite() {
    delete lab;
    lab = nullptr;
  }

  struct World {
    NetworkNamespace router;
    Host left, right;
    std::unique_ptr<Dataplane> plane;

    void configure(const std::vector<net::Address>& groups, std::shared_ptr<const CryptoPolicy> policy = nullptr) {
      InterfaceConfig one{.name = "Gi0/0", .up = true, .addresses = {prefix("10.1.0.1/24")}, .tunnel = {}};
      InterfaceConfig other{.name = "Gi0/1", .up = true, .addresses = {prefix("10.2.0.1/24")}, .tunnel = {}};
      one.multicast_groups = groups;
      other.crypto_policy = std::move(policy);
      plane->apply(now(), {{one, other}});
    }

    void start() {
      left.connect(router, "p0", "10.1.0.2/24", "10.1.0.1");
      right.connect(router, "p1", "10.2.0.2/24", "10.2.0.1");
      router.ip("addr add 10.1.0.9/24 dev p0");  // what an operator left there
      router.inside([&] {
        auto started = Dataplane::start({.name = "veth-test-" + std::to_string(getpid()),
                                         .ports = {{"Gi0/0", "af_packet:p0"}, {"Gi0/1", "af_packet:p1"}}});
        ASSERT_TRUE(started.has_value()) << started.error();
        plane = std::move(*started);
      });
      ASSERT_NE(plane, nullptr);
      configure({});
      ASSERT_TRUE(plane->set_route(prefix("10.1.0.0/24"), {{"Gi0/0", {}}}));
      ASSERT_TRUE(plane->set_route(prefix("10.2.0.0/24"), {{"Gi0/1", {}}}));
    }
  };

  // The router's control loop, while `action` runs on another thread.
  void while_serving(const std::function<void()>& action) {
    std::atomic<bool> done{false};
    std::thread other([&] {
      action();
      done = true;
    });
    while (!done) {
      pollfd waited{lab->plane->punt_fd(), POLLIN, 0};
      poll(&waited, 1, 20);
      lab->plane->service(now());
    }
    other.join();
  }

  // Sends an echo request and returns the source of the first ICMP that comes back and its type.
  struct Answer {
    std::string from;
    int type = -1;
    int ttl = -1;
  };
  static Answer ping(const Host& host, const char* to, int ttl = 64) {
    const auto fd = host.open(AF_INET, SOCK_RAW, IPPROTO_ICMP);
    setsockopt(fd, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    std::array<std::uint8_t, 64> request{ICMP_ECHO, 0, 0, 0, 0x12, 0x34, 0, 1};
    const std::uint16_t sum = static_cast<std::uint16_t>(~htons(0x0800 + 0x1234 + 1) & 0xffff);
    std::memcpy(&request[2], &sum, 2);
    const auto target = endpoint(to, 0);
    sendto(fd, request.data(), request.size(), 0, reinterpret_cast<const sockaddr*>(&target), sizeof target);
    std::array<std::uint8_t, 512> packet{};
    const auto got = recv(fd, packet.data(), packet.size(), 0);
    close(fd);
    if (got < 28) return {};
    std::array<char, INET_ADDRSTRLEN> from{};
    inet_ntop(AF_INET, &packet[12], from.data(), from.size());
    return {from.data(), packet[20], packet[8]};
  }

  // Sends `octets` octets over TCP and returns how many arrived right.
  static std::size_t transfer(const Host& from, const Host& to, const char* to_address, std::size_t octets) {
    const auto listening = to.open(AF_INET, SOCK_STREAM, 0);
    auto here = endpoint(to_address, 7777);
    const int yes = 1;
    setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    bind(listening, reinterpret_cast<const sockaddr*>(&here), sizeof here);
    listen(listening, 1);
    std::thread sender([&] { send_pattern(from, here, octets); });
    const auto fd = accept(listening, nullptr, nullptr);
    const auto right = count_pattern(fd);
    close(fd);
    close(listening);
    sender.join();
    return right;
  }

  static std::byte pattern(std::size_t i) { return static_cast<std::byte>(i * 31 + (i >> 8) + (i >> 16)); }

  static void send_pattern(const Host& from, const sockaddr_in& to, std::size_t octets) {
    const auto fd = from.open(AF_INET, SOCK_STREAM, 0);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0) {
      std::vector<std::byte> buffer(octets);
      for (std::size_t i = 0; i < octets; ++i) buffer[i] = pattern(i);
      for (std::size_t sent = 0; sent < octets;) {
        const auto n = send(fd, &buffer[sent], octets - sent, MSG_NOSIGNAL);
        if (n <= 0) break;
        sent += static_cast<std::size_t>(n);
      }
    }
    close(fd);
  }

  static std::size_t count_pattern(int fd) {
    std::vector<std::byte> buffer(1 << 16);
    std::size_t right = 0;
    for (ssize_t n; (n = recv(fd, buffer.data(), buffer.size(), 0)) > 0;)
      for (ssize_t i = 0; i < n; ++i) {
        if (buffer[static_cast<std::size_t>(i)] != pattern(right)) return right;
        ++right;
      }
    return right;
  }

  static std::string drops() {
    std::string text;
    for (const auto& d : lab->plane->drops())
      text += std::string(text_of(d.reason).counter) + "=" + std::to_string(d.packets) + " ";
    for (const auto& s : lab->plane->stages()) text += std::string(s.stage) + ":" + std::to_string(s.packets) + " ";
    for (const auto& p : lab->plane->ports()) text += p.warning + " ";
    return text;
  }

  static inline World* lab = nullptr;
};

}  // namespace culvert::dataplane::test
