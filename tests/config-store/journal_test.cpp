#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <random>

#include "config-store/store.h"
#include "tests/config-store/sample_registry.h"

namespace culvert::config {
namespace {

using namespace sample;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class JournalTest : public ::testing::Test {
 protected:
  void type(const std::vector<std::string>& lines) {
    for (const auto& line : lines) EXPECT_TRUE(store->execute(context, line).ok()) << line;
  }

  const Registry definitions = sample::registry();
  const std::unique_ptr<Store> store = Store::in_memory(definitions);
  Context context;
};

template <class Row>
std::string shown(const std::vector<RowChange<Row>>& changes) {
  std::string text;
  for (const auto& change : changes)
    text += (change.before ? change.before->name : "-") + ">" + (change.after ? change.after->name : "-") + " ";
  return text;
}

TEST_F(JournalTest, SubscribersHearTypedChanges) {
  std::vector<RowChange<Profile>> profiles;
  std::vector<std::string> touched;
  store->subscribe([&](const Changes& changes) {
    profiles = changes.changed<Profile>();
    for (const auto* name : {"crypto ikev2 profile", "crypto_ikev2_profile_proposal", "interface"})
      if (changes.touches(name)) touched.emplace_back(name);
  });
  type({"crypto ikev2 profile P"});
  EXPECT_EQ(shown(profiles), "->P ");
  type({"proposal a"});
  EXPECT_THAT(touched, ElementsAre("crypto ikev2 profile", "crypto ikev2 profile", "crypto_ikev2_profile_proposal"));
  type({"lifetime 3600", "proposal b"});
  ASSERT_EQ(profiles.size(), 1u);
  EXPECT_THAT(profiles[0].before->proposals, ElementsAre("a"));
  EXPECT_EQ(profiles[0].before->lifetime_s, 3600u);
  EXPECT_THAT(profiles[0].after->proposals, ElementsAre("a", "b"));
  type({"lifetime 7200"});
  EXPECT_EQ(profiles[0].before->lifetime_s, 3600u);
  EXPECT_EQ(profiles[0].after->lifetime_s, 7200u);
  type({"no crypto ikev2 profile P"});
  EXPECT_EQ(shown(profiles), "P>- ");
  EXPECT_THAT(profiles[0].before->proposals, ElementsAre("a", "b"));
}

TEST_F(JournalTest, ExtensionAndGlobalChangesAreTyped) {
  std::vector<RowChange<InterfaceIp>> interfaces;
  std::vector<RowChange<Host>> hosts;
  std::vector<RowChange<Routes>> routes;
  store->subscribe([&](const Changes& changes) {
    interfaces = changes.changed<InterfaceIp>();
    hosts = changes.changed<Host>();
    routes = changes.changed<Routes>();
  });
  type({"interface Tunnel1"});
  EXPECT_THAT(interfaces, IsEmpty());
  type({"ip access-group A"});
  EXPECT_EQ(shown(interfaces), "->Tunnel1 ");
  type({"no ip access-group"});
  EXPECT_EQ(shown(interfaces), "Tunnel1>- ");
  type({"hostname R1"});
  EXPECT_EQ(hosts.at(0).after->hostname, "R1");
  type({"hostname R2"});
  EXPECT_EQ(hosts.at(0).before->hostname, "R1");
  type({"ip route 10.0.0.0 255.0.0.0 Tunnel1", "ip route 11.0.0.0 255.0.0.0 Tunnel1"});
  EXPECT_EQ(routes.at(0).before->routes.size(), 1u);
  EXPECT_EQ(routes.at(0).after->routes.size(), 2u);
  type({"no ip route 10.0.0.0 255.0.0.0 Tunnel1"});
  EXPECT_EQ(routes.at(0).before->routes.size(), 2u);
  EXPECT_EQ(routes.at(0).after->routes.size(), 1u);
}

TEST_F(JournalTest, ALoadIsHeardOnce) {
  int heard = 0;
  std::size_t interfaces = 0;
  store->subscribe([&](const Changes& changes) {
    ++heard;
    interfaces += changes.changed<Interface>().size();
  });
  store->load("interface Tunnel1\n shutdown\ninterface Tunnel2\n no shutdown\nhostname R\n");
  EXPECT_EQ(heard, 1);
  EXPECT_EQ(interfaces, 2u);
  type({"interface Tunnel1", "shutdown", "exit"});
  EXPECT_EQ(heard, 1) << "nothing differs, so nothing is said";
}

TEST_F(JournalTest, WhatAStoreIsFilledWithCannotBeTakenBack) {
  const auto before = store->revision();
  EXPECT_TRUE(store->fill("hostname R1\ninterface Tunnel1\n").empty());
  EXPECT_EQ(store->revision(), before + 1);
  EXPECT_FALSE(store->revert_to(before));
  const auto filled = store->render_running();
  type({"hostname R2", "interface Tunnel2"});
  EXPECT_TRUE(store->revert_to(before + 1));
  EXPECT_EQ(store->render_running(), filled);
  EXPECT_TRUE(store->fill("hostname R1\n").empty());
  EXPECT_EQ(store->fill("no such line\n").size(), 1u);
}

// Lines share savepoints; a refused one, wherever it stands, costs only itself.
TEST_F(JournalTest, ALongTextIsWhatItsLinesAre) {
  for (const int wrong : {0, 1, 255, 256, 257, 511, 700, 899}) {
    std::string text;
    for (int i = 0; i < 900; ++i)
      text += i == wrong ? "ip route 10.0.0.0 255.0.0.0\n"
                         : fmt::format("ip route 10.{}.{}.0 255.255.255.0 Tunnel{}\n", i / 250, i % 250, i);
    const auto one = Store::in_memory(store->registry()), other = Store::in_memory(store->registry());
    const auto refused = one->load(text);
    ASSERT_EQ(refused.size(), 1u);
    EXPECT_EQ(refused[0].number, static_cast<std::size_t>(wrong) + 1);
    Context elsewhere;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1)
      other->execute(elsewhere, std::string_view(text).substr(at, text.find('\n', at) - at));
    EXPECT_EQ(one->render_running(), other->render_running()) << "line " << wrong;
  }
}

TEST_F(JournalTest, InverseRestoresTheRender) {
  type({"crypto ikev2 keyring K", "peer hq", "pre-shared-key local a", "pre-shared-key remote b"});
  const auto revision = store->revision();
  const auto before = store->render_running();
  type({"no pre-shared-key local", "address 10.0.0.9", "no crypto ikev2 keyring K", "hostname gone"});
  EXPECT_TRUE(store->revert_to(revision));
  EXPECT_EQ(store->render_running(), before);
  const auto later = store->revision();
  EXPECT_EQ(later, revision + 5) << "taking back is a commit of its own";
  EXPECT_FALSE(store->revert_to(-1));
  EXPECT_TRUE(store->revert_to(later));
  EXPECT_EQ(store->revision(), later);
}

TEST_F(JournalTest, JournalForgetsTheOldest) {
  for (int i = 0; i < 1002; ++i) type({"hostname R" + std::to_string(i)});
  EXPECT_FALSE(store->revert_to(1));
  EXPECT_TRUE(store->revert_to(2));
  EXPECT_EQ(store->global<Host>().hostname, "R1");
}

// Random lines; whatever they do, every earlier state can be had back, and every state reads back as itself.
TEST_F(JournalTest, RandomWalksCanBeTakenBack) {
  const std::vector<std::string> lines{"crypto ikev2 keyring K",
                                       "peer a",
                                       "peer b",
                                       "pre-shared-key x",
                                       "address 10.0.0.1",
                                       "crypto ikev2 profile P",
                                       "proposal a",
                                       "proposal b",
                                       "proposal c",
                                       "lifetime 500",
                                       "match identity remote any",
                                       "interface Tunnel1",
                                       "interface Tunnel2",
                                       "shutdown",
                                       "ip access-group A",
                                       "ip access-group B",
                                       "ip address 10.0.0.1 255.0.0.0",
                                       "ip route 10.0.0.0 255.0.0.0 Tunnel1",
                                       "ip classless",
                                       "hostname R",
                                       "crypto ipsec transform-set T esp-aes",
                                       "mode transport",
                                       "exit"};
  const auto seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed) + ": put it in place of random_device to repeat");
  std::mt19937 random(seed);
  std::vector<std::pair<std::int64_t, std::string>> states{{0, ""}};
  for (int i = 0; i < 400; ++i) {
    const auto& line = lines[random() % lines.size()];
    store->execute(context, (random() % 3 == 0 ? "no " : "") + line);
    states.emplace_back(store->revision(), store->render_running());
    if (random() % 20 == 0) {
      const auto& [revision, text] = states[random() % states.size()];
      ASSERT_TRUE(store->revert_to(revision));
      ASSERT_EQ(store->render_running(), text);
    }
  }
  const auto copy = Store::in_memory(definitions);
  EXPECT_THAT(copy->load(store->render_running()), IsEmpty());
  EXPECT_EQ(copy->render_running(), store->render_running());
}

TEST_F(JournalTest, FileIsPrivateAndMadeAnew) {
  const auto folder = std::filesystem::temp_directory_path() / ("culvert-store-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  for (int i = 0; i < 2; ++i) {
    auto opened = Store::open(definitions, folder);
    ASSERT_TRUE(opened) << opened.error();
    EXPECT_EQ((*opened)->render_running(), "");
    Context at;
    EXPECT_TRUE((*opened)->execute(at, "hostname R1").ok());
    for (const auto* name : {"running.db", "running.db-wal", "running.db-shm"}) {
      struct stat status{};
      ASSERT_EQ(::stat((folder / name).c_str(), &status), 0) << name;
      EXPECT_EQ(status.st_mode & 0777, 0600u) << name;
    }
  }
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(Store::open(definitions, folder)) << "a folder that is not there is an error with a text";
}

// A file size limit stands for a full disk: the line is refused, the store goes on.
TEST_F(JournalTest, FullDiskRefusesTheLine) {
  const auto folder = std::filesystem::temp_directory_path() / ("culvert-full-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const auto on_disk = Store::open(definitions, folder).value();
  ASSERT_TRUE(on_disk->execute(context, "hostname before").ok());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit none{1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &none), 0);
  const auto outcome = on_disk->execute(context, "hostname after");
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_EQ(outcome.kind, Outcome::Kind::refused);
  EXPECT_THAT(outcome.refusal.text, ::testing::StartsWith("% The configuration cannot be stored: "));
  EXPECT_EQ(on_disk->global<Host>().hostname, "before");
  EXPECT_TRUE(on_disk->execute(context, "hostname again").ok());
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace culvert::config
