// The router's own configuration language: every definition by the registry test, and shell sessions as transcripts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "access-lists/commands/show.h"
#include "cli/commands/hostname.h"
#include "ike/commands/definitions.h"
#include "router/router.h"
#include "routing/commands/show.h"
#include "tests/cli/transcript.h"
#include "tests/support/registry_test.h"

namespace culvert::router {
namespace {

const config::Registry& registry() {
  static const auto* made = [] {
    auto* one = new config::Registry;
    define_configuration(*one, {"GigabitEthernet0/0", "GigabitEthernet0/1", "Serial0/0"});
    return one;
  }();
  return *made;
}

TEST(Commands, AreWellDefined) {
  EXPECT_THAT(culvert::testing::registry_faults(registry(), "crypto map MAP 10 ipsec-isakmp\n"), ::testing::IsEmpty());
}

// A routing table with something of everything: 10.0.0.0/8 is subnetted, two ways are unequal, one route is external.
struct Routes {
  routing::InterfaceTable interfaces;
  routing::Rib rib;

  Routes() {
    using routing::Origin;
    using routing::Source;
    const std::string left = "GigabitEthernet0/0", right = "GigabitEthernet0/1", null = "Null0";
    const auto address = [](const char* text) { return *net::Address::parse(text); };
    const auto prefix = [](const char* text) { return *net::Prefix::parse(text); };
    const Origin connected{Source::connected}, local{Source::local}, fixed{Source::static_route};
    const Origin eigrp{Source::eigrp, 100};
    rib.set_usable_interfaces({left, right});
    rib.replace(connected, {{prefix("10.0.0.0/24"), {.origin = connected, .next_hops = {{{}, left}}}},
                            {prefix("192.0.2.0/24"), {.origin = connected, .next_hops = {{{}, right}}}}});
    rib.replace(local, {{prefix("10.0.0.1/32"), {.origin = local, .next_hops = {{{}, left}}}}});
    rib.replace(fixed, {{prefix("0.0.0.0/0"), {.origin = fixed, .distance = 1, .next_hops = {{address("192.0.2.9")}}}},
                        {prefix("172.16.0.0/12"), {.origin = fixed, .distance = 1, .next_hops = {{{}, null}}}},
                        {prefix("198.51.100.0/24"),
                         {.origin = fixed, .distance = 7, .tag = 5, .next_hops = {{address("192.0.2.8"), right}}}},
                        {prefix("198.51.100.0/24"),
                         {.origin = fixed, .distance = 7, .tag = 5, .next_hops = {{address("10.0.0.8")}}}}});
    rib.update(eigrp,
               {.routes = {{prefix("10.2.0.0/24"),
                            {.origin = eigrp,
                             .distance = 90,
                             .metric = 2816000,
                             .next_hops = {{address("10.0.0.2"), left, 4}, {address("192.0.2.2"), right, 3, 3072000}}}},
                           {prefix("10.2.0.0/16"),
                            {.origin = eigrp,
                             .distance = 5,
                             .type = routing::RouteType::summary,
                             .metric = 2816000,
                             .next_hops = {{{}, null}}}},
                           {prefix("203.0.113.0/24"),
                            {.origin = eigrp,
                             .distance = 170,
                             .type = routing::RouteType::external,
                             .metric = 3072000,
                             .tag = 9,
                             .next_hops = {{address("10.0.0.2"), left}}}}},
                .withdrawn = {}});
    rib.settle({});
  }
  routing::ShowSources sources() {
    return {.interfaces = interfaces, .rib = rib, .counters = {}, .from_startup = {}, .now = [] {
              return net::Time(std::chrono::hours(26));
            }};
  }
};

void verify_at_once(const cli::StoredPassword& stored, const net::Secret& typed,
                    const std::function<void(bool)>& answer) {
  answer(cli::verifies(stored, cli::as_text(typed)));
}

// A shell over the real configuration; of the exec commands those that need no dataplane.
struct Shell {
  std::unique_ptr<config::Store> store = config::Store::in_memory(registry());
  config::StartupConfig startup{"/nonexistent"};
  Routes routes;
  parser::ExecCommands exec;
  cli::Lines lines{[] { return net::Time{}; }};
  cli::CommandHost commands{.store = *store,
                            .startup = startup,
                            .log = [](std::string) {},
                            .reload = [] {},
                            .verify = verify_at_once,
                            .lines = lines};
  cli::SessionHost host{.exec = exec,
                        .store = *store,
                        .hostname = [this] { return cli::hostname(*store); },
                        .log = [](std::string) {},
                        .verify = verify_at_once,
                        .lines = lines};

  Shell() {
    for (const auto* port : {"GigabitEthernet0/0", "GigabitEthernet0/1", "Serial0/0"})
      store->add_permanent("interface", port);
    cli::add_commands(exec, commands);
    ike::add_ikev2_configuration_shows(exec, sources());
    ike::add_ipsec_shows(exec, sources());
    access_lists::add_commands(
        exec, {*store, [](const std::string&, const access_lists::Entry&) { return 0; }, [](const std::string*) {}});
    ike::add_rekey_commands(exec, sources());
    routing::add_route_shows(exec, routes.sources());
    ike::add_crypto_map_commands(exec, sources());
    routing::add_key_chain_commands(exec, {.configuration = *store, .wall = [] { return net::WallTime{}; }});
    routing::add_eigrp_commands(exec, {.engines = [] { return std::vector<routing::eigrp::Engine*>{}; },
                                       .now = [] { return net::Time{}; },
                                       .wall = [] { return net::WallTime{}; },
                                       .strays = [] { return std::uint64_t{0}; },
                                       .clear = [](auto, const auto&, const auto&) { return std::size_t{0}; }});
  }
  ike::CryptoSources sources() {
    return {.configuration = *store,
            .sas = [] { return std::vector<ike::SaView>{}; },
            .ipsec_sas = [] { return std::vector<ike::IpsecSaRow>{}; },
            .tunnels = [] { return std::vector<ike::ProtectedTunnel>{}; },
            .statistics = [] { return ike::Statistics{}; },
            .clear = [](const ike::ClearFilter&) { return std::size_t{0}; },
            .clear_counters = [] {},
            .rekey = [](ike::RekeyOf what, const ike::ClearFilter& filter) -> std::size_t {
              return filter.remote ? 1 : what == ike::RekeyOf::ike_sas ? 2 : 3;
            },
            .access_list = [](const std::string&) { return std::vector<std::string>{}; },
            .clear_hold = [] {}};
  }
};

class Transcript : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Transcript, IsWhatTheTerminalShows) {
  std::stringstream text;
  text << std::ifstream(GetParam()).rdbuf();
  ASSERT_FALSE(text.str().empty());
  Shell shell;
  const cli::Hello hello{.width = 80, .height = 0, .interactive = false};
  EXPECT_EQ(cli::testing::play(shell.host, hello, text.str()), cli::testing::without_comments(text.str()));
}

std::vector<std::filesystem::path> transcripts() {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator("tests/transcripts/router"))
    paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

INSTANTIATE_TEST_SUITE_P(Files, Transcript, ::testing::ValuesIn(transcripts()),
                         [](const auto& file) { return file.param.stem().string(); });

// What the running-config prints loads into an empty router and prints the same, byte for byte.
TEST(Commands, RunningConfigLoadsAsItself) {
  Shell shell;
  std::stringstream text;
  text << std::ifstream("labs/site-to-site/hq.cfg").rdbuf();
  EXPECT_TRUE(shell.store->load(text.str()).empty());
  const auto rendered = shell.store->render_running();
  Shell other;
  EXPECT_TRUE(other.store->load(rendered).empty());
  EXPECT_EQ(other.store->render_running(), rendered);
}

TEST(Commands, PfsIsConfiguredAndShown) {
  Shell shell;
  EXPECT_TRUE(shell.store->load("crypto ipsec profile I\n set pfs group31\ncrypto ipsec profile J\n").empty());
  const auto configuration = ike::configuration_of(*shell.store);
  EXPECT_EQ(configuration.ipsec_profile("I")->pfs, ike::Group::x25519);
  EXPECT_EQ(configuration.ipsec_profile("J")->pfs, std::nullopt);
  const std::vector<ike::ProtectedTunnel> tunnels{{.name = "Tunnel1", .ipsec_profile = "I", .local = {}, .remote = {}}};
  ike::IpsecSaRow row;
  row.child.tunnel = "Tunnel1";
  EXPECT_THAT(ike::show_ipsec_sa(tunnels, {row}), ::testing::HasSubstr("     PFS (Y/N): N, DH group: none\n"));
  row.child.pfs = ike::Group::modp_2048;
  EXPECT_THAT(ike::show_ipsec_sa(tunnels, {row}), ::testing::HasSubstr("     PFS (Y/N): Y, DH group: group14\n"));
}

ike::SelectorPair lines(const char* local, const char* remote) {
  return {ike::TrafficSelector::of(*net::Prefix::parse(local)), ike::TrafficSelector::of(*net::Prefix::parse(remote))};
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t found = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++found;
  return found;
}

// Each pair of the policy has a block; the SAs that came of a rekey stand in one, and one Child SA may carry several.
TEST(Commands, FlowsOfACryptoMapAreShown) {
  ike::ProtectedTunnel entry{.name = "M 10 Gi", .ipsec_profile = {}, .local = {}, .remote = {}};
  entry.crypto_map = "M";
  entry.bearer = "GigabitEthernet0/0";
  entry.pairs = {lines("10.1.1.0/24", "10.2.1.0/24"), lines("10.1.1.0/24", "10.2.2.0/24")};
  const auto none = ike::show_ipsec_sa({entry}, {});
  EXPECT_EQ(count(none, "interface: GigabitEthernet0/0\n    Crypto map tag: M,"), 1u);
  EXPECT_EQ(count(none, "current_peer"), 2u);
  ike::IpsecSaRow row;
  row.child.tunnel = entry.name;
  row.child.local_selectors = {lines("10.1.1.7/32", "10.2.2.9/32").local, entry.pairs[1].local};
  row.child.remote_selectors = {entry.pairs[1].remote};
  const auto rekeyed = ike::show_ipsec_sa({entry}, {row, row});
  EXPECT_EQ(count(rekeyed, "current_peer"), 2u);
  EXPECT_EQ(count(rekeyed, "Status: ACTIVE(ACTIVE)"), 4u);
  EXPECT_LT(rekeyed.find("(10.2.1.0/"), rekeyed.find("(10.2.2.0/")) << "in the order of the policy";
  EXPECT_EQ(count(rekeyed, "(10.1.1.7/"), 0u) << "what another selector covers is not shown";
  row.child.remote_selectors = {entry.pairs[0].remote, entry.pairs[1].remote};
  const auto multi = ike::show_session({entry}, {}, {row}, false);
  EXPECT_EQ(count(multi, "IPSEC FLOW: permit ip 10.1.1.0/255.255.255.0 10.2."), 2u);
  EXPECT_EQ(count(multi, "Active SAs: 2, origin: crypto map"), 1u);
}

TEST(Commands, KeysAreSpelledIntoSecrets) {
  Shell shell;
  EXPECT_TRUE(
      shell.store
          ->load("crypto ikev2 keyring K\n peer A\n  address 192.0.2.0 255.255.255.0\n  pre-shared-key both\n"
                 " peer B\n  address 192.0.2.9\n  pre-shared-key local hex 00ff10\n  pre-shared-key remote 0 r e m\n")
          .empty());
  const auto configuration = ike::configuration_of(*shell.store);
  const auto& peers = configuration.keyrings.at("K").peers;
  ASSERT_EQ(peers.size(), 2u);
  EXPECT_EQ(peers[0].local_key, net::Secret(net::as_view("both")));
  EXPECT_EQ(peers[0].remote_key, peers[0].local_key);
  EXPECT_EQ(peers[0].address, net::Prefix::parse("192.0.2.0/24"));
  EXPECT_EQ(peers[1].local_key, net::Secret(net::Bytes{std::byte{0}, std::byte{0xff}, std::byte{0x10}}));
  EXPECT_EQ(peers[1].remote_key, net::Secret(net::as_view("r e m")));
}

}  // namespace
}  // namespace culvert::router
