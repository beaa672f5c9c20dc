// How long 10,000 lines of configuration take into the store of a router, and how long the store takes to write them
// out.
//
// Two texts: static routes alone, and sites, each a keyring's peer, a tunnel interface and a route. The store is the
// router's own, with every definition, in a file. Loading is one transaction, as at boot; what listens to changes is
// not there.
//
// links: culvert_router
#include <benchmark/benchmark.h>

#include <chrono>
#include <string>

#include <fmt/format.h>

#include "benchmarks/report.h"
#include "benchmarks/support/scratch_folder.h"
#include "config-store/store.h"
#include "router/router.h"

namespace {

using namespace culvert;
using Clock = std::chrono::steady_clock;

constexpr int lines_total = 10000;
constexpr int samples_each = 9;

const config::Registry& registry() {
  static const auto* made = [] {
    auto* one = new config::Registry;
    router::define_configuration(*one, {"GigabitEthernet0/0", "GigabitEthernet0/1"});
    return one;
  }();
  return *made;
}

std::string routes(int count, int first = 0) {
  std::string text;
  for (int i = first; i < first + count; ++i)
    text += fmt::format("ip route 10.{}.{}.0 255.255.255.0 192.0.2.{}\n", i / 256, i % 256, 2 + i % 250);
  return text;
}

std::string head() {
  return "crypto ikev2 proposal P\n encryption aes-gcm-256\n prf sha256\n group 19\n"
         "crypto ikev2 policy L\n proposal P\n"
         "crypto ikev2 profile F\n match identity remote any\n authentication remote pre-share\n"
         " authentication local pre-share\n keyring local K\n"
         "crypto ipsec transform-set T esp-gcm 256\n"
         "crypto ipsec profile I\n set transform-set T\n set ikev2-profile F\n"
         "interface GigabitEthernet0/1\n ip address 192.0.2.1 255.255.255.0\n";
}

std::string site(int i) {
  const auto peer = fmt::format("198.18.{}.{}", i / 250, 1 + i % 250);
  auto text =
      fmt::format("crypto ikev2 keyring K\n peer SITE{}\n  address {}\n  pre-shared-key secret{}\n", i, peer, i);
  text += fmt::format(
      "interface Tunnel{}\n ip address 172.{}.{}.{} 255.255.255.252\n ip mtu 1400\n tunnel source GigabitEthernet0/1\n"
      " tunnel mode ipsec ipv4\n tunnel destination {}\n tunnel protection ipsec profile I\n",
      i + 1, 16 + i / 16384, i / 64 % 256, i % 64 * 4 + 1, peer);
  return text + fmt::format("ip route 10.{}.{}.0 255.255.255.0 Tunnel{}\n", i / 256, i % 256, i + 1);
}

std::string sites() {
  auto text = head();
  int lines = 17;
  for (int i = 0; lines + 12 <= lines_total; ++i, lines += 12) text += site(i);
  return text + routes(lines_total - lines, 20000);
}

std::unique_ptr<config::Store> fresh_store(const bench::ScratchFolder& folder) {
  auto store = config::Store::open(registry(), folder.path()).value();
  for (const auto* port : {"GigabitEthernet0/0", "GigabitEthernet0/1"}) store->add_permanent("interface", port);
  return store;
}

double milliseconds_since(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

void load(benchmark::State& state, const std::string& text) {
  bench::Samples samples;
  for (auto _ : state) {
    bench::ScratchFolder folder;
    auto store = fresh_store(folder);
    const auto begin = Clock::now();
    const auto refused = store->load(text);
    samples.add(milliseconds_since(begin));
    if (!refused.empty()) return state.SkipWithError((refused.front().line + ": " + refused.front().message()).c_str());
  }
  samples.publish(state, "ms");
}

void render(benchmark::State& state, const std::string& text) {
  bench::ScratchFolder folder;
  auto store = fresh_store(folder);
  store->load(text);
  bench::Samples samples;
  for (auto _ : state) {
    const auto begin = Clock::now();
    const auto rendered = store->render_running();
    samples.add(milliseconds_since(begin));
    if (rendered.size() < text.size() / 2) return state.SkipWithError("the rendered text lacks lines");
  }
  samples.publish(state, "ms");
}

const bool registered = [] {
  for (const auto& [name, text] :
       {std::pair("10,000 routes", routes(lines_total)), {"10,000 lines of sites", sites()}}) {
    const auto add = [&](const char* what, auto measure) {
      benchmark::RegisterBenchmark(fmt::format("{} {}", what, name).c_str(), measure, text)->Iterations(samples_each);
    };
    add("load", load);
    add("render", render);
  }
  bench::goal("load ", 500);
  return true;
}();

}  // namespace
