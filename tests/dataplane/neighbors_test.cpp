// The neighbor engine by itself: time and frames in, outputs out.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "ipsec-dataplane/neighbors.h"
#include "tests/dataplane/seed.h"

namespace culvert::dataplane {
namespace {

using net::Address;
using net::Bytes;
using namespace std::chrono_literals;

constexpr Mac own{{2, 0, 0, 0, 0, 1}}, peer{{2, 0, 0, 0, 0, 2}}, other{{2, 0, 0, 0, 0, 3}};
const Address own_address = Address::v4(0x0a010001), peer_address = Address::v4(0x0a010002);

Bytes arp(std::uint16_t operation, const Mac& mac, Address sender, Address target) {
  Bytes out;
  net::Writer w(out);
  w.u16(1);
  w.u16(0x0800);
  w.u8(6);
  w.u8(4);
  w.u16(operation);
  w.bytes(std::as_bytes(std::span(mac.octets)));
  w.bytes(sender.octets());
  w.zeros(6);
  w.bytes(target.octets());
  return out;
}

class NeighborsTest : public testing::Test {
 protected:
  void SetUp() override {
    engine.interface(now, 1, true, own, {{own_address, 24}});
    drain();
  }
  // Everything the engine says, in one line.
  std::string drain() {
    std::string said;
    while (auto output = engine.poll()) {
      if (const auto* f = std::get_if<SendFrame>(&*output)) said += frame(f->frame);
      if (const auto* r = std::get_if<NeighborResolved>(&*output)) said += "resolved " + r->address.to_string() + "; ";
      if (const auto* l = std::get_if<NeighborLost>(&*output)) said += "lost " + l->address.to_string() + "; ";
      if (const auto* r = std::get_if<ReleasePacket>(&*output)) said += "release " + number(r->packet) + "; ";
      if (const auto* a = std::get_if<AbandonPacket>(&*output)) said += "abandon " + number(a->packet) + "; ";
      if (std::holds_alternative<AddressConflict>(*output)) said += "conflict; ";
    }
    return said;
  }
  static std::string number(const Bytes& packet) { return std::to_string(std::to_integer<int>(packet.at(0))); }
  static std::string frame(const Bytes& f) {
    EXPECT_EQ(f.size(), 42u);
    const bool broadcast = f[0] == std::byte{0xff};
    return (f[21] == std::byte{1} ? "ask " : "answer ") +
           Address::from_octets(std::span(f).subspan(38, 4))->to_string() + (broadcast ? " all; " : " one; ");
  }
  void want(std::uint8_t packet, Address address = peer_address) {
    engine.want(now, 1, address, Bytes{std::byte{packet}});
  }
  void pass(net::Duration time) {
    now += time;
    engine.timeout(now);
  }

  Neighbors engine;
  net::Time now{};
};

TEST_F(NeighborsTest, PacketsWaitUntilTheNeighborAnswers) {
  want(1);
  want(2);
  EXPECT_EQ(drain(), "ask 10.1.0.2 all; ");
  engine.receive(now, 1, arp(2, peer, peer_address, own_address));
  EXPECT_EQ(drain(), "resolved 10.1.0.2; release 1; release 2; ");
}

TEST_F(NeighborsTest, ThreeRequestsThenUnreachableForAWhile) {
  want(1);
  EXPECT_EQ(drain(), "ask 10.1.0.2 all; ");
  for (int i = 0; i < 2; ++i) {
    pass(1s);
    EXPECT_EQ(drain(), "ask 10.1.0.2 all; ");
  }
  pass(1s);
  EXPECT_EQ(drain(), "abandon 1; ");
  want(2);
  EXPECT_EQ(drain(), "abandon 2; ");
  pass(Neighbors::give_up_hold);
  want(3);
  EXPECT_EQ(drain(), "ask 10.1.0.2 all; ");
}

TEST_F(NeighborsTest, OnlySoManyPacketsWait) {
  for (std::uint8_t i = 0; i < 20; ++i) want(i);
  EXPECT_EQ(drain(), "ask 10.1.0.2 all; ");
  engine.receive(now, 1, arp(2, peer, peer_address, own_address));
  EXPECT_EQ(drain(),
            "resolved 10.1.0.2; release 0; release 1; release 2; release 3; release 4; release 5; release 6; "
            "release 7; ");
  EXPECT_EQ(engine.counters().refused, 12u);
}

TEST_F(NeighborsTest, AnswersForItsOwnAddressAndLearnsWhoAsked) {
  engine.receive(now, 1, arp(1, peer, peer_address, own_address));
  EXPECT_EQ(drain(), "resolved 10.1.0.2; answer 10.1.0.2 one; ");
  engine.receive(now, 1, arp(1, peer, peer_address, Address::v4(0x0a010009)));
  EXPECT_EQ(drain(), "");
}

TEST_F(NeighborsTest, LearnsNothingThatWasNotForUs) {
  engine.receive(now, 1, arp(2, peer, peer_address, own_address));             // a reply nobody asked for
  engine.receive(now, 1, arp(1, peer, Address::v4(0xc0000201), own_address));  // no host of our network
  EXPECT_EQ(drain(), "answer 192.0.2.1 one; ");
  EXPECT_EQ(engine.show(now).size(), 1u);
}

TEST_F(NeighborsTest, RefreshedBeforeItAgesOut) {
  want(1);
  engine.receive(now, 1, arp(2, peer, peer_address, own_address));
  drain();
  pass(Neighbors::age_max - Neighbors::refresh_before);
  EXPECT_EQ(drain(), "ask 10.1.0.2 one; ");
  engine.receive(now, 1, arp(2, peer, peer_address, own_address));
  EXPECT_EQ(drain(), "");
  EXPECT_EQ(engine.show(now).back().age_minutes, 0u);
  pass(Neighbors::age_max - Neighbors::refresh_before);
  EXPECT_EQ(drain(), "ask 10.1.0.2 one; ");
  for (int i = 0; i < 2; ++i) {
    pass(20s);
    EXPECT_EQ(drain(), "ask 10.1.0.2 one; ");
  }
  pass(20s);
  EXPECT_EQ(drain(), "lost 10.1.0.2; ");
}

TEST_F(NeighborsTest, ANewMacIsTold) {
  want(1);
  engine.receive(now, 1, arp(2, peer, peer_address, own_address));
  drain();
  engine.receive(now, 1, arp(1, other, peer_address, peer_address));  // it announces itself from another card
  EXPECT_EQ(drain(), "resolved 10.1.0.2; ");
}

TEST_F(NeighborsTest, AnnouncesAddressesAndNoticesConflicts) {
  engine.interface(now, 2, true, own, {{Address::v4(0x0a020001), 24}, {Address::v4(0x0a030001), 24}});
  EXPECT_EQ(drain(), "ask 10.2.0.1 all; ask 10.3.0.1 all; ");
  engine.interface(now, 2, true, own, {{Address::v4(0x0a020001), 24}});
  EXPECT_EQ(drain(), "");
  engine.receive(now, 1, arp(1, peer, own_address, own_address));
  EXPECT_EQ(drain(), "conflict; ask 10.1.0.1 all; ");
  EXPECT_EQ(engine.counters().conflicts, 1u);
}

TEST_F(NeighborsTest, InterfaceDownForgets) {
  want(1);
  engine.receive(now, 1, arp(2, peer, peer_address, own_address));
  want(2, Address::v4(0x0a010005));
  drain();
  engine.interface(now, 1, false, own, {});
  EXPECT_EQ(drain(), "lost 10.1.0.2; abandon 2; ");
  EXPECT_FALSE(engine.deadline().has_value());
  EXPECT_TRUE(engine.show(now).empty());
}

TEST_F(NeighborsTest, AScanIsBounded) {
  engine.interface(now, 1, true, own, {{own_address, 8}});
  drain();
  for (std::uint32_t i = 0; i < 5000; ++i) want(1, Address::v4(0x0a020000 + i));
  EXPECT_LE(engine.show(now).size(), Neighbors::incomplete_max + 1);
  for (std::uint32_t i = 0; i < 40000; ++i)
    engine.receive(now, 1, arp(1, peer, Address::v4(0x0a040000 + i), own_address));
  EXPECT_LE(engine.show(now).size(), Neighbors::entries_max + 1);
}

TEST_F(NeighborsTest, AnyBytesAreAcceptable) {
  const auto seed = test::seed(7);
  std::mt19937_64 random(seed);
  for (int i = 0; i < 20000; ++i) {
    auto frame =
        arp(static_cast<std::uint16_t>(random() % 3), peer, Address::v4(0x0a010000 + random() % 8), own_address);
    frame.resize(random() % 40);
    if (!frame.empty()) frame[random() % frame.size()] = static_cast<std::byte>(random());
    engine.receive(now, 1, frame);
    pass(std::chrono::milliseconds(random() % 2000));
    while (engine.poll()) {
    }
  }
}

// Hosts come, go and change cards; every packet that was given to wait comes back exactly once, or was refused; and a
// neighbor is resolved in the engine's words exactly while it is in its table.
TEST_F(NeighborsTest, EveryPacketComesBackOnce) {
  const auto seed = test::seed(41);
  std::mt19937_64 random(seed);
  std::set<std::uint32_t> waiting, resolved;
  std::uint32_t next = 0, given = 0, returned = 0;
  std::size_t lost = 0;  // that were not resolved before
  const auto settle = [&] {
    while (auto output = engine.poll()) {
      const auto back = [&](const Bytes& packet) {
        ++returned;
        EXPECT_EQ(waiting.erase(*net::Reader(packet).u32()), 1u);
      };
      if (const auto* r = std::get_if<ReleasePacket>(&*output)) back(r->packet);
      if (const auto* a = std::get_if<AbandonPacket>(&*output)) back(a->packet);
      if (const auto* r = std::get_if<NeighborResolved>(&*output)) resolved.insert(r->address.v4_value());
      if (const auto* l = std::get_if<NeighborLost>(&*output)) lost += 1 - resolved.erase(l->address.v4_value());
    }
  };
  for (int step = 0; step < 50000; ++step) {
    const auto host = Address::v4(0x0a010002 + random() % 12);
    switch (random() % 8) {
      case 0: engine.receive(now, 1, arp(2, random() % 4 == 0 ? other : peer, host, own_address)); break;
      case 1: engine.receive(now, 1, arp(1, peer, host, own_address)); break;
      case 2: pass(std::chrono::milliseconds(random() % 3000)); break;
      case 3:
        if (random() % 200 == 0) pass(Neighbors::age_max);
        break;
      case 4:
        if (random() % 500 == 0) engine.clear(now);
        break;
      default: {
        Bytes packet;
        net::Writer(packet).u32(next);
        const auto refused = engine.counters().refused;
        engine.want(now, 1, host, packet);
        if (engine.counters().refused == refused) waiting.insert(next), ++given;
        ++next;
      }
    }
    settle();
    std::set<std::uint32_t> shown;
    for (const auto& row : engine.show(now))
      if (row.mac && row.address != own_address) shown.insert(row.address.v4_value());
    ASSERT_EQ(shown, resolved) << "step " << step << "; "
                               << test::repeat(seed, "dataplane_test", "NeighborsTest.EveryPacketComesBackOnce");
  }
  engine.clear(now);
  settle();
  EXPECT_EQ(lost, 0u);
  EXPECT_EQ(returned, given);
  EXPECT_TRUE(waiting.empty());
}

}  // namespace
}  // namespace culvert::dataplane
