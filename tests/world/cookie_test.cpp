// Cookies and limits: newcomers in a flood, and what a flood must not reach (RFC 7296 §2.6; checklist 33; ATTACKS A15).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ike/v2/cookie.h"
#include "tests/world/insider.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;
using wire::NotifyType;

const net::Endpoint stranger{net::Address::v4(0xc6336442), 500};

// An IKE_SA_INIT request as hq would send it, from anywhere.
struct Flood {
  explicit Flood(Sites& sites) : target(sites.branch), world(sites.world) {
    const auto sent = sent_by(world, sites.hq.address);
    request = *wire::Message::parse(sent.front().bytes);
  }
  net::Bytes octets(std::uint64_t spi) {
    request.header.initiator_spi = spi;
    return request.emit();
  }
  // A source and an SPI that nobody has used before.
  void send_spoofed() {
    ++count;
    const net::Endpoint from{net::Address::v4(0x0b000000 + count), 500};
    world.inject(from, {target.address, 500}, octets(count));
  }
  Node& target;
  World& world;
  wire::Message request;
  std::uint32_t count = 0;
};

// hq has begun once, and is silent since; branch serves whoever asks.
struct Besieged : Sites {
  explicit Besieged(std::uint64_t seed = 1) : Sites(seed) {
    branch.loses_power = true;
    hq.restart();
    world.advance(1ms);
    flood.emplace(*this);
    hq.configure([](Configuration& c) { c.tunnels["Tunnel1"].up = false; });
    world.network.lose = [this](const Datagram& d) {  // what branch begins of itself
      const auto header = d.header();
      return header && d.from.address == branch.address && header->from_initiator && !header->is_response;
    };
    branch.restart();
    world.advance(1ms);
  }
  const Statistics& counted() const { return branch.engine().statistics(); }
  // What branch said to a source; empty messages are left out.
  std::vector<wire::Message> answers_to(const net::Endpoint& where) const {
    std::vector<wire::Message> answers;
    for (const auto& datagram : world.network.log)
      if (datagram.to == where) answers.push_back(*wire::Message::parse(datagram.bytes));
    return answers;
  }
  wire::Message ask(std::uint64_t spi) {
    world.network.log.clear();
    world.inject(stranger, {branch.address, 500}, flood->octets(spi));
    world.advance(1ms);
    const auto answers = answers_to(stranger);
    return answers.empty() ? wire::Message{} : answers.back();
  }
  std::optional<Flood> flood;
};

net::Bytes cookie_in(const wire::Message& message) {
  const auto* found = wire::find_notify(message.payloads, NotifyType::cookie);
  return found ? found->data : net::Bytes{};
}

// ---- The cookie itself

v2::CookieSubject about(const net::Bytes& nonce, std::uint32_t address = 1, std::uint64_t spi = 2) {
  return {.initiator_nonce = nonce, .address = net::Address::v4(address), .initiator_spi = spi};
}

TEST(Checklist31, Line33_CookieIsOfNonceAddressAndSpi) {
  net::SeededRandom random(1);
  v2::Cookies cookies;
  const net::Time now{1h};
  const net::Bytes nonce(32, std::byte{1}), other(32, std::byte{2});
  const auto cookie = cookies.make(now, random, about(nonce));
  EXPECT_GE(cookie.size(), 1u);
  EXPECT_LE(cookie.size(), 64u);
  EXPECT_TRUE(cookies.accepts(now, about(nonce), cookie));
  EXPECT_FALSE(cookies.accepts(now, about(other), cookie));
  EXPECT_FALSE(cookies.accepts(now, about(nonce, 3), cookie));
  EXPECT_FALSE(cookies.accepts(now, about(nonce, 1, 3), cookie));
  EXPECT_FALSE(cookies.accepts(now, about(nonce), {}));
  EXPECT_FALSE(v2::Cookies().accepts(now, about(nonce), cookie));
}

TEST(Checklist31, Line33_SecretsRotateAndTheOneBeforeStillCounts) {
  net::SeededRandom random(1);
  v2::Cookies cookies;
  const net::Bytes nonce(16);
  net::Time now{1h};
  const auto first = cookies.make(now, random, about(nonce));
  EXPECT_EQ(cookies.make(now + 59s, random, about(nonce)), first);
  const auto second = cookies.make(now + 60s, random, about(nonce));
  EXPECT_NE(second, first);
  EXPECT_TRUE(cookies.accepts(now + 119s, about(nonce), first));
  EXPECT_FALSE(cookies.accepts(now + 120s, about(nonce), first));
  EXPECT_TRUE(cookies.accepts(now + 120s, about(nonce), second));
  EXPECT_FALSE(cookies.accepts(now + std::chrono::hours(24 * 365 * 68), about(nonce), second));
}

// A wrong octet anywhere, or a wrong length, is refused alike (A41).
TEST(Attacks, A41_CookieIsComparedAsAWhole) {
  net::SeededRandom random(1);
  v2::Cookies cookies;
  const net::Bytes nonce(16);
  const net::Time now{1h};
  const auto good = cookies.make(now, random, about(nonce));
  for (std::size_t i = 0; i < good.size(); ++i) {
    auto bad = good;
    bad[i] ^= std::byte{1};
    EXPECT_FALSE(cookies.accepts(now, about(nonce), bad)) << i;
  }
  EXPECT_FALSE(cookies.accepts(now, about(nonce), net::View(good).first(good.size() - 1)));
}

// ---- The responder

TEST(Checklist31, Line33_ThresholdIsConfigured) {
  Besieged b;
  b.branch.configure([](Configuration& c) { c.limits.cookie_challenge = 3; });
  for (int i = 0; i < 3; ++i) b.flood->send_spoofed();
  EXPECT_EQ(b.counted().half_open, 3u);
  const auto challenge = b.ask(99);
  EXPECT_EQ(challenge.payloads.size(), 1u);
  EXPECT_EQ(challenge.header.message_id, 0u);
  EXPECT_EQ(challenge.header.responder_spi, 0u);
  EXPECT_FALSE(cookie_in(challenge).empty());
  EXPECT_EQ(b.counted().half_open, 3u);  // nothing is kept for it
  EXPECT_EQ(b.counted().cookies_missing, 1u);
  b.branch.configure([](Configuration& c) { c.limits.cookie_challenge = 0; });
  b.world.advance(31s);
  EXPECT_FALSE(cookie_in(b.ask(100)).empty());  // 0: always
}

TEST(Checklist31, Line33_GoodCookieIsServedAndBadOneIsNone) {
  Besieged b;
  b.branch.configure([](Configuration& c) { c.limits.cookie_challenge = 0; });
  const auto cookie = cookie_in(b.ask(7));
  ASSERT_FALSE(cookie.empty());
  auto& payloads = b.flood->request.payloads;
  payloads.insert(payloads.begin(), plain_notify(NotifyType::cookie, cookie));
  EXPECT_FALSE(cookie_in(b.ask(8)).empty());  // of another SPI
  EXPECT_EQ(b.counted().cookies_bad, 1u);
  EXPECT_TRUE(wire::find<wire::KeyExchange>(b.ask(7).payloads));
  EXPECT_EQ(b.counted().cookies_accepted, 1u);
  EXPECT_EQ(b.counted().half_open, 1u);
  std::get<wire::Notify>(payloads.front()).data.assign(200, std::byte{9});
  EXPECT_EQ(cookie_in(b.ask(9)).size(), cookie.size());
}

// The whole way: COOKIE, and then the tunnel.
TEST(Checklist31, Line33_InitiatorRepeatsWithTheCookie) {
  Sites s;
  s.branch.configuration.limits.cookie_challenge = 0;
  ASSERT_TRUE(s.establish());
  EXPECT_EQ(s.branch.engine().statistics().cookies_accepted, 1u);
  EXPECT_EQ(s.world.broken, "");
}

// §2.6.1: the responder wants a cookie and another group; the first cookie serves both retries.
TEST(Checklist31, Line34_CookieAndThenAnotherGroup) {
  Sites s;
  use_proposal(s.hq.configuration, {.name = "X",
                                    .encryption = {Encryption::aes_cbc_256},
                                    .integrity = {Integrity::sha256},
                                    .prf = {},
                                    .groups = {Group::modp_2048, Group::ecp_384}});
  use_proposal(s.branch.configuration, {.name = "X",
                                        .encryption = {Encryption::aes_cbc_256},
                                        .integrity = {Integrity::sha256},
                                        .prf = {},
                                        .groups = {Group::ecp_384}});
  s.branch.configuration.limits.cookie_challenge = 0;
  s.start();
  ASSERT_TRUE(s.world.run_until([&] { return World::joined(s.hq, s.branch); }, 5s));
  EXPECT_THAT(s.said(s.hq), ::testing::ElementsAre("IKE_SA_INIT request 0", "IKE_SA_INIT request 0",
                                                   "IKE_SA_INIT request 0", "IKE_AUTH request 1"));
  EXPECT_EQ(s.branch.engine().statistics().cookies_demanded, 1u);
}

// ---- Floods

// Spoofed sources fill the threshold and no more; the real peer comes through at once, at any time (A15).
TEST(Attacks, A15_RealPeerComesThroughAFlood) {
  for (const int per_second : {34, 1000}) {
    Besieged b;
    const auto wait = std::chrono::microseconds(1'000'000 / per_second);
    for (int i = 0; i < per_second * 40; ++i) {
      b.flood->send_spoofed();
      b.world.advance(wait);
      if (i % 1000 == 0) b.world.network.log.clear();
      ASSERT_LE(b.counted().half_open, 100u);
      ASSERT_LE(b.branch.engine().statistics().sas, 101u);
    }
    b.hq.configure([](Configuration& c) { c.tunnels["Tunnel1"].up = true; });
    const auto end = b.world.now + 2s;
    while (b.world.now < end && !World::joined(b.hq, b.branch)) {
      b.flood->send_spoofed();
      b.world.advance(wait);
    }
    EXPECT_TRUE(World::joined(b.hq, b.branch)) << per_second;
    EXPECT_EQ(b.world.broken, "");
  }
}

TEST(Attacks, A15_HalfOpensExpire) {
  Besieged b;
  for (int i = 0; i < 3000; ++i) b.flood->send_spoofed();
  EXPECT_EQ(b.counted().half_open, 100u);
  EXPECT_EQ(b.counted().cookies_missing, 2900u);
  b.world.advance(31s);
  EXPECT_EQ(b.counted().half_open, 0u);
  EXPECT_LE(b.counted().sas, 1u);  // its own attempt
}

// Real addresses show cookies and fill the limit. Those that do not go on give way to the next.
TEST(Attacks, A15_SilentOnesGiveWay) {
  Besieged b;
  b.branch.configure([](Configuration& c) { c.limits.negotiating_in = 10; });
  const auto served = [&](std::uint64_t spi) {
    auto& payloads = b.flood->request.payloads;
    const auto bare = payloads;
    if (const auto cookie = cookie_in(b.ask(spi)); !cookie.empty()) {
      payloads.insert(payloads.begin(), plain_notify(NotifyType::cookie, cookie));
      const auto answer = b.ask(spi);
      payloads = bare;
      return wire::find<wire::KeyExchange>(answer.payloads) != nullptr;
    }
    return true;
  };
  for (std::uint64_t spi = 1; spi <= 10; ++spi) EXPECT_TRUE(served(spi)) << spi;
  EXPECT_FALSE(served(11));  // the others are too young to go
  EXPECT_EQ(b.counted().half_open_refused, 1u);
  b.world.advance(2s);
  EXPECT_TRUE(served(12));
  EXPECT_EQ(b.counted().half_open_evicted, 1u);
  EXPECT_EQ(b.counted().half_open, 10u);
}

TEST(Limits, OfAllSas) {
  Sites s;
  s.branch.configuration.limits.sas = 1;
  s.branch.configuration.tunnels["Tunnel1"].up = true;
  add_tunnel(s.hq.configuration, "Tunnel2", "192.0.2.1", "192.0.2.2", "secret");
  s.branch.configure(s.branch.configuration);  // its own attempt is the one
  s.hq.configure(s.hq.configuration);
  s.world.network.lose = [&](const Datagram& d) { return d.from.address == s.branch.address; };
  s.world.advance(1s);
  EXPECT_GE(s.branch.engine().statistics().sa_limit_refused, 2u);
  EXPECT_LE(s.branch.engine().statistics().sas, 1u);
}

TEST(Limits, OfOurOwnNegotiations) {
  World world{{.seed = 1}};
  auto& hq = world.add("hq", "192.0.2.1");
  hq.configuration = site();
  for (int i = 1; i <= 5; ++i)
    add_tunnel(hq.configuration, "Tunnel" + std::to_string(i), "192.0.2.1", "198.51.100." + std::to_string(i), "key");
  hq.configuration.limits.negotiating_out = 2;
  hq.configure(hq.configuration);
  EXPECT_EQ(hq.engine().statistics().negotiating_out, 2u);
  EXPECT_TRUE(hq.heard_of(EventKind::half_open_limit, "2 negotiations of our own"));
  world.advance(30min);  // each has its turn
  EXPECT_LE(hq.engine().statistics().negotiating_out, 2u);
  std::set<net::Address> tried;
  for (const auto& event : hq.events)
    if (event.kind == EventKind::neg_abort) tried.insert(event.peer.address);
  EXPECT_GE(hq.engine().statistics().initiated, 10u);
  EXPECT_GE(tried.size(), 2u);
}

}  // namespace
}  // namespace culvert::testing
