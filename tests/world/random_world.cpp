#include "tests/world/random_world.h"

#include <array>

#include <fmt/core.h>

#include "tests/world/configurations.h"
#include "tests/world/world.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;

struct Suite {
  Proposal proposal;
  TransformSet set;
};

const std::array<Suite, 8>& suites() {
  static const std::array<Suite, 8> all{
      Suite{{"X", {Encryption::aes_gcm_256}, {}, {Prf::sha384}, {Group::ecp_256}},
            {"T", Encryption::aes_gcm_128, Integrity::none}},
      Suite{{"X", {Encryption::aes_cbc_128}, {Integrity::sha1}, {}, {Group::modp_1024}},
            {"T", Encryption::aes_cbc_128, Integrity::sha1}},
      Suite{{"X", {Encryption::triple_des}, {Integrity::md5}, {}, {Group::modp_1536}},
            {"T", Encryption::triple_des, Integrity::sha256}},
      Suite{{"X",
             {Encryption::aes_cbc_256, Encryption::aes_gcm_128},
             {Integrity::sha512, Integrity::sha256},
             {Prf::sha256},
             {Group::ecp_384, Group::ecp_256}},
            {"T", Encryption::aes_cbc_256, Integrity::sha512}},
      Suite{{"X", {Encryption::aes_cbc_192}, {Integrity::sha384}, {}, {Group::modp_2048, Group::ecp_256}},
            {"T", Encryption::null, Integrity::sha1}},
      Suite{{"X", {Encryption::chacha20_poly1305}, {}, {Prf::sha256}, {Group::x25519, Group::ecp_521}},
            {"T", Encryption::chacha20_poly1305, Integrity::none}},
      Suite{{"X", {Encryption::aes_ctr_256}, {Integrity::sha256}, {}, {Group::modp_3072}},
            {"T", Encryption::aes_ctr_192, Integrity::sha256}},
      Suite{{"X", {Encryption::des}, {Integrity::sha1}, {}, {Group::modp_768, Group::modp_2048_256}},
            {"T", Encryption::des, Integrity::sha1}}};
  return all;
}

class RandomWorld {
 public:
  RandomWorld(std::uint64_t seed, bool trace)
      : random_(seed * 2654435761u + 17),
        trace_(trace),
        world_({.seed = seed, .link = link(), .ask_delay_max = std::chrono::milliseconds(random_.below(60))}) {}

  std::string run() {
    populate();
    for (auto i = random_.below(4); i > 0 && world_.broken.empty(); --i) {
      wait(std::chrono::milliseconds(random_.below(4000)));
      mischief();
    }
    wait(std::chrono::milliseconds(random_.below(3000)));
    make_peace();
    auto verdict = trusting_ ? allies_verdict() : strangers_verdict();
    if (verdict.empty()) verdict = silence();
    return world_.broken.empty() ? verdict : world_.broken;
  }

 private:
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }

  Link link() {
    if (one_in(3)) return {};
    return {.loss_percent = static_cast<unsigned>(random_.below(40)),
            .duplicate_percent = static_cast<unsigned>(random_.below(30)),
            .reorder_percent = static_cast<unsigned>(random_.below(30)),
            .delay_min = std::chrono::milliseconds(1),
            .delay_max = std::chrono::milliseconds(1 + random_.below(400))};
  }

  void wait(net::Duration duration) {
    world_.advance(duration);
    if (!trace_) return;
    for (auto& node : world_.nodes()) {
      for (const auto& event : node->events)
        fmt::print("{:>8} {} {} {:x}/{:x} {}\n", net::whole_seconds(world_.now.time_since_epoch()) - 3600, node->name,
                   event.initiator ? "I" : "R", event.local_spi, event.remote_spi, event.text);
      node->events.clear();
    }
  }

  void populate() {
    auto [hq, branch] = world_.pair();
    const auto& suite = suites()[random_.below(suites().size())];
    for (auto* node : {&hq, &branch}) {
      use_proposal(node->configuration, suite.proposal);
      node->configuration.transform_sets["T"] = suite.set;
      if (one_in(4)) std::ranges::reverse(node->configuration.proposals["X"].groups);
    }
    if (one_in(5)) add_nat(hq, branch);
    if (one_in(8)) spoil_key(hq, branch);
    hq.configure(hq.configuration);
    wait(std::chrono::milliseconds(one_in(2) ? 0 : random_.below(1500)));
    branch.configure(branch.configuration);
  }

  void add_nat(Node& hq, Node& branch) {
    const auto outside = address("203.0.113.7");
    world_.network.add_nat(branch.address, outside);
    hq.configuration.tunnels["Tunnel1"].remote = outside;
    key_for(hq.configuration, "Tunnel1").address = net::Prefix::host(outside);
  }

  void spoil_key(Node& hq, Node& branch) {
    auto& peer = key_for((one_in(2) ? hq : branch).configuration, "Tunnel1");
    (one_in(2) ? peer.local_key : peer.remote_key) = net::Secret(net::as_view("wrong"));
    trusting_ = false;
  }

  void mischief() {
    auto& node = *world_.nodes()[random_.below(2)];
    switch (random_.below(10)) {
      case 0: return node.restart();
      case 1: return node.clear();
      case 2: node.loses_power = true; return;
      case 3: return node.configure([](Configuration& c) { c.tunnels["Tunnel1"].up = false; });
      case 4:
        return node.configure([&](Configuration& c) {
          c.ipsec_profiles["I"].lifetime_s = static_cast<std::uint32_t>(120 + random_.below(3000));
          c.ipsec_profiles["I"].idle_time_s = static_cast<std::uint32_t>(one_in(2) ? 0 : 60 + random_.below(600));
          c.transform_sets["T"].extended_sequence_numbers = one_in(2);
        });
      case 5: return world_.network.forget_nat_ports();
      case 6: return report(node, Expiry::not_installed);
      case 7: return report_invalid_spi(node);
      default: return report(node, Expiry::kilobytes);
    }
  }

  void report(Node& node, Expiry cause) {
    if (!node.installed.empty()) node.report_end(node.installed.back().child, cause);
  }

  // ESP of the peer's, or forged in its name, that the dataplane cannot open.
  void report_invalid_spi(Node& node) {
    const auto& remote = node.configuration.tunnels["Tunnel1"].remote;
    const bool forged = node.installed.empty() || one_in(2);
    node.report_invalid_spi(remote,
                            forged ? static_cast<std::uint32_t>(random_.u64()) : node.installed.back().inbound_spi);
  }

  void make_peace() {
    world_.network.link = {};
    for (auto& node : world_.nodes()) {
      if (node->loses_power) node->restart();
      node->configure([](Configuration& c) { c.tunnels["Tunnel1"].up = true; });
    }
  }

  bool all_joined() {
    if (trace_) wait(0s);
    return World::joined(*world_.nodes()[0], *world_.nodes()[1]);
  }

  std::string allies_verdict() {
    const bool joined = world_.run_until([&] { return all_joined(); }, 10min);
    return joined ? "" : "the two ends did not come to one pair of SAs";
  }

  // All tunnels down: nothing is left.
  std::string silence() {
    for (auto& node : world_.nodes()) node->configure([](Configuration& c) { c.tunnels["Tunnel1"].up = false; });
    wait(4min);
    return world_.leftovers();
  }

  // With a wrong key in one direction nobody keeps an SA: one end cannot believe the other.
  std::string strangers_verdict() {
    wait(90s);
    const bool both = !world_.nodes()[0]->installed.empty() && !world_.nodes()[1]->installed.empty();
    return both ? "SAs stand at both ends though a key is wrong" : "";
  }

  net::SeededRandom random_;
  bool trace_;
  World world_;
  bool trusting_ = true;
};

}  // namespace

std::string live(std::uint64_t seed, bool trace) { return RandomWorld(seed, trace).run(); }

}  // namespace culvert::testing
