#include "config-store/store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/config-store/sample_registry.h"

namespace culvert::config {
namespace {

using namespace sample;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Kind = Outcome::Kind;

class StoreTest : public ::testing::Test {
 protected:
  Outcome type(std::string_view line) { return store->execute(context, line); }
  // The text of the refusal, or what else came of the line.
  std::string answer(std::string_view line) {
    const auto outcome = type(line);
    if (outcome.kind == Kind::mistaken) return RefusedLine{1, std::string(line), outcome}.message();
    return outcome.kind == Kind::refused ? outcome.refusal.text : "ok";
  }
  void type_all(const std::vector<std::string>& lines) {
    for (const auto& line : lines) EXPECT_EQ(answer(line), "ok") << line;
  }

  const Registry definitions = sample::registry();
  const std::unique_ptr<Store> store = Store::in_memory(definitions);
  Context context;
};

TEST_F(StoreTest, EnteringMovesTheContext) {
  EXPECT_EQ(type("crypto ikev2 keyring K").kind, Kind::entered);
  EXPECT_EQ(store->prompt(context), "config-ikev2-keyring");
  EXPECT_EQ(type("peer hq").kind, Kind::entered);
  EXPECT_EQ(context.frames.back().key, (Key{"K", "hq"}));
  EXPECT_EQ(type("exit").kind, Kind::left);
  EXPECT_EQ(store->prompt(context), "config-ikev2-keyring");
  EXPECT_EQ(type("end").kind, Kind::ended);
  EXPECT_EQ(store->prompt(context), "config");
  EXPECT_EQ(type("exit").kind, Kind::ended);
}

TEST_F(StoreTest, CommandOfAParentIsExecutedThere) {
  type_all({"crypto ikev2 keyring K", "peer hq", "address 10.0.0.1", "peer branch"});
  EXPECT_EQ(context.frames.back().key, (Key{"K", "branch"}));
  type_all({"hostname R1"});
  EXPECT_TRUE(context.frames.empty());
  EXPECT_EQ(store->global<Host>().hostname, "R1");
  EXPECT_EQ(store->rows<Peer>().size(), 2u);
}

TEST_F(StoreTest, ErrorIsThatOfTheCurrentMode) {
  type_all({"interface Tunnel1"});
  const auto outcome = type("ip adress 1.1.1.1 255.0.0.0");
  ASSERT_EQ(outcome.kind, Kind::mistaken);
  EXPECT_EQ(std::get<parser::Invalid>(outcome.mistake).column, 5u);
  EXPECT_EQ(store->prompt(context), "config-if");
  EXPECT_EQ(answer("no crypto ikev2 keyring"), "% Incomplete command.");
}

TEST_F(StoreTest, CommentsAndEmptyLinesAreFine) {
  type_all({"interface Tunnel1", "", "   ", "! a comment"});
  EXPECT_EQ(store->prompt(context), "config-if");
}

TEST_F(StoreTest, TypedRows) {
  type_all({"crypto ikev2 profile P", "match identity remote address 10.0.0.1 255.255.255.255",
            "match identity remote any", "match identity remote fqdn a.example", "lifetime 3600",
            "no config-exchange request"});
  const Profile expected{
      .name = "P",
      .match_remote = {{*net::Address::parse("10.0.0.1"), *net::Address::parse("255.255.255.255"), {}},
                       {},
                       {{}, {}, "a.example"}},
      .lifetime_s = 3600,
      .proposals = {},
      .config_exchange = false};
  EXPECT_EQ(store->find<Profile>("P"), expected);
  EXPECT_EQ(store->find<Profile>("Q"), std::nullopt);
}

TEST_F(StoreTest, NumbersAreKeysInTheirOrder) {
  type_all({"crypto isakmp policy 100", "hash md5", "crypto isakmp policy 20"});
  const auto rows = store->rows<Policy>();
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0], (Policy{20, {}}));
  EXPECT_EQ(rows[1], (Policy{100, "md5"}));
}

TEST_F(StoreTest, RepeatedWordsKeepTheirOrder) {
  type_all({"crypto ikev2 proposal p", "encryption aes-cbc-256 3des aes-cbc-128"});
  EXPECT_THAT(store->find<Proposal>("p")->encryption, ElementsAre("aes-cbc-256", "3des", "aes-cbc-128"));
}

TEST_F(StoreTest, DefaultIsStoredAsAbsent) {
  type_all({"crypto ikev2 profile P", "lifetime 3600", "lifetime 86400"});
  EXPECT_EQ(store->find<Profile>("P")->lifetime_s, std::nullopt);
  type_all({"lifetime 3600", "default lifetime"});
  EXPECT_EQ(store->find<Profile>("P")->lifetime_s, std::nullopt);
}

TEST_F(StoreTest, PartialNoRestrictsWhatIsRemoved) {
  type_all({"crypto ikev2 profile P", "lifetime 3600", "no lifetime 7200"});
  EXPECT_EQ(store->find<Profile>("P")->lifetime_s, 3600u);
  type_all({"no lifetime 3600", "proposal a", "proposal b", "proposal c", "no proposal b"});
  EXPECT_EQ(store->find<Profile>("P")->lifetime_s, std::nullopt);
  EXPECT_THAT(store->find<Profile>("P")->proposals, ElementsAre("a", "c"));
  type_all({"no proposal"});
  EXPECT_THAT(store->find<Profile>("P")->proposals, IsEmpty());
}

TEST_F(StoreTest, ListNoticesDuplicateAndMissing) {
  type_all({"crypto ikev2 profile P", "proposal a"});
  EXPECT_THAT(type("proposal a").notices, ElementsAre("% Policy already has same proposal set"));
  EXPECT_THAT(type("no proposal z").notices, ElementsAre("% No such proposal"));
}

TEST_F(StoreTest, IdentityReplacesAnEntry) {
  type_all({"ip route 10.1.0.0 255.255.0.0 192.0.2.1 20", "ip route 10.1.0.0 255.255.0.0 192.0.2.2",
            "ip route 10.1.0.0 255.255.0.0 192.0.2.1 30"});
  const auto routes = store->global<Routes>().routes;
  ASSERT_THAT(routes, SizeIs(2));
  EXPECT_EQ(routes[0].distance, 30u);
  type_all({"no ip route 10.1.0.0 255.255.0.0"});
  EXPECT_THAT(store->global<Routes>().routes, IsEmpty());
}

TEST_F(StoreTest, DirectionalSecretsLiveSideBySide) {
  type_all({"crypto ikev2 keyring K", "peer hq", "pre-shared-key local one", "pre-shared-key remote two",
            "pre-shared-key local three words here"});
  EXPECT_THAT(store->find<Peer>({"K", "hq"})->keys,
              ElementsAre(PreSharedKey{"local", "three words here"}, PreSharedKey{"remote", "two"}));
}

TEST_F(StoreTest, EnteringLineSetsAndChangesItsArguments) {
  type_all({"crypto ipsec transform-set T esp-aes esp-sha-hmac", "exit",
            "crypto ipsec transform-set T esp-3des esp-md5-hmac"});
  EXPECT_THAT(store->find<TransformSet>("T")->transforms, ElementsAre("esp-3des", "esp-md5-hmac"));
}

TEST_F(StoreTest, AliasMeansTheCanonicalForm) {
  type_all({"crypto ipsec transform-set T esp-3des esp-sha"});
  EXPECT_THAT(store->find<TransformSet>("T")->transforms, ElementsAre("esp-3des", "esp-sha-hmac"));
}

TEST_F(StoreTest, RefusedFeatureIsNamed) {
  type_all({"crypto ikev2 proposal p"});
  EXPECT_EQ(answer("prf sha256"), "% prf is not supported");
  EXPECT_EQ(answer("no prf sha256"), "ok");
}

TEST_F(StoreTest, CheckRefusesAndNothingIsLeft) {
  type_all({"interface Tunnel1", "ip address 10.0.0.1 255.255.255.0", "interface Tunnel2"});
  const auto before = store->render_running();
  const auto revision = store->revision();
  EXPECT_EQ(answer("ip address 10.0.0.129 255.255.255.0"), "% 10.0.0.0 overlaps with Tunnel1");
  EXPECT_EQ(answer("interface Serial0/0"), "% There is no port Serial0/0");
  EXPECT_EQ(store->prompt(context), "config-if");
  EXPECT_EQ(store->render_running(), before);
  EXPECT_EQ(store->revision(), revision);
}

TEST_F(StoreTest, CheckOfAModeVetsRemoval) {
  type_all({"interface Tunnel99", "crypto ikev2 profile P"});
  EXPECT_EQ(answer("no crypto ikev2 profile P"), "% Profile in use by interface Tunnel99");
  EXPECT_TRUE(store->exists("crypto ikev2 profile", "P"));
  type_all({"no interface Tunnel99", "no crypto ikev2 profile P"});
  EXPECT_FALSE(store->exists("crypto ikev2 profile", "P"));
}

TEST_F(StoreTest, NoticesOfModesAndLeaves) {
  EXPECT_THAT(type("crypto ikev2 proposal p").notices, ElementsAre("IKEv2 proposal MUST be complete"));
  type_all({"encryption 3des", "integrity sha1"});
  EXPECT_THAT(type("crypto ikev2 proposal p").notices, IsEmpty());
  type_all({"interface Tunnel1"});
  EXPECT_THAT(type("shutdown").notices, ElementsAre("going down"));
  EXPECT_THAT(type("shutdown").notices, IsEmpty());
  EXPECT_THAT(type("no shutdown").notices, ElementsAre("coming up"));
}

TEST_F(StoreTest, RemovingARowTakesEverythingBelowIt) {
  type_all({"crypto ikev2 keyring K", "peer hq", "pre-shared-key one", "no crypto ikev2 keyring K", "interface Tunnel1",
            "ip address 10.0.0.1 255.0.0.0", "ip access-group A", "no interface Tunnel1"});
  EXPECT_THAT(store->rows<Peer>(), IsEmpty());
  EXPECT_THAT(store->rows<InterfaceIp>(), IsEmpty());
  type_all({"crypto ikev2 keyring K", "peer hq"});
  EXPECT_THAT(store->find<Peer>({"K", "hq"})->keys, IsEmpty());
}

TEST_F(StoreTest, LineInARemovedRowIsRefused) {
  type_all({"interface Tunnel1"});
  Context other;
  store->execute(other, "no interface Tunnel1");
  EXPECT_EQ(answer("shutdown"), "% interface Tunnel1 no longer exists");
  EXPECT_THAT(store->rows<Interface>(), IsEmpty());
}

TEST_F(StoreTest, PermanentRowsStay) {
  store->add_permanent("interface", "GigabitEthernet0/0");
  type_all({"interface Gi0/0", "shutdown"});
  EXPECT_EQ(answer("no interface Gi0/0"), "% Removal of physical interfaces is not permitted");
  EXPECT_THAT(type("default interface Gi0/0").notices,
              ElementsAre("Interface GigabitEthernet0/0 set to default configuration"));
  EXPECT_EQ(store->find<Interface>("GigabitEthernet0/0"), (Interface{"GigabitEthernet0/0", {}, false}));
  EXPECT_TRUE(store->revert_to(0));
  EXPECT_TRUE(store->exists("interface", "GigabitEthernet0/0"));
}

TEST_F(StoreTest, ExtensionRowLivesWhileSomethingIsSet) {
  type_all({"interface Tunnel1"});
  EXPECT_EQ(store->find<InterfaceIp>("Tunnel1"), std::nullopt);
  type_all({"ip access-group A"});
  EXPECT_TRUE(store->find<InterfaceIp>("Tunnel1").has_value());
  type_all({"no ip access-group A"});
  EXPECT_EQ(store->find<InterfaceIp>("Tunnel1"), std::nullopt);
}

// Behind a block, a line that is set at the left is no line of that block.
TEST_F(StoreTest, LoadJudgesALineAtTheLeftInTheGlobalMode) {
  const auto refused = store->load(
      "interface Tunnel1\n"
      "crypto ikev2 propsal WRONG\n"
      "interface Tunnel1\n"
      "crypto ikev2 proposal\n"
      "interface Tunnel1\n"
      " crypto ikev2 propsal WRONG\n");
  std::vector<std::string> shown;
  for (const auto& line : refused) shown.push_back(std::to_string(line.number) + ": " + line.message());
  EXPECT_THAT(shown, ElementsAre("2: % Invalid input detected at column 18.", "4: % Incomplete command.",
                                 "6: % Invalid input detected at column 2."));
}

TEST_F(StoreTest, LoadReportsBadLinesAndKeepsTheRest) {
  const auto refused = store->load(
      "hostname R1\n"
      "interface Tunnel1\r\n"
      " ip address 10.0.0.1 255.255.255.0\n"
      " ip addres\n"
      "!\n"
      "interface Serial9/9\n"
      "crypto ikev2 proposal p\n"
      " prf x\n"
      " encryption 3des\n"
      "nonsense\n"
      "end\n"
      "hostname R2\n");
  std::vector<std::string> shown;
  for (const auto& line : refused) shown.push_back(std::to_string(line.number) + ": " + line.message());
  EXPECT_THAT(shown, ElementsAre("4: % Incomplete command.", "6: % There is no port Serial9/9",
                                 "8: % prf is not supported", "10: % Invalid input detected at column 3."));
  EXPECT_EQ(store->global<Host>().hostname, "R1");
  EXPECT_TRUE(store->find<InterfaceIp>("Tunnel1")->address);
  EXPECT_THAT(store->find<Proposal>("p")->encryption, ElementsAre("3des"));
  EXPECT_EQ(store->revision(), 1);
}

TEST_F(StoreTest, LoadKeepsARefusedBlockOutOfTheOneBefore) {
  const auto refused = store->load(
      "interface Tunnel1\n"
      " ip address 10.0.0.1 255.255.255.0\n"
      "interface Serial9/9\n"
      " ip address 10.9.9.9 255.255.255.0\n"
      "!\n"
      " shutdown\n"
      "hostname R1\n");
  std::vector<std::size_t> numbers;
  for (const auto& line : refused) numbers.push_back(line.number);
  EXPECT_THAT(numbers, ElementsAre(3, 4, 6));
  EXPECT_EQ(store->global<Host>().hostname, "R1");
  EXPECT_EQ(store->find<InterfaceIp>("Tunnel1")->address->address, net::Address::parse("10.0.0.1"));
}

TEST_F(StoreTest, PrivilegeHidesCommands) {
  EXPECT_EQ(store->execute(context, "hostname R1", 1).kind, Kind::mistaken);
  EXPECT_EQ(store->execute(context, "hostname R1", 15).kind, Kind::done);
}

TEST(Registry, TellsSecretColumns) {
  EXPECT_THAT(sample::registry().secret_columns(),
              ElementsAre(Registry::SecretColumn{"journal", "changeset"},
                          Registry::SecretColumn{"crypto_ikev2_keyring_peer_pre_shared_key", "key"}));
}

}  // namespace
}  // namespace culvert::config
