#include "tests/world/rekey_world.h"

#include <fmt/core.h>

#include "tests/world/configurations.h"
#include "tests/world/world.h"

namespace culvert::testing {
namespace {

using namespace std::chrono_literals;
using namespace ike;

class RekeyWorld {
 public:
  RekeyWorld(std::uint64_t seed, bool trace)
      : random_(seed * 2654435761u + 29),
        trace_(trace),
        world_({.seed = seed, .link = link(), .ask_delay_max = std::chrono::milliseconds(random_.below(300))}) {}

  std::string run() {
    populate();
    for (auto i = 3 + random_.below(8); i > 0 && world_.broken.empty(); --i) {
      wait(std::chrono::milliseconds(random_.below(12000)));
      mischief();
    }
    wait(10s);
    world_.network.link = {.delay_min = 1ms, .delay_max = std::chrono::milliseconds(1 + random_.below(60))};
    // What was begun in bad times ends first.
    wait(90s);
    if (!world_.run_until([&] { return agreed(); }, 10min)) return verdict("the two ends did not come to agree");
    if (auto wrong = peace(); !wrong.empty()) return verdict(std::move(wrong));
    return verdict(silence());
  }

 private:
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
  std::uint32_t seconds_between(std::uint32_t least, std::uint32_t most) {
    return least + static_cast<std::uint32_t>(random_.below(most - least));
  }

  Link link() {
    if (one_in(3)) return {.delay_min = 1ms, .delay_max = std::chrono::milliseconds(1 + random_.below(600))};
    return {.loss_percent = static_cast<unsigned>(random_.below(30)),
            .duplicate_percent = static_cast<unsigned>(random_.below(30)),
            .reorder_percent = static_cast<unsigned>(random_.below(30)),
            .delay_min = std::chrono::milliseconds(1),
            .delay_max = std::chrono::milliseconds(1 + random_.below(600))};
  }

  void populate() {
    auto [hq, branch] = world_.pair();
    const bool pfs = one_in(2);
    const auto group = one_in(3) ? Group::modp_2048 : Group::ecp_256;
    std::vector<Node*> order{&hq, &branch};
    if (one_in(2)) std::ranges::reverse(order);
    for (auto* node : order) {
      auto& ipsec = node->configuration.ipsec_profiles["I"];
      ipsec.lifetime_s = seconds_between(25, 60);
      if (pfs) ipsec.pfs = group;
      node->configuration.profiles["P"].lifetime_s = one_in(3) ? 86400 : seconds_between(40, 100);
      use_proposal(node->configuration, {.name = "X",
                                         .encryption = {Encryption::aes_gcm_256},
                                         .integrity = {},
                                         .prf = {Prf::sha256},
                                         .groups = {Group::ecp_256, Group::modp_2048}});
      if (one_in(2)) std::ranges::reverse(node->configuration.proposals["X"].groups);
      node->configure(node->configuration);
      if (one_in(2)) wait(std::chrono::milliseconds(random_.below(3000)));
    }
  }

  void wait(net::Duration duration) {
    world_.advance(duration);
    tell();
  }
  void tell() {
    if (!trace_) return;
    for (auto& node : world_.nodes()) {
      for (const auto& event : node->events)
        fmt::print("{:>8} {} {} {:x}/{:x} {}\n", (world_.now.time_since_epoch() - 1h) / 1ms, node->name,
                   event.initiator ? "I" : "R", event.local_spi, event.remote_spi, event.text);
      node->events.clear();
    }
  }

  void expire(Node& node, Expiry cause) {
    if (!node.installed.empty()) node.report_end(node.installed.back().child, cause);
  }

  void mischief() {
    auto& node = *world_.nodes()[random_.below(2)];
    switch (random_.below(16)) {
      case 0: return node.clear();
      case 1: return expire(node, Expiry::kilobytes_end);
      case 2: return expire(node, Expiry::sequence_number);
      case 3: return one_in(3) ? node.restart() : expire(node, Expiry::kilobytes);
      case 4: return toggle(node);
      case 5:
      case 6:
        for (auto& each : world_.nodes()) expire(*each, Expiry::kilobytes);
        return;
      case 7:
        expire(node, Expiry::kilobytes);
        wait(std::chrono::milliseconds(random_.below(800)));
        return expire(*world_.nodes()[random_.below(2)], Expiry::kilobytes_end);
      case 8: return storm();
      case 9: return race();
      case 10: return jump(node);
      case 11: return node.rekey(RekeyOf::ike_sas);
      default: return expire(node, Expiry::kilobytes);
    }
  }

  // Rekeys of all kinds at both ends, faster than they can end.
  void storm() {
    for (auto i = 2 + random_.below(10); i > 0; --i) {
      auto& node = *world_.nodes()[random_.below(2)];
      node.rekey(one_in(3) ? RekeyOf::ike_sas : RekeyOf::child_sas);
      if (one_in(3)) world_.nodes()[random_.below(2)]->rekey(RekeyOf::ike_sas);
      wait(std::chrono::milliseconds(random_.below(400)));
    }
  }

  // Deletes of IKE SAs and children that meet rekeys, and each other.
  void race() {
    for (auto i = 2 + random_.below(4); i > 0; --i) {
      auto& node = *world_.nodes()[random_.below(2)];
      switch (random_.below(5)) {
        case 0: node.rekey(RekeyOf::ike_sas); break;
        case 1: node.rekey(RekeyOf::child_sas); break;
        case 2: node.clear(); break;
        case 3: expire(node, Expiry::sequence_number); break;
        default: expire(node, Expiry::kilobytes_end);
      }
      wait(std::chrono::milliseconds(random_.below(300)));
    }
  }

  // The clock leaps ahead; then one engine is told an hour that has passed long ago.
  void jump(Node& node) {
    world_.now += std::chrono::milliseconds(random_.below(one_in(4) ? 200000 : 20000));
    node.engine().timeout(world_.now - 1h);
    wait(0ms);
  }

  void toggle(Node& node) {
    for (const bool up : {false, true}) {
      node.configure([&](Configuration& c) { c.tunnels["Tunnel1"].up = up; });
      wait(std::chrono::milliseconds(random_.below(500)));
    }
  }

  // Those that stand; others may still repeat their last response.
  std::vector<SaView> ready(const Node& node) {
    auto rows = node.engine().show(world_.now);
    std::erase_if(rows, [](const SaView& row) { return row.status != SaStatus::ready; });
    return rows;
  }

  // One IKE SA, the same at both ends, and on it one child that both send on.
  bool agreed() {
    tell();
    const auto& a = *world_.nodes()[0];
    const auto& b = *world_.nodes()[1];
    if (!World::joined(a, b)) return false;
    const auto left = ready(a), right = ready(b);
    return left.size() == 1 && right.size() == 1 && left[0].local_spi == right[0].remote_spi &&
           left[0].remote_spi == right[0].local_spi && left[0].children.size() == 1 && right[0].children.size() == 1;
  }

  std::uint64_t initiated() {
    std::uint64_t sum = 0;
    for (const auto& node : world_.nodes()) sum += node->engine().statistics().initiated;
    return sum;
  }
  std::uint64_t rekeyed() {
    std::uint64_t sum = 0;
    for (const auto& node : world_.nodes()) sum += node->engine().statistics().child_rekeys;
    return sum;
  }

  // With a network that loses nothing, SAs follow each other and nobody sees a gap.
  std::string peace() {
    const auto initiated_before = initiated(), rekeyed_before = rekeyed();
    world_.make_before_break = true;
    for (int i = 0; i < 3 && world_.broken.empty(); ++i) {
      wait(std::chrono::seconds(20 + random_.below(20)));
      for (auto& node : world_.nodes())
        if (one_in(2)) node->rekey(one_in(3) ? RekeyOf::ike_sas : RekeyOf::child_sas);
    }
    if (initiated() != initiated_before) return "an IKE SA was begun anew though nothing was lost";
    if (rekeyed() == rekeyed_before) return "nothing was rekeyed";
    if (!world_.run_until([&] { return agreed(); }, 3min)) return "the two ends did not come to agree again";
    world_.make_before_break = false;
    return {};
  }

  // All tunnels down: nothing is left, and no timer.
  std::string silence() {
    for (auto& node : world_.nodes()) node->configure([](Configuration& c) { c.tunnels["Tunnel1"].up = false; });
    wait(4min);
    return world_.leftovers();
  }

  // For a trace: what stands at the end.
  void tell_rows() {
    for (const auto& node : world_.nodes()) {
      for (const auto& row : node->engine().show(world_.now))
        fmt::print("{} {:x}/{:x} {}, {} children, {} s\n", node->name, row.local_spi, row.remote_spi,
                   row.status_description, row.children.size(), row.active_s);
      for (const auto& sa : node->installed)
        fmt::print("{} holds {:x}/{:x}\n", node->name, sa.inbound_spi, sa.outbound_spi);
    }
  }

  std::string verdict(std::string otherwise) {
    if (trace_) tell_rows();
    return world_.broken.empty() ? otherwise : world_.broken;
  }

  net::SeededRandom random_;
  bool trace_;
  World world_;
};

}  // namespace

std::string live_through_rekeys(std::uint64_t seed, bool trace) { return RekeyWorld(seed, trace).run(); }

}  // namespace culvert::testing
