// The index of interface addresses: it must follow the table through whatever changes it.
#include <gtest/gtest.h>

#include "config-store/store.h"
#include "router/router.h"

namespace culvert::router {
namespace {

class Ranges : public ::testing::Test {
 protected:
  Ranges() {
    define_configuration(registry_, {"GigabitEthernet0/0"});
    store = config::Store::in_memory(registry_);
  }
  std::string type(const std::string& line) {
    const auto outcome = store->execute(context, line);
    return outcome.kind == config::Outcome::Kind::refused ? outcome.refusal.text : "";
  }
  std::string address(const std::string& interface, const std::string& value) {
    type("interface " + interface);
    return type("ip address " + value);
  }

 private:
  config::Registry registry_;

 protected:
  std::unique_ptr<config::Store> store;
  config::Context context;
};

TEST_F(Ranges, NameTheLowestThatOverlaps) {
  EXPECT_EQ(address("Tunnel1", "10.1.0.1 255.255.255.0"), "");
  EXPECT_EQ(address("Tunnel2", "10.1.1.1 255.255.255.0"), "");
  EXPECT_EQ(address("Tunnel3", "10.1.1.201 255.255.255.252"), "% 10.1.1.200 overlaps with Tunnel2");
  EXPECT_EQ(address("Tunnel3", "10.0.0.1 255.0.0.0"), "% 10.0.0.0 overlaps with Tunnel1");
  EXPECT_EQ(address("Tunnel3", "10.1.2.1 255.255.255.0"), "");
}

TEST_F(Ranges, FollowChangesAndRemovals) {
  EXPECT_EQ(address("Tunnel1", "10.1.0.1 255.255.255.0"), "");
  EXPECT_EQ(address("Tunnel1", "10.1.0.2 255.255.255.0"), "");
  EXPECT_EQ(address("Tunnel1", "10.9.0.1 255.255.255.0"), "");
  EXPECT_EQ(address("Tunnel2", "10.1.0.1 255.255.255.0"), "");
  EXPECT_EQ(address("Tunnel3", "10.9.0.2 255.255.255.0"), "% 10.9.0.0 overlaps with Tunnel1");
  type("interface Tunnel1");
  type("no ip address");
  EXPECT_EQ(address("Tunnel3", "10.9.0.2 255.255.255.0"), "");
  type("no interface Tunnel2");
  EXPECT_EQ(address("Tunnel4", "10.1.0.7 255.255.255.0"), "");
  type("default interface Tunnel4");
  EXPECT_EQ(address("Tunnel5", "10.1.0.8 255.255.255.0"), "");
}

TEST_F(Ranges, ForgetWhatWasRefusedOrTakenBack) {
  EXPECT_EQ(address("Tunnel1", "10.1.0.1 255.255.255.0"), "");
  EXPECT_NE(address("Tunnel2", "10.1.0.9 255.255.0.0"), "");
  EXPECT_EQ(address("Tunnel2", "10.1.1.1 255.255.255.0"), "");  // in the range that was refused
  const auto before = store->revision();
  EXPECT_EQ(address("Tunnel3", "10.3.0.1 255.255.255.0"), "");
  ASSERT_TRUE(store->revert_to(before));
  EXPECT_EQ(address("Tunnel4", "10.3.0.2 255.255.255.0"), "");
  ASSERT_TRUE(store->revert_to(before));
  EXPECT_EQ(address("Tunnel5", "10.1.0.3 255.255.255.0"), "% 10.1.0.0 overlaps with Tunnel1");
}

TEST_F(Ranges, TellTheRoutersOwnAddressFromItsNetwork) {
  EXPECT_EQ(address("Tunnel1", "10.1.0.1 255.255.255.0"), "");
  EXPECT_EQ(type("ip route 10.2.0.0 255.255.0.0 10.1.0.1"), "%Invalid next hop address (it's this router)");
  EXPECT_EQ(type("ip route 10.2.0.0 255.255.0.0 10.1.0.2"), "");
}

}  // namespace
}  // namespace culvert::router
