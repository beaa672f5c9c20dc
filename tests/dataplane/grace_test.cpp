// Snapshots are swapped while a worker reads them: what it pinned stays whole, and what was replaced is freed.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "ipsec-dataplane/grace.h"

namespace culvert::dataplane {
namespace {

std::unique_ptr<const Tables> numbered(std::uint32_t number) {
  auto tables = std::make_unique<Tables>();
  for (std::uint32_t i = 0; i < 8; ++i) tables->own[i] = {static_cast<InterfaceIndex>(number % 1000), false};
  return tables;
}

bool is_whole(const Tables& tables) {
  for (std::uint32_t i = 0; i < tables.own.size(); ++i)
    if (tables.own.find(i)->interface != tables.own.find(0)->interface) return false;
  return true;
}

TEST(TablePublisher, AReaderSeesWholeSnapshotsWhileTheyAreReplaced) {
  constexpr std::uint32_t swaps = 2000;
  TablePublisher publisher(1);
  std::atomic<bool> stop{false};
  std::atomic<std::uint32_t> torn{0}, turns{0};
  std::thread worker([&] {
    publisher.online(0);
    while (!stop) {
      torn += !is_whole(publisher.pin(0));
      ++turns;
    }
    publisher.offline(0);
  });
  std::uint32_t freed = 0;
  for (std::uint32_t i = 0; i < swaps; ++i) {
    publisher.publish(numbered(i));
    publisher.after_grace([&] { ++freed; });
  }
  stop = true;
  worker.join();
  publisher.collect();
  EXPECT_EQ(torn, 0u);
  EXPECT_EQ(freed, swaps);
  EXPECT_TRUE(publisher.idle());
}

TEST(TablePublisher, AsksAWorkerToPinAnew) {
  TablePublisher publisher(2);
  publisher.pin(0);
  EXPECT_FALSE(publisher.asked(0));
  publisher.after_grace([] {});
  EXPECT_TRUE(publisher.asked(0));
  publisher.pin(0);
  EXPECT_FALSE(publisher.asked(0));
  EXPECT_TRUE(publisher.asked(1));
}

TEST(TablePublisher, NothingIsFreedUnderAWorkerInItsTurn) {
  TablePublisher publisher(2);
  publisher.online(0);
  publisher.pin(0);
  bool done = false;
  publisher.after_grace([&] { done = true; });
  EXPECT_FALSE(done);
  publisher.pin(0);
  publisher.collect();
  EXPECT_TRUE(done);  // worker 1 never came online and holds up nothing
  publisher.offline(0);
}

TEST(TablePublisher, ASleepingWorkerHoldsUpNothing) {
  TablePublisher publisher(1);
  publisher.online(0);
  publisher.pin(0);
  publisher.offline(0);
  bool done = false;
  publisher.after_grace([&] { done = true; });
  EXPECT_TRUE(done);
}

}  // namespace
}  // namespace culvert::dataplane
