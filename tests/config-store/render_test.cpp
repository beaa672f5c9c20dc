#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config-store/natural_order.h"
#include "config-store/store.h"
#include "tests/config-store/sample_registry.h"

namespace culvert::config {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view full =
    "hostname R1\n"
    "!\n"
    "crypto ikev2 proposal P1 \n"
    " encryption aes-cbc-256 aes-cbc-128\n"
    " integrity sha256\n"
    "!\n"
    "crypto ikev2 keyring K\n"
    " peer branch\n"
    "  address 10.0.0.2\n"
    "  pre-shared-key local one\n"
    "  pre-shared-key remote two\n"
    " !\n"
    " peer hq\n"
    "  pre-shared-key with  inner space\n"
    " !\n"
    "!\n"
    "crypto ikev2 profile P\n"
    " match identity remote address 10.0.0.2 255.255.255.255\n"
    " match identity remote any\n"
    " lifetime 3600\n"
    " proposal z\n"
    " proposal a\n"
    " no config-exchange request\n"
    "!\n"
    "crypto ipsec transform-set T esp-aes esp-sha256-hmac \n"
    " mode tunnel\n"
    "!\n"
    "crypto ipsec transform-set U esp-3des \n"
    " mode transport \n"
    "!\n"
    "interface Tunnel9\n"
    " description to the branch\n"
    " ip address 10.1.0.1 255.255.255.0 secondary\n"
    " ip access-group B\n"
    " ip access-group A\n"
    " shutdown\n"
    "!\n"
    "interface Tunnel10\n"
    " no ip address\n"
    "!\n"
    "no ip classless\n"
    "!\n"
    "ip route 9.0.0.0 255.0.0.0 Tunnel9\n"
    "ip route 10.2.0.0 255.255.0.0 192.0.2.1 20\n"
    "!\n";

class RenderTest : public ::testing::Test {
 protected:
  const Registry definitions = sample::registry();
  const std::unique_ptr<Store> store = Store::in_memory(definitions);
};

TEST_F(RenderTest, EmptyConfigurationIsEmpty) { EXPECT_EQ(store->render_running(), ""); }

TEST_F(RenderTest, LoadedTextRendersAsItself) {
  for (const auto& line : store->load(full)) ADD_FAILURE() << line.number << ": " << line.message();
  std::string expected(full);
  // The one line that says the default is written without the space that the other mode line has.
  EXPECT_EQ(store->render_running(), expected.replace(expected.find(" mode tunnel\n"), 13, " mode tunnel \n"));
  const auto again = Store::in_memory(definitions);
  EXPECT_THAT(again->load(store->render_running()), IsEmpty());
  EXPECT_EQ(again->render_running(), store->render_running());
}

TEST_F(RenderTest, AllShowsDefaults) {
  store->load("crypto ikev2 profile P\ninterface Tunnel1\n");
  const auto text = store->render_running({.all = true});
  EXPECT_THAT(text, HasSubstr(" lifetime 86400\n"));
  EXPECT_THAT(text, HasSubstr(" config-exchange request\n"));
  EXPECT_THAT(text, HasSubstr(" no shutdown\n"));
  EXPECT_THAT(text, HasSubstr("ip classless\n"));
  EXPECT_THAT(store->load(text), IsEmpty());
}

TEST_F(RenderTest, SecretsCanBeHidden) {
  store->load("crypto ikev2 keyring K\n peer a\n  pre-shared-key local sesame\n  pre-shared-key tahini\n");
  const auto text = store->render_running({.hide_secrets = true});
  EXPECT_THAT(text, HasSubstr("  pre-shared-key local <hidden>\n  pre-shared-key <hidden>\n"));
  EXPECT_THAT(text, Not(HasSubstr("sesame")));
  EXPECT_THAT(store->render_running(), HasSubstr("sesame"));
}

TEST_F(RenderTest, OneSection) {
  store->load("interface Tunnel1\n shutdown\ninterface Tunnel2\n");
  EXPECT_EQ(store->render_section("interface", "Tunnel1"), "interface Tunnel1\n no ip address\n shutdown\n");
  EXPECT_EQ(store->render_section("interface", "Tunnel3"), "");
}

TEST_F(RenderTest, ShowRunningConfigCountsItsBytes) {
  EXPECT_EQ(configuration_text("hostname R1\n!\n", {"Last change by admin"}),
            "!\n! Last change by admin\n!\nhostname R1\n!\nend\n");
  EXPECT_EQ(show_running_config("!\nend\n"),
            "Building configuration...\n\nCurrent configuration : 6 bytes\n!\nend\n\n");
}

TEST(NaturalOrder, Table) {
  const struct {
    std::string_view a, b;
    bool before;
  } cases[]{{"Tunnel9", "Tunnel10", true},
            {"Tunnel10", "Tunnel9", false},
            {"a", "b", true},
            {"a", "a", false},
            {"a", "a1", true},
            {"a01", "a1", true},
            {"a1", "a01", false},
            {"a10b", "a9c", false},
            {"", "a", true},
            {"1", "a", true},
            {"Gi0/2", "Gi0/10", true}};
  for (const auto& c : cases) EXPECT_EQ(natural_before(c.a, c.b), c.before) << c.a << " " << c.b;
}

}  // namespace
}  // namespace culvert::config
