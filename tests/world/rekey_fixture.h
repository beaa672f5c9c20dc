// Two sites with a tunnel that stands, on a network whose every message is kept and can be read.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/world/arrows.h"
#include "tests/world/configurations.h"
#include "tests/world/world.h"

namespace culvert::testing {

class RekeyTest : public ::testing::Test {
 protected:
  RekeyTest() {
    for (auto* node : {&hq, &branch}) node->configuration.profiles["P"].dpd.reset();
  }
  void TearDown() override { EXPECT_EQ(world.broken, ""); }

  // hq initiates; what branch begins is lost until the tunnel stands.
  void establish() {
    using namespace std::chrono_literals;
    world.network.lose = [this](const Datagram& d) {
      return d.from.address == branch.address && !d.header()->is_response;
    };
    branch.configure(branch.configuration);
    hq.configure(hq.configuration);
    ASSERT_TRUE(world.run_until([&] { return World::joined(hq, branch); }, 5s));
    world.advance(2min);
    world.network.lose = {};
    world.network.log.clear();
    world.network.keep_log = true;
    world.make_before_break = true;
  }
  // What the dataplane would say at the soft limit of the child in use.
  void rekey_child(Node& node) { node.report_end(node.sending("Tunnel1")->child, ike::Expiry::kilobytes); }
  void settle() { world.advance(std::chrono::seconds(10)); }
  std::vector<std::string> said(const Node& node) const { return said_by(world, node.address); }
  // All that `node` said in this exchange, as requests or as responses.
  std::vector<ike::wire::Payloads> heard_from(const Node& node, ike::wire::ExchangeType exchange, bool response) const {
    std::vector<ike::wire::Payloads> heard;
    for (const auto& datagram : sent_by(world, node.address))
      if (const auto header = datagram.header(); header->exchange == exchange && header->is_response == response)
        heard.push_back(world.read(datagram));
    return heard;
  }

  // Lets the first datagram of this kind from `node` be lost, and only that one.
  void lose_once(const Node& node, ike::wire::ExchangeType exchange, bool response) {
    world.network.lose = [from = node.address, exchange, response, left = 1](const Datagram& d) mutable {
      const auto header = d.header();
      const bool hit =
          left > 0 && d.from.address == from && header->exchange == exchange && header->is_response == response;
      left -= hit;
      return hit;
    };
  }
  // Of two exchanges that crossed, whether that of hq has the lowest of their four nonces (§2.8.1).
  bool hq_has_the_lowest_nonce() const {
    net::Bytes lowest_of_hq, lowest_of_branch;
    for (const auto& datagram : world.network.log) {
      const auto payloads = world.read(datagram);
      const auto* nonce = ike::wire::find<ike::wire::Nonce>(payloads);
      if (!nonce) continue;
      const bool of_hq = (datagram.from.address == hq.address) != datagram.header()->is_response;
      auto& lowest = of_hq ? lowest_of_hq : lowest_of_branch;
      if (lowest.empty() || nonce->value < lowest) lowest = nonce->value;
    }
    EXPECT_FALSE(lowest_of_hq.empty() || lowest_of_branch.empty());
    return lowest_of_hq < lowest_of_branch;
  }
  std::uint64_t child_rekeys() const {
    return hq.engine().statistics().child_rekeys + branch.engine().statistics().child_rekeys;
  }
  std::uint64_t collisions() const {
    return hq.engine().statistics().rekey_collisions + branch.engine().statistics().rekey_collisions;
  }
  // The IKE SA that stands, as `node` sees it.
  ike::SaView row(const Node& node) const {
    for (const auto& sa : node.engine().show(world.now))
      if (sa.status == ike::SaStatus::ready) return sa;
    return {};
  }
  // One child, another than before, and no new IKE_SA_INIT.
  void expect_replaced(std::uint32_t old_spi) {
    EXPECT_TRUE(World::joined(hq, branch));
    EXPECT_NE(hq.sending("Tunnel1")->inbound_spi, old_spi);
    EXPECT_EQ(hq.engine().statistics().initiated, 1u);
  }

  World world{{.seed = 31}};
  std::pair<Node&, Node&> sites = world.pair();
  Node& hq = sites.first;
  Node& branch = sites.second;
};

// Lines of section 3.1 of the RFC checklist, one test a line.
class Checklist31 : public RekeyTest {};

}  // namespace culvert::testing
