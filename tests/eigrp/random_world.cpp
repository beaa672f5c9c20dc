#include "tests/eigrp/random_world.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "tests/eigrp/model.h"
#include "tests/eigrp/world.h"

namespace culvert::routing::eigrp::testing {
namespace {

using namespace std::chrono_literals;

class RandomWorld {
 public:
  RandomWorld(std::uint64_t seed, bool trace)
      : random_(seed * 2654435761u + 23),
        trace_(trace),
        world_(seed),
        willful_(one_in(4)),
        rough_(willful_ && one_in(2)) {
    if (willful_) world_.forgives = ended_at_one_end;
    weather();
    build();
  }

  WorldReport run() {
    world_.start();
    wait(one_in(2) ? 12s : milliseconds(3000));
    for (auto i = 1 + random_.below(9); i > 0 && world_.broken.empty(); --i) {
      misfortune();
      wait(one_in(2) ? milliseconds(400) : milliseconds(20'000));
    }
    if (world_.broken.empty()) make_peace();
    WorldReport report{.broken = world_.broken,
                       .strict = !willful_,
                       .lossy = world_is_lossy_,
                       .packets = world_.packets,
                       .unilateral_loops = world_.unilateral_loops};
    if (report.broken.empty()) report.broken = verdict();
    for (std::size_t i = 0; i < world_.size(); ++i)
      if (world_.node(i).alive) report.diffusions += world_.node(i).engine->traffic().queries.sent;
    if (trace_) tell_topologies(report);
    return report;
  }

 private:
  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
  net::Duration milliseconds(std::uint64_t below) { return std::chrono::milliseconds(random_.below(below)); }
  std::size_t some_node() { return random_.below(world_.size()); }

  // Where adjacencies end by what both ends see, no circle is forgiven. A willful router gives one up alone, and its
  // word of that, said once and unacknowledged (RFC 7868 §5.3.1, §6.7.7), is on its way, or lost where the world is
  // rough; until the other end knows, it sends to a router that may have come to send through it. These are the reasons
  // for which that was seen, or can be.
  static bool ended_at_one_end(const std::string& reason) {
    constexpr std::array reasons{"power lost",
                                 "manually cleared",
                                 "peer info changed",
                                 "interface passive",
                                 "holding time expired",
                                 "Interface Goodbye received",
                                 "Interface PEER-TERMINATION received",
                                 "peer restarted"};
    return std::ranges::find(reasons, reason) != reasons.end();
  }

  void weather() {
    if (one_in(16)) return;
    world_is_lossy_ = true;
    world_.weather = {.loss_percent = static_cast<unsigned>(1 + random_.below(30)),
                      .duplicate_percent = static_cast<unsigned>(random_.below(20)),
                      .delay_min = 1ms,
                      .delay_max = std::chrono::milliseconds(1 + random_.below(200))};
    if (rough_) return;
    loss_percent_ = std::exchange(world_.weather.loss_percent, 0);
    world_.filter = [this](const Flight& flight) {
      const bool hello = flight.bytes[1] == std::byte{5};
      return hello || random_.below(100) >= loss_percent_;
    };
  }

  LinkMetric some_link() {
    LinkMetric link{.bandwidth_kbps = 1'000'000, .delay_ps = (1 + random_.below(50)) * 10'000'000};
    if (few_delays_) link.delay_ps = (1 + random_.below(3)) * 10'000'000;
    return link;
  }

  void build() {
    few_delays_ = one_in(2);
    const auto count = 2 + random_.below(11);
    for (std::size_t i = 0; i < count; ++i) world_.add_node(fmt::format("R{}", i + 1));
    for (std::size_t i = 1; i < count; ++i) world_.connect({i, random_.below(i)});
    for (auto extra = random_.below(count + 1); extra > 0; --extra) {
      const auto a = some_node(), b = some_node();
      if (a != b) world_.connect({a, b});
    }
    if (count > 3 && one_in(3)) add_lan();
    for (std::size_t i = 0; i < count; ++i) {
      if (i == 0 || one_in(3)) world_.add_network(i);
      for (auto& interface : world_.node(i).interfaces) interface.link = some_link();
      if (one_in(4)) world_.node(i).configuration.variance = static_cast<std::uint8_t>(1 + random_.below(4));
    }
  }

  void add_lan() {
    std::vector<std::size_t> members;
    for (auto size = 3 + random_.below(3); size > 0; --size)
      if (const auto n = some_node(); std::ranges::find(members, n) == members.end()) members.push_back(n);
    if (members.size() > 1) world_.connect(members);
  }

  template <class... Args>
  void tell(fmt::format_string<Args...> text, Args&&... args) {
    if (!trace_) return;
    tell_events();
    fmt::print("{:>10.3f} -- {}\n", seconds(), fmt::format(text, std::forward<Args>(args)...));
  }
  double seconds() const { return std::chrono::duration<double>(world_.now.time_since_epoch()).count() - 3600; }

  void tell_events() {
    for (std::size_t i = 0; i < world_.size(); ++i) {
      for (const auto& event : world_.node(i).events)
        fmt::print("              {} {}\n", world_.node(i).name, event.text);
      world_.node(i).events.clear();
    }
  }

  void tell_topologies(const WorldReport& report) {
    tell("{}", report.broken.empty() ? "all held" : report.broken);
    for (std::size_t i = 0; i < world_.size() && !report.broken.empty(); ++i) {
      auto& node = world_.node(i);
      if (!node.alive) continue;
      fmt::print("{}\n", node.name);
      for (const auto& n : node.engine->neighbors(world_.now))
        fmt::print("   neighbor {} {} pending {} queued {} seq {}\n", n.address, n.interface, n.pending, n.queued,
                   n.last_sequence);
      for (const auto& view : node.engine->topology(world_.now)) {
        fmt::print("   {} {} o={} FD {} RD {}\n", view.prefix, view.active ? "active" : "passive", view.query_origin,
                   view.feasible_distance, view.advertised);
        for (const auto& p : view.paths)
          fmt::print("       via {} {} {}/{} {}{}\n", p.from, p.interface, p.distance, p.reported_distance,
                     p.successor ? "successor " : "", p.reply_awaited ? "awaited" : "");
        const auto why = node.engine->why(world_.now, view.prefix);
        for (const auto& h : why->history)
          fmt::print("           {:.3f} {}\n", std::chrono::duration<double>(h.when.time_since_epoch()).count() - 3600,
                     h.what);
      }
    }
  }

  void wait(net::Duration duration) {
    world_.advance(duration);
    if (trace_) tell_events();
  }

  void misfortune() {
    switch (random_.below(willful_ ? 16 : 11)) {
      case 0:
      case 1:
      case 2: return turn_segment();
      case 3:
      case 4:
      case 5:
      case 6: return change_cost();
      case 7: return change_paths();
      case 8:
      case 9: return filter_out();
      case 10: return turn_network();
      case 11: return turn_router();
      case 12: return clear();
      case 13: return turn_passive();
      case 14: return turn_stub();
      default: return turn_interface();
    }
  }

  void turn_segment() {
    const auto number = random_.below(world_.segments().size());
    const bool up = !world_.segments()[number].up;
    tell("segment {} {}", number, up ? "up" : "down");
    world_.set_segment(number, up);
  }

  void change_cost() {
    const auto n = some_node();
    auto& interfaces = world_.node(n).interfaces;
    auto& interface = interfaces[random_.below(interfaces.size())];
    interface.link = some_link();
    tell("{} {} delay {} us", world_.node(n).name, interface.name, interface.link.delay_ps / 1'000'000);
    world_.apply(n);
  }

  void change_paths() {
    const auto n = some_node();
    auto& configuration = world_.node(n).configuration;
    configuration.variance = static_cast<std::uint8_t>(1 + random_.below(4));
    configuration.maximum_paths = static_cast<std::uint8_t>(1 + random_.below(4));
    tell("{} variance {} maximum-paths {}", world_.node(n).name, configuration.variance, configuration.maximum_paths);
    world_.configure(n);
  }

  void filter_out() {
    const auto n = some_node();
    auto& node = world_.node(n);
    auto& settings = node.configuration.interfaces[node.interfaces[random_.below(node.interfaces.size())].name];
    const auto& other = world_.node(some_node()).interfaces;
    const auto hidden = other[random_.below(other.size())].addresses.front().network();
    if (settings.filter_out)
      settings.filter_out.reset();
    else
      settings.filter_out = all_but(hidden);
    tell("{} {} {}", node.name, settings.filter_out ? "hides" : "shows again", hidden);
    world_.configure(n);
  }

  void turn_network() {
    const auto n = some_node();
    const auto found = std::ranges::find(world_.node(n).interfaces, "Loopback0", &Interface::name);
    if (found == world_.node(n).interfaces.end()) return;
    found->up = !found->up;
    tell("{} network {}", world_.node(n).name, found->up ? "up" : "down");
    world_.apply(n);
  }

  void turn_router() {
    const auto n = some_node();
    const bool off = world_.node(n).alive;
    tell("{} power {}", world_.node(n).name, off ? "off" : "on");
    off ? world_.power_off(n) : world_.power_on(n);
  }

  void clear() {
    const auto n = some_node();
    if (!world_.node(n).alive) return;
    tell("{} clear neighbors", world_.node(n).name);
    world_.node(n).engine->clear(world_.now);
    world_.drain(n);
  }

  void turn_passive() {
    const auto n = some_node();
    auto& node = world_.node(n);
    auto& settings = node.configuration.interfaces[node.interfaces.front().name];
    settings.passive = !settings.passive.value_or(false);
    tell("{} {} passive {}", node.name, node.interfaces.front().name, *settings.passive);
    world_.configure(n);
  }

  void turn_stub() {
    const auto n = some_node();
    auto& stub = world_.node(n).configuration.stub;
    stub = stub ? std::nullopt : std::optional(StubSettings{});
    tell("{} stub {}", world_.node(n).name, stub.has_value());
    world_.configure(n);
  }

  void turn_interface() {
    const auto n = some_node();
    auto& interface = world_.node(n).interfaces.front();
    if (!interface.up && !segment_up(interface.name)) return;
    interface.up = !interface.up;
    tell("{} {} {}", world_.node(n).name, interface.name, interface.up ? "up" : "down");
    world_.apply(n);
  }

  bool segment_up(const std::string& name) {
    for (std::size_t i = 0; i < world_.segments().size(); ++i)
      if (fmt::format("Gi{}", i) == name) return world_.segments()[i].up;
    return true;
  }

  void make_peace() {
    tell("peace");
    world_.weather = {};
    loss_percent_ = 0;
    for (std::size_t i = 0; i < world_.size(); ++i)
      if (!world_.node(i).alive) world_.power_on(i);
    if (!world_.settle() && world_.broken.empty()) world_.broken = "it never came to rest";
  }

  std::string verdict() { return Model(world_).compare(); }

  net::SeededRandom random_;
  bool trace_;
  World world_;
  bool willful_;  // routers restart, reset their neighbours, and change what they are
  bool rough_;    // HELLOs are lost like other packets
  bool few_delays_ = false;
  unsigned loss_percent_ = 0;
  bool world_is_lossy_ = false;
};

}  // namespace

WorldReport live(std::uint64_t seed, bool trace) { return RandomWorld(seed, trace).run(); }

}  // namespace culvert::routing::eigrp::testing
