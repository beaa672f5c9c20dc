// Two workers on real ports: a packet that arrives at one of them may belong to an SA of the other. Under load every
// flow keeps its order, and no sequence number is used twice or out of turn, in both directions of a tunnel.
//
//   left 10.1.0.2 --- Gi0/0 router Gi0/1 --- 10.2.0.2 right, who is the tunnel's peer and seals by the reference
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "ipsec-dataplane/dataplane.h"
#include "net/checksum.h"
#include "tests/dataplane-esp/reference.h"
#include "tests/dataplane/namespaces.h"

namespace culvert::dataplane {
namespace {

using test::NetworkNamespace;

constexpr std::uint32_t flows = 8, packets_a_flow = 1500;
constexpr std::uint16_t port = 7;

net::Time now() { return net::Time(std::chrono::steady_clock::now().time_since_epoch()); }
net::Prefix prefix(const char* text) { return *net::Prefix::parse(text); }

sockaddr_in endpoint(std::uint32_t address, std::uint16_t number) {
  sockaddr_in a{};
  a.sin_family = AF_INET;
  a.sin_port = htons(number);
  a.sin_addr.s_addr = htonl(address);
  return a;
}

SaParameters keys(SaDirection direction, std::uint32_t spi) {
  SaParameters p;
  p.direction = direction;
  p.spi = spi;
  p.cipher = EspCipher::aes_gcm_16;
  p.cipher_key = net::Secret(net::Bytes(20, std::byte{7}));
  p.local = *net::Address::parse("10.2.0.1");
  p.remote = *net::Address::parse("10.2.0.2");
  p.replay_window_packets = 1024;
  return p;
}

// The count in each flow goes up, whatever was lost.
class Order {
 public:
  void arrived(std::uint32_t flow, std::uint32_t count) {
    auto& last = last_[flow];
    wrong_ += count <= last;
    last = count;
    {
      const std::lock_guard lock(mutex_);
      ++arrived_;
    }
    news_.notify_one();
  }
  // For the sender: until nearly all of `sent` packets have arrived, or for a while. A ring holds a few hundred, and
  // who empties it may have to wait for a processor.
  void keep_pace(std::size_t sent) {
    constexpr std::size_t on_their_way = 200;
    std::unique_lock lock(mutex_);
    news_.wait_for(lock, std::chrono::milliseconds(20), [&] { return arrived_ + on_their_way >= sent; });
  }
  std::size_t wrong() const { return wrong_; }
  std::size_t arrived() const { return arrived_; }
  std::size_t flows_seen() const { return last_.size(); }

 private:
  std::map<std::uint32_t, std::uint32_t> last_;
  std::size_t wrong_ = 0, arrived_ = 0;
  std::mutex mutex_;  // of arrived_
  std::condition_variable news_;
};

// Each thread of this process stays on one processor, and those that it starts with it: a veth hands frames over by the
// processor that sends them, so that a sender who moves overtakes itself.
void stay_on_processors() {
  cpu_set_t all;
  sched_getaffinity(0, sizeof all, &all);
  std::vector<int> processors;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(cpu, &all)) processors.push_back(cpu);
  std::size_t next = 0;
  for (const auto& thread : std::filesystem::directory_iterator("/proc/self/task")) {
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(processors[next++ % processors.size()], &one);
    sched_setaffinity(std::stoi(thread.path().filename()), sizeof one, &one);
  }
}

struct Host {
  NetworkNamespace ns;

  void connect(const NetworkNamespace& router, const std::string& wire, const std::string& own,
               const std::string& gateway) const {
    router.ip("link add " + wire + " type veth peer name eth0 netns " + ns.path());
    ns.ip("link set lo up");
    ns.ip("link set eth0 up");
    ns.ip("addr add " + own + " dev eth0");
    ns.ip("route add default via " + gateway);
  }
  int open(int type, int protocol) const {
    int fd = -1;
    ns.inside([&] { fd = socket(AF_INET, type, protocol); });
    const timeval patience{2, 0};  // the end of what is on its way
    const int room = 8 << 20;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    return fd;
  }
};

// The length of the next packet; 0 when all has been sent, and nothing has come for a while.
std::size_t next(int fd, net::Bytes& packet, const std::atomic<bool>& sent) {
  for (;;) {
    const bool all = sent;
    const auto got = recv(fd, packet.data(), packet.size(), 0);
    if (got > 0) return static_cast<std::size_t>(got);
    if (all) return 0;
  }
}

net::Bytes numbered(std::uint32_t flow, std::uint32_t count) {
  net::Bytes out;
  net::Writer writer(out);
  writer.u32(flow);
  writer.u32(count);
  writer.zeros(80);
  return out;
}

// A UDP packet of a flow from the far network to the left host, as it stands inside ESP.
net::Bytes inner(std::uint32_t flow, std::uint32_t count) {
  const auto payload = numbered(flow, count);
  net::Bytes out;
  net::Writer writer(out);
  writer.u32(0x45000000 | static_cast<std::uint32_t>(28 + payload.size()));
  writer.u32(0);
  writer.u32(0x40110000);
  writer.u32(0x0a090002);
  writer.u32(0x0a010002);
  writer.patch_u16(10, net::checksum(net::View(out)));
  writer.u16(static_cast<std::uint16_t>(20000 + flow));
  writer.u16(port);
  writer.u16(static_cast<std::uint16_t>(8 + payload.size()));
  writer.u16(0);
  writer.bytes(payload);
  return out;
}

class Workers : public testing::Test {
 protected:
  void SetUp() override {
    left.connect(router, "p0", "10.1.0.2/24", "10.1.0.1");
    right.connect(router, "p1", "10.2.0.2/24", "10.2.0.1");
    router.inside([&] {
      auto started = Dataplane::start({.name = "workers-test-" + std::to_string(getpid()),
                                       .ports = {{"Gi0/0", "af_packet:p0"}, {"Gi0/1", "af_packet:p1"}},
                                       .workers = 2});
      ASSERT_TRUE(started.has_value()) << started.error();
      plane = std::move(*started);
    });
    stay_on_processors();
    ASSERT_NE(plane, nullptr);
    plane->apply(now(), {{{.name = "Gi0/0", .up = true, .addresses = {prefix("10.1.0.1/24")}, .tunnel = {}},
                          {.name = "Gi0/1", .up = true, .addresses = {prefix("10.2.0.1/24")}, .tunnel = {}},
                          {.name = "Tunnel0",
                           .kind = InterfaceKind::tunnel,
                           .up = true,
                           .addresses = {},
                           .tunnel = {.local = keys(SaDirection::outbound, spi_out).local,
                                      .remote = keys(SaDirection::outbound, spi_out).remote}}}});
    for (const auto& [to, out] :
         {std::pair("10.1.0.0/24", "Gi0/0"), std::pair("10.2.0.0/24", "Gi0/1"), std::pair("10.9.0.0/24", "Tunnel0")})
      ASSERT_TRUE(plane->set_route(prefix(to), {{out, {}}}));
    ASSERT_TRUE(plane->install_sa("Tunnel0", keys(SaDirection::outbound, spi_out)));
    // The owners of an even and of an odd SPI are two workers.
    for (const auto spi : {spi_even, spi_even + 1})
      ASSERT_TRUE(plane->install_sa("Tunnel0", keys(SaDirection::inbound, spi)));
  }

  // The router's control loop, until both have ended.
  void serve_while(const std::function<void()>& send, const std::function<void()>& receive) {
    std::atomic<int> running{2};
    std::thread sender([&] { send(), --running; }), receiver([&] { receive(), --running; });
    while (running > 0) {
      pollfd waited{plane->punt_fd(), POLLIN, 0};
      poll(&waited, 1, 20);
      plane->service(now());
    }
    sender.join();
    receiver.join();
  }
  std::uint64_t handed_over() const {
    for (const auto& stage : plane->stages())
      if (stage.stage == "injected") return stage.packets;
    return 0;
  }

  static constexpr std::uint32_t spi_out = 0x1001, spi_even = 0x2000;
  NetworkNamespace router;
  Host left, right;
  std::unique_ptr<Dataplane> plane;
};

// What goes into the tunnel: the SA belongs to one worker, the flows arrive at both.
void seal_in_order(const Host& left, const Host& right,
                   const std::function<void(std::function<void()>, std::function<void()>)>& serve, std::uint32_t spi) {
  Order order;
  std::atomic<bool> sent{false};
  std::uint64_t last = 0, out_of_turn = 0;
  const auto send = [&] {
    std::vector<int> sockets;
    for (std::uint32_t flow = 0; flow < flows; ++flow) {
      sockets.push_back(left.open(SOCK_DGRAM, 0));
      const auto own = endpoint(0x0a010002, static_cast<std::uint16_t>(20000 + flow));
      bind(sockets.back(), reinterpret_cast<const sockaddr*>(&own), sizeof own);
    }
    const auto to = endpoint(0x0a090002, port);
    for (std::uint32_t count = 1; count <= packets_a_flow; ++count) {
      order.keep_pace(std::size_t{count} * flows);
      for (std::uint32_t flow = 0; flow < flows; ++flow) {
        const auto payload = numbered(flow, count);
        sendto(sockets[flow], payload.data(), payload.size(), 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
      }
    }
    for (const int fd : sockets) close(fd);
    sent = true;
  };
  const auto fd = right.open(SOCK_RAW, IPPROTO_ESP);
  const auto receive = [&] {
    net::Bytes packet(2048);
    while (const auto got = next(fd, packet, sent)) {
      const auto opened = reference::open(keys(SaDirection::outbound, spi), net::View(packet).first(got));
      ASSERT_TRUE(opened) << opened.error();
      out_of_turn += opened->sequence <= last;
      last = opened->sequence;
      net::Reader said(net::View(opened->payload).subspan(28));
      const auto flow = *said.u32();
      order.arrived(flow, *said.u32());
    }
  };
  serve(send, receive);
  close(fd);
  EXPECT_EQ(out_of_turn, 0u) << "sequence numbers, of " << order.arrived() << " packets";
  EXPECT_EQ(order.wrong(), 0u);
  EXPECT_EQ(order.flows_seen(), flows);
  EXPECT_GT(order.arrived(), 1000u);
}

TEST_F(Workers, KeepEveryFlowInOrderInBothDirections) {
  seal_in_order(left, right, [&](auto send, auto receive) { serve_while(send, receive); }, spi_out);
  EXPECT_GT(handed_over(), 100u) << "every packet arrived at the worker that owns the SA";

  Order order;
  std::atomic<bool> sent{false};
  const auto send = [&] {
    const auto fd = right.open(SOCK_RAW, IPPROTO_RAW);
    const auto router_address = endpoint(0x0a020001, 0);
    for (std::uint32_t count = 1; count <= packets_a_flow; ++count) {
      order.keep_pace(std::size_t{count} * flows);
      for (std::uint32_t flow = 0; flow < flows; ++flow) {
        const auto spi = spi_even + flow % 2;
        auto from_peer = keys(SaDirection::outbound, spi);
        std::swap(from_peer.local, from_peer.remote);
        const std::uint64_t sequence = (count - 1) * (flows / 2) + flow / 2 + 1;
        net::Bytes iv;
        net::Writer(iv).u64(sequence);
        const auto esp =
            reference::seal_text(from_peer, spi, sequence, iv, reference::with_trailer(inner(flow, count), 4, 4));
        const auto packet = reference::with_outer(from_peer, esp);
        sendto(fd, packet.data(), packet.size(), 0, reinterpret_cast<const sockaddr*>(&router_address),
               sizeof router_address);
      }
    }
    close(fd);
    sent = true;
  };
  const auto fd = left.open(SOCK_DGRAM, 0);
  const auto own = endpoint(0x0a010002, port);
  ASSERT_EQ(bind(fd, reinterpret_cast<const sockaddr*>(&own), sizeof own), 0);
  const auto receive = [&] {
    net::Bytes packet(2048);
    while (const auto got = next(fd, packet, sent)) {
      net::Reader said(net::View(packet).first(got));
      const auto flow = *said.u32();
      order.arrived(flow, *said.u32());
    }
  };
  serve_while(send, receive);
  close(fd);
  EXPECT_EQ(order.wrong(), 0u);
  EXPECT_EQ(order.flows_seen(), flows);
  EXPECT_GT(order.arrived(), 1000u);
}

}  // namespace
}  // namespace culvert::dataplane
