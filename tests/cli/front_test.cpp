// What an SSH front, or whoever has taken its place, can send to a router: any octets are acceptable, and nobody has a
// session who has not logged in.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "cli/entrance.h"
#include "cli/server.h"
#include "cli/ssh/front_channel.h"
#include "tests/cli/tiny_router.h"

namespace culvert::cli::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr const char* users =
    "username admin privilege 15 password letmein\nusername guest password guest\n"
    "line vty 0 15\n login local\n";

// A router at whose door somebody stands: what he sends is taken at once, and what became of it can be asked.
class FrontTest : public ::testing::Test {
 protected:
  FrontTest() : router(folder.path()), server(open()) {
    EXPECT_THAT(router.store().load(users), IsEmpty());
    server->start();
  }
  ~FrontTest() override { hang_up(); }

  std::unique_ptr<Server> open() {
    auto opened = Server::open(io, folder.path() / "run" / "console",
                               [this](const Hello& hello, Session::Emit emit, const Visitor& visitor) {
                                 sessions.push_back(visitor.user);
                                 return std::make_unique<Session>(router.host(), hello, std::move(emit), visitor);
                               });
    return std::move(opened.value());
  }

  void come() {
    hang_up();
    std::array<int, 2> pair{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair.data()), 0);
    end = pair[0];
    server->adopt(pair[1], "192.0.2.9",
                  [this](const std::string& user, net::Secret password, const std::string& address,
                         const std::function<void(bool)>& answer) {
                    authenticate(router.host(), user, std::move(password), address, [this, user, answer](bool right) {
                      if (right) accepted.push_back(user);
                      ++verdicts;
                      answer(right);
                    });
                  });
    io.restart();
    io.poll();
  }
  void hang_up() {
    if (end >= 0) ::close(std::exchange(end, -1));
    io.restart();
    io.poll();
  }

  void send(net::View octets) {
    while (!octets.empty()) {
      const auto sent = ::send(end, octets.data(), octets.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the router has hung up
      octets = octets.subspan(static_cast<std::size_t>(sent));
      io.restart();
      io.poll();
    }
  }
  void send(const ClientFrame& frame) {
    net::Bytes octets;
    encode(frame, octets);
    send(octets);
  }
  // What the router has said since it was asked last.
  std::vector<ServerFrame> heard() {
    FrameReader<ServerFrame> reader;
    std::array<std::byte, 4096> octets;
    for (ssize_t size = 0; (size = ::recv(end, octets.data(), octets.size(), 0)) > 0;)
      reader.feed(net::View(octets).first(static_cast<std::size_t>(size)));
    std::vector<ServerFrame> frames;
    for (auto next = reader.next(); next && *next; next = reader.next()) frames.push_back(std::move(**next));
    return frames;
  }
  bool verdict() {
    const auto frames = heard();
    return !frames.empty() && std::holds_alternative<Verdict>(frames.back()) &&
           std::get<Verdict>(frames.back()).accepted;
  }
  bool turned_away() {
    const auto frames = heard();
    return !frames.empty() && std::holds_alternative<Close>(frames.back());
  }

  boost::asio::io_context io;
  TemporaryFolder folder;
  TinyRouter router;
  std::vector<std::string> sessions, accepted;  // whose they are
  std::size_t verdicts = 0;
  std::unique_ptr<Server> server;
  int end = -1;
};

TEST_F(FrontTest, WhoHasLoggedInHasASession) {
  come();
  send(Login{"guest", "wrong", "aes256-ctr", "hmac"});
  EXPECT_FALSE(verdict());
  send(Login{"guest", "guest", "aes256-ctr", "hmac"});
  EXPECT_TRUE(verdict());
  send(Hello{.kind = LineKind::command, .interactive = false});
  EXPECT_THAT(sessions, ElementsAre("guest"));
  send(Line{"show privilege"});
  const auto frames = heard();
  EXPECT_THAT(frames, ::testing::Contains(ServerFrame(Output{"Current privilege level is 1\n"})));
}

TEST_F(FrontTest, WhoHasNotLoggedInIsTurnedAway) {
  for (const ClientFrame& frame : std::initializer_list<ClientFrame>{
           Hello{.kind = LineKind::command}, Line{"show users"}, Help{"show "}, Complete{"sh"}, Answer{"guest"},
           Interrupt{}, Resize{}, Login{"", "guest", "", ""}}) {
    come();
    send(frame);
    EXPECT_TRUE(turned_away());
  }
  come();
  send(Login{"admin", "wrong", "", ""});
  EXPECT_FALSE(verdict());
  send(Hello{.kind = LineKind::command});
  EXPECT_TRUE(turned_away());
  EXPECT_THAT(sessions, IsEmpty());
}

// What a front says of its connection is shown by `show ssh`.
TEST_F(FrontTest, OnlyNamesOfAlgorithmsAreKept) {
  come();
  send(Login{"admin", "letmein", "aes\033[2Jx\r\n256-ctr", std::string(4000, 'm')});
  ASSERT_TRUE(verdict());
  send(Hello{});
  const auto rows = router.lines().rows();
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].cipher, "aes2Jx256-ctr");
  EXPECT_EQ(rows[0].mac, std::string(64, 'm'));
}

// Strangers cannot fill the router, nor keep anybody from its console.
TEST_F(FrontTest, VisitorsAreBounded) {
  std::vector<int> ends;
  for (int i = 0; i < 200; ++i) {
    come();
    ends.push_back(std::exchange(end, -1));
  }
  EXPECT_LE(server->session_count(), 32u);
  for (const auto one : ends) ::close(one);
}

std::uint64_t seed_of_this_run() {
  const auto* given = std::getenv("CULVERT_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

// A frame that somebody might send, sensible or not.
ClientFrame any_frame(net::Random& random) {
  constexpr std::array names{"admin", "guest", "nobody", "", "ad\0min"};
  constexpr std::array words{"letmein", "guest", "", "wrong", "\xff\xfe"};
  constexpr std::array lines{"show users",
                             "enable",
                             "configure terminal",
                             "line vty 0 15",
                             "hostname X",
                             "end",
                             "show ver",
                             "terminal length 3",
                             "test password",
                             "test wait",
                             "exit",
                             "do",
                             "reload",
                             "banner motd #",
                             "clear line 2"};
  const auto one_of = [&](const auto& all) { return std::string(all[random.below(all.size())]); };
  switch (random.below(9)) {
    case 0: return Hello{.version = static_cast<std::uint16_t>(2 + random.below(20) / 19)};
    case 1: return Hello{.kind = static_cast<LineKind>(random.below(4)), .width = 0, .height = 3};
    case 2: return Help{one_of(lines)};
    case 3: return Complete{one_of(lines)};
    case 4: return Answer{one_of(words)};
    case 5: return Interrupt{};
    case 6: return Resize{static_cast<std::uint16_t>(random.u64()), static_cast<std::uint16_t>(random.u64())};
    case 7: return Line{one_of(lines), random.below(4) == 0};
    default: return Login{one_of(names), one_of(words), one_of(words), one_of(lines)};
  }
}

// Some frames, perhaps with a few octets changed, cut short, or with noise at the end.
net::Bytes any_octets(net::Random& random) {
  net::Bytes octets;
  encode(ClientFrame(Login{random.below(2) == 0 ? "admin" : "guest", "guest", "", ""}), octets);
  for (auto count = random.below(12); count > 0; --count) encode(any_frame(random), octets);
  if (random.below(3) == 0)
    for (auto count = 1 + random.below(4); count > 0; --count)
      octets[random.below(octets.size())] = static_cast<std::byte>(random.u64());
  if (random.below(4) == 0) octets.resize(random.below(octets.size()));
  if (random.below(4) == 0)
    for (const auto octet : random.bytes(random.below(64))) octets.push_back(octet);
  return octets;
}

TEST_F(FrontTest, AnyOctetsAreAcceptable) {
  const auto seed = seed_of_this_run();
  SCOPED_TRACE(
      fmt::format("repeat with: CULVERT_SEED={} cli_test --gtest_filter=FrontTest.AnyOctetsAreAcceptable", seed));
  net::SeededRandom random(seed);
  std::size_t admitted = 0, refused = 0;
  for (int round = 0; round < 150; ++round) {
    sessions.clear();
    accepted.clear();
    come();
    const auto octets = any_octets(random);
    for (net::View rest = octets; !rest.empty();) {
      const auto size = std::min<std::size_t>(rest.size(), 1 + random.below(200));
      send(rest.first(size));
      rest = rest.subspan(size);
    }
    hang_up();
    ASSERT_LE(sessions.size(), accepted.size());
    ASSERT_TRUE(sessions.empty() || sessions.front() == accepted.front());
    (accepted.empty() ? refused : admitted) += 1;
    if (const auto left = std::exchange(router.waiting, nullptr)) left->done();
    ASSERT_THAT(router.lines().rows(), IsEmpty());
  }
  EXPECT_GT(admitted, 0u);
  EXPECT_GT(refused, 0u);
  EXPECT_GT(verdicts, 0u);
}

// Of the pair over which the front hands its visitors.
class FrontChannel : public ::testing::Test {
 protected:
  FrontChannel() { EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair.data()), 0); }
  ~FrontChannel() override {
    for (const auto one : pair) ::close(one);
  }
  static std::ptrdiff_t open_descriptors() {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  }
  // A message with so many descriptors.
  void say(std::string text, std::size_t count) {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(4 * sizeof(int))> room{};
    iovec part{text.data(), text.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (count > 0) {
      message.msg_control = room.data();
      message.msg_controllen = CMSG_SPACE(count * sizeof(int));
      auto* header = CMSG_FIRSTHDR(&message);
      header->cmsg_level = SOL_SOCKET;
      header->cmsg_type = SCM_RIGHTS;
      header->cmsg_len = CMSG_LEN(count * sizeof(int));
      for (std::size_t i = 0; i < count; ++i) reinterpret_cast<int*>(CMSG_DATA(header))[i] = STDERR_FILENO;
    }
    ASSERT_EQ(::sendmsg(pair[0], &message, 0), static_cast<ssize_t>(text.size()));
  }

  std::array<int, 2> pair{};
};

TEST_F(FrontChannel, AVisitorComesWithItsAddress) {
  ASSERT_TRUE(ssh::send_visitor(pair[0], STDERR_FILENO, "2001:db8::9"));
  const auto visit = ssh::receive_visitor(pair[1]);
  ASSERT_TRUE(visit);
  EXPECT_EQ(visit->address, "2001:db8::9");
  ::close(visit->descriptor);
}

TEST_F(FrontChannel, WhatIsNoVisitorIsRefusedAndNothingStaysOpen) {
  const auto before = open_descriptors();
  const struct {
    int number;
    std::string text;
    std::size_t descriptors;
  } cases[]{{1, "192.0.2.9", 0},          {2, "192.0.2.9", 2},   {3, "192.0.2.9\n", 1}, {4, "\033[2J", 1},
            {5, std::string(65, '1'), 1}, {6, "192.0.2.9 x", 3}, {7, "ABCD::1", 1},     {8, std::string(1, '\0'), 1}};
  for (const auto& c : cases) {
    say(c.text, c.descriptors);
    EXPECT_FALSE(ssh::receive_visitor(pair[1])) << "case " << c.number;
    EXPECT_EQ(open_descriptors(), before) << "case " << c.number;
  }
}

TEST_F(FrontChannel, SettingsComeAsTheyWere) {
  const ssh::FrontSettings settings{
      .router_name = "hq", .host_keys = {"one", std::string(10'000, 'k')}, .time_out_s = 7, .try_count = 2};
  ASSERT_TRUE(ssh::send_settings(pair[0], settings, {STDERR_FILENO, STDOUT_FILENO}));
  const auto start = ssh::receive_settings(pair[1]);
  ASSERT_TRUE(start);
  EXPECT_EQ(start->settings, settings);
  ASSERT_EQ(start->listeners.size(), 2u);
  for (const auto one : start->listeners) ::close(one);
}

}  // namespace
}  // namespace culvert::cli::testing
