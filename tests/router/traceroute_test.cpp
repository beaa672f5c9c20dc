// A run of traceroute against answers written by hand, in the layout of IOS.
#include "router/traceroute.h"

#include <gtest/gtest.h>

#include "net/checksum.h"

namespace culvert::router {
namespace {

using namespace std::chrono_literals;

const auto ours = *net::Address::parse("10.0.0.1"), target = *net::Address::parse("10.9.0.1");

struct Probing {
  Traceroute trace;
  net::Time now{};
  std::string text;
  net::Bytes probe;

  explicit Probing(TracerouteRequest request = {.source = ours, .destination = target}) : trace(request, 49152) {
    step();
  }

  void step() {
    if (auto packet = trace.transmit(now)) probe = std::move(*packet);
    text += trace.take_text();
  }
  // An ICMP error about the probe that is out, `after` it was sent.
  void answer(const char* from, std::uint8_t type, std::uint8_t code, net::Duration after = 1ms,
              std::size_t quoted = 28) {
    net::Bytes icmp;
    net::Writer w(icmp);
    w.u8(type);
    w.u8(code);
    w.zeros(6);
    w.bytes(net::View(probe).first(quoted));
    const auto packet =
        build_ipv4({.source = *net::Address::parse(from), .destination = ours, .protocol = Protocol::icmp}, icmp);
    now += after;
    trace.receive(now, *parse_ipv4(packet));
    step();
  }
  void silence() {
    now += 3s;
    trace.timeout(now);
    step();
  }
};

TEST(Traceroute, HopsLossAndTheEnd) {
  Probing run;
  EXPECT_EQ(
      run.trace.heading(),
      "Type escape sequence to abort.\nTracing the route to 10.9.0.1\nVRF info: (vrf in name/id, vrf out name/id)\n");
  EXPECT_EQ(run.probe[8], std::byte{1});
  run.answer("10.0.0.2", 11, 0);
  run.answer("10.0.0.2", 11, 0, 0ms);
  run.answer("10.0.0.6", 11, 0, 12ms);
  EXPECT_EQ(run.probe[8], std::byte{2});
  for (int i = 0; i < 3; ++i) run.silence();
  run.answer("10.9.0.1", 3, 3, 4ms);
  run.silence();
  EXPECT_FALSE(run.trace.finished());
  run.answer("10.9.0.1", 3, 3, 5ms);
  EXPECT_TRUE(run.trace.finished());
  EXPECT_EQ(run.text,
            "  1 10.0.0.2 1 msec 0 msec\n    10.0.0.6 12 msec\n  2  *  *  * \n  3 10.9.0.1 4 msec *  5 msec\n");
}

TEST(Traceroute, UnreachableEndsItWithItsMark) {
  struct Row {
    std::uint8_t code;
    const char* mark;
  };
  for (const auto& row : {Row{0, "!N"}, Row{1, "!H"}, Row{2, "!P"}, Row{4, "!M"}, Row{13, "!A"}, Row{5, "!U"}}) {
    Probing run({.source = ours, .destination = target, .probes = 1});
    run.answer("10.0.0.2", 3, row.code);
    EXPECT_TRUE(run.trace.finished());
    EXPECT_EQ(run.text, std::string("  1 10.0.0.2 ") + row.mark + " \n");
  }
}

TEST(Traceroute, ItEndsWithTheLastTtl) {
  Probing run({.source = ours, .destination = target, .probes = 1, .ttl_first = 5, .ttl_last = 6});
  EXPECT_EQ(run.probe[8], std::byte{5});
  run.silence();
  run.silence();
  EXPECT_TRUE(run.trace.finished());
  EXPECT_EQ(run.text, "  5  * \n  6  * \n");
}

TEST(Traceroute, WhatIsNotAboutTheProbeIsIgnored) {
  Probing run;
  const auto before = run.probe;
  for (std::size_t quoted = 0; quoted < 24; ++quoted) run.answer("10.0.0.2", 11, 0, 0ms, quoted);
  run.probe[23] ^= std::byte{1};  // another port
  run.answer("10.0.0.2", 11, 0, 0ms);
  run.probe = before;
  run.answer("10.0.0.2", 0, 0, 0ms);
  EXPECT_EQ(run.text, "  1 ");
  run.answer("10.0.0.2", 11, 0, 0ms);
  EXPECT_EQ(run.text, "  1 10.0.0.2 0 msec");
}

}  // namespace
}  // namespace culvert::router
