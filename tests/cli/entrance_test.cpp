// The way in: by the console, with a password or a user of one's own, and by SSH.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/commands/password_encryption.h"
#include "cli/commands/users.h"
#include "cli/entrance.h"
#include "tests/cli/tiny_router.h"

namespace culvert::cli::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

constexpr Hello console{.kind = LineKind::console, .interactive = true};
const Visitor admin{"admin", "192.0.2.9"};

class EntranceTest : public ::testing::Test {
 protected:
  EntranceTest() : router(nvram.path()) {
    configure("username admin privilege 15 password letmein\nusername guest password guest\nusername nopass\n");
  }

  void configure(std::string_view text) { ASSERT_THAT(router.store().load(text), IsEmpty()); }
  void arrive(const Hello& hello, const Visitor& visitor = {}) {
    session = std::make_unique<Session>(
        router.host(), hello, [this](ServerFrame f) { out.push_back(std::move(f)); }, visitor);
    session->start();
  }
  // A person at the console who has pressed RETURN.
  void arrive_at_console() {
    arrive(console);
    ASSERT_EQ(prompt().kind, Prompt::Kind::greeting);
    session->receive(Answer{});
  }
  Prompt prompt() const {
    Prompt last;
    for (const auto& frame : out)
      if (const auto* one = std::get_if<Prompt>(&frame)) last = *one;
    return last;
  }
  std::string text() {
    std::string all;
    for (const auto& frame : out)
      if (const auto* one = std::get_if<Output>(&frame)) all += one->text;
    return all;
  }
  bool closed() const { return !out.empty() && std::holds_alternative<Close>(out.back()); }

  TemporaryFolder nvram;
  TinyRouter router;
  std::vector<ServerFrame> out;
  std::unique_ptr<Session> session;
};

TEST_F(EntranceTest, AConsoleWithoutLoginOpensAtOnce) {
  arrive_at_console();
  EXPECT_EQ(prompt().text, "Router>");
  EXPECT_EQ(text(), "");
}

TEST_F(EntranceTest, AConsoleMayOpenInPrivilegedMode) {
  configure("line con 0\n privilege level 15\n");
  arrive_at_console();
  EXPECT_EQ(prompt().text, "Router#");
}

TEST_F(EntranceTest, LocalUsersLogInAtTheConsole) {
  configure("line con 0\n login local\n");
  arrive_at_console();
  EXPECT_EQ(text(), "\nUser Access Verification\n\n");
  EXPECT_EQ(prompt().text, "Username: ");
  session->receive(Answer{"admin"});
  EXPECT_EQ(prompt().text, "Password: ");
  EXPECT_FALSE(prompt().echo);
  session->receive(Answer{"letmein"});
  EXPECT_EQ(prompt().text, "Router#");
  EXPECT_THAT(router.log,
              ElementsAre("%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success [user: admin] [Source: LOCAL] [localport: 0]"));
  session->receive(Line{"configure terminal"});
  session->receive(Line{"end"});
  EXPECT_EQ(router.log.back(), "%SYS-5-CONFIG_I: Configured from console by admin on console");
}

TEST_F(EntranceTest, ThreeWrongPasswordsEndTheSession) {
  configure("line con 0\n login local\n");
  arrive_at_console();
  for (const auto* user : {"admin", "nobody", "nopass"}) {
    EXPECT_FALSE(closed());
    session->receive(Answer{user});
    session->receive(Answer{"wrong"});
  }
  EXPECT_TRUE(closed());
  EXPECT_THAT(text(), HasSubstr("% Login invalid\n\n% Login invalid\n\n% Login invalid\n\n"));
  const std::string failed = "%SEC_LOGIN-4-LOGIN_FAILED: Login failed ";
  EXPECT_THAT(router.log, ElementsAre(StartsWith(failed + "[user: admin] "), StartsWith(failed + "[user: ] "),
                                      StartsWith(failed + "[user: nopass] ")));
  arrive_at_console();  // nobody is locked out
  EXPECT_EQ(prompt().text, "Username: ");
}

TEST_F(EntranceTest, ALinePasswordIsAskedForAlone) {
  configure("line con 0\n login\n password 7 094F471A1A0A\n");
  arrive_at_console();
  EXPECT_EQ(prompt().text, "Password: ");
  for (int i = 0; i < 2; ++i) session->receive(Answer{"Cisco"});
  EXPECT_EQ(prompt().text, "Password: ");
  session->receive(Answer{"cisco"});
  EXPECT_EQ(prompt().text, "Router>");
  arrive_at_console();
  for (int i = 0; i < 3; ++i) session->receive(Answer{"wrong"});
  EXPECT_TRUE(closed());
  EXPECT_THAT(text(), HasSubstr("% Bad passwords\n"));
}

TEST_F(EntranceTest, LoginWithoutALinePasswordLetsNobodyIn) {
  configure("line con 0\n login\n");
  arrive_at_console();
  EXPECT_TRUE(closed());
  EXPECT_EQ(text(), "\nPassword required, but none set\n");
}

// The time of an answer does not tell who exists: for a stranger the same slow comparison is made.
TEST_F(EntranceTest, A37_AStrangerCostsWhatAUserCosts) {
  configure("username admin secret letmein\nline con 0\n login local\n");
  arrive_at_console();
  for (const auto* user : {"admin", "nobody", "nopass"}) {
    session->receive(Answer{user});
    session->receive(Answer{"wrong"});
  }
  ASSERT_EQ(router.verified.size(), 3u);
  for (const auto& stored : router.verified) EXPECT_EQ(stored.type, PasswordType::scrypt);
  EXPECT_EQ(router.verified[1], nobodys_password());
}

// What the secret of a stranger is, no user can have.
TEST_F(EntranceTest, NobodysPasswordLetsNobodyIn) {
  configure("line con 0\n login local\n");
  for (const auto* user : {"nobody", "nopass"}) {
    arrive_at_console();
    for (const auto& typed : {std::string(), nobodys_password().text, std::string(user)}) {
      session->receive(Answer{user});
      session->receive(Answer{typed});
    }
    EXPECT_TRUE(closed());
  }
}

// No listener and no way in that nobody has configured.
TEST_F(EntranceTest, A38_NobodyComesBySshWhoIsNotAskedWhoHeIs) {
  EXPECT_FALSE(any_takes_ssh(router.store()));
  for (const auto* lines : {"line vty 0 15\n transport input ssh\n", "line vty 0 15\n login\n password cisco\n",
                            "line vty 0 15\n login local\n transport input none\n"}) {
    configure(lines);
    EXPECT_FALSE(any_takes_ssh(router.store())) << lines;
    arrive(console, admin);
    EXPECT_TRUE(closed()) << lines;
  }
  configure("line vty 0 15\n transport input ssh\n");
  EXPECT_TRUE(any_takes_ssh(router.store()));
}

TEST_F(EntranceTest, AnInterruptAtThePasswordEndsTheSession) {
  configure("line con 0\n login local\n");
  arrive_at_console();
  session->receive(Answer{"admin"});
  session->receive(Interrupt{});
  EXPECT_TRUE(closed());
}

TEST_F(EntranceTest, WhoHasLoggedInBySshSitsOnALineAtOnce) {
  configure("line vty 0 1\n login local\n");
  arrive(console, admin);
  EXPECT_EQ(prompt().text, "Router#");
  EXPECT_EQ(session->line_name(), "vty0");
  session->receive(Line{"configure terminal"});
  session->receive(Line{"end"});
  EXPECT_EQ(router.log.back(), "%SYS-5-CONFIG_I: Configured from console by admin on vty0 (192.0.2.9)");
  session->receive(Line{"show users"});
  EXPECT_THAT(text(), HasSubstr("*  2 vty 0     admin      idle                 00:00:00   192.0.2.9\n"));
}

// A terminal that calls itself something better gains nothing by it.
TEST_F(EntranceTest, AVisitorIsWhatHeLoggedInAs) {
  configure("line vty 0 1\n login local\n");
  arrive({.kind = LineKind::command, .interactive = false}, {"guest", "192.0.2.9"});
  EXPECT_EQ(prompt().text, "Router>");
}

TEST_F(EntranceTest, LinesAreTakenLowestFirstAndRunOut) {
  configure("line vty 0 1\n login local\nline vty 2 15\n login local\n transport input none\n");
  arrive(console, admin);
  auto first = std::move(session);
  arrive(console, admin);
  EXPECT_EQ(session->line_name(), "vty1");
  auto second = std::move(session);
  arrive(console, admin);
  EXPECT_TRUE(closed());
  first.reset();
  arrive(console, admin);
  EXPECT_EQ(session->line_name(), "vty0");
}

TEST_F(EntranceTest, ALineMayBeConfiguredAlone) {
  configure("line vty 3\n login local\nline vty 4 15\n transport input none\n");
  EXPECT_THAT(router.store().render_running(), HasSubstr("line vty 3 3\n login local\n"));
  arrive(console, admin);
  EXPECT_EQ(session->line_name(), "vty3");
  EXPECT_EQ(router.store().load("line vty 5\n").size(), 1u);
}

TEST_F(EntranceTest, ALineIsCleared) {
  configure("line vty 0 1\n login local\n");
  arrive(console, admin);
  bool other_closed = false;
  Session other(router.host(), console,
                [&](const ServerFrame& frame) { other_closed = other_closed || std::holds_alternative<Close>(frame); },
                {"guest", "192.0.2.10"});
  other.start();
  session->receive(Line{"clear line vty 1"});
  EXPECT_EQ(prompt().text, "[confirm]");
  session->receive(Answer{});
  EXPECT_TRUE(other_closed);
  EXPECT_FALSE(closed());
  session->receive(Line{"clear line 2"});
  session->receive(Answer{});
  EXPECT_TRUE(closed());
}

TEST_F(EntranceTest, AnIdleSessionEnds) {
  configure("line con 0\n exec-timeout 1 30\n");
  arrive_at_console();
  router.now += std::chrono::seconds(89);
  router.lines().tick();
  EXPECT_FALSE(closed());
  session->receive(Line{""});
  router.now += std::chrono::seconds(89);
  router.lines().tick();
  EXPECT_FALSE(closed());
  router.now += std::chrono::seconds(1);
  router.lines().tick();
  EXPECT_TRUE(closed());
}

TEST_F(EntranceTest, ACommandThatRunsAndAConsoleThatWaitsAreNotIdle) {
  arrive(console);
  router.now += std::chrono::hours(1);
  router.lines().tick();
  EXPECT_FALSE(closed());
  session->receive(Answer{});
  session->receive(Line{"test wait"});
  router.now += std::chrono::hours(1);
  router.lines().tick();
  EXPECT_FALSE(closed());
  std::exchange(router.waiting, nullptr)->done();
  configure("line con 0\n exec-timeout 0 0\n");
  router.now += std::chrono::hours(24);
  router.lines().tick();
  EXPECT_FALSE(closed());
}

TEST_F(EntranceTest, EnableAsksForTheSecret) {
  configure("line vty 0 1\n login local\n");
  arrive(console, {"guest", "192.0.2.9"});
  session->receive(Line{"enable"});
  EXPECT_EQ(text(), "% No password set\n");
  configure("enable password weak\nenable secret 5 $1$28772684$iEwNOgGugqO9.bIz5sk8k/\n");
  session->receive(Line{"enable"});
  EXPECT_EQ(prompt().text, "Password: ");
  EXPECT_FALSE(prompt().echo);
  session->receive(Answer{"weak"});
  session->receive(Answer{"hashcat"});
  EXPECT_EQ(prompt().text, "Router#");
  session->receive(Line{"disable"});
  session->receive(Line{"enable"});
  for (int i = 0; i < 3; ++i) session->receive(Answer{"wrong"});
  EXPECT_THAT(text(), HasSubstr("% Bad secrets\n\n"));
  EXPECT_EQ(prompt().text, "Router>");
  EXPECT_TRUE(prompt().failed);
}

TEST_F(EntranceTest, AnInterruptedEnableStaysWhereItIs) {
  configure("enable secret s3cret\n");
  arrive_at_console();
  session->receive(Line{"enable"});
  session->receive(Interrupt{});
  EXPECT_EQ(prompt().text, "Router>");
}

TEST_F(EntranceTest, TheBannerIsShownBeforeAnythingElse) {
  configure("banner motd #\nKeep out.\n end\n#\nline con 0\n login local\n");
  arrive_at_console();
  EXPECT_EQ(text(), "\nKeep out.\n end\n\nUser Access Verification\n\n");
  EXPECT_THAT(router.store().render_running(), HasSubstr("banner motd ^C\nKeep out.\n end\n^C\n!\n"));
  EXPECT_THAT(router.store().load(router.store().render_running()), IsEmpty());
}

TEST_F(EntranceTest, ABannerIsTypedLineByLine) {
  arrive({.kind = LineKind::command, .interactive = false});
  session->receive(Line{"configure terminal"});
  session->receive(Line{"banner motd @"});
  EXPECT_THAT(text(), HasSubstr("Enter TEXT message.  End with the character '@'.\n"));
  for (const auto* line : {"Welcome to this router?", "", "exit"}) {
    EXPECT_EQ(prompt().kind, Prompt::Kind::question);
    EXPECT_EQ(prompt().text, "");
    session->receive(Answer{line});
  }
  session->receive(Answer{"@"});
  EXPECT_EQ(prompt().text, "Router(config)#");
  session->receive(Line{"banner motd $ a $"});
  EXPECT_THAT(router.store().render_running(), HasSubstr("banner motd ^C a ^C\n"));
  session->receive(Line{"banner motd $"});
  session->receive(Answer{"half"});
  session->receive(Interrupt{});
  EXPECT_EQ(prompt().text, "Router(config)#");
  EXPECT_THAT(router.store().render_running(), HasSubstr("banner motd ^C a ^C\n"));
  session->receive(Line{"no banner motd"});
  EXPECT_THAT(router.store().render_running(), ::testing::Not(HasSubstr("banner")));
}

TEST_F(EntranceTest, ABannerThatNeverEndsIsRefusedAndTheRestLoads) {
  EXPECT_EQ(router.store().load("hostname R\nbanner motd #\nhostname X\n").size(), 1u);
  EXPECT_EQ(router.host().hostname(), "R");
}

TEST_F(EntranceTest, PlainPasswordsAreHiddenWhereThatIsConfigured) {
  configure("enable password p1ain\nline con 0\n password 0 p1ain\nline vty 0 4\n password p1ain two\n");
  net::SeededRandom random(1);
  EXPECT_EQ(lines_that_hide(router.store(), random), "");
  configure("service password-encryption\n");
  configure(lines_that_hide(router.store(), random));
  const auto running = router.store().render_running();
  EXPECT_THAT(running, ::testing::Not(::testing::ContainsRegex("p1ain|letmein|password guest")));
  EXPECT_THAT(running, HasSubstr("service password-encryption\n"));
  EXPECT_THAT(running, HasSubstr("username admin privilege 15 password 7 "));
  EXPECT_EQ(lines_that_hide(router.store(), random), "");
  EXPECT_TRUE(verifies(*vty_settings(router.store(), 4)->password, "p1ain two"));
  configure("no service password-encryption\nusername guest password guest\n");
  EXPECT_EQ(lines_that_hide(router.store(), random), "");
  EXPECT_THAT(router.store().render_running(), HasSubstr("username guest password 0 guest\n"));
}

TEST_F(EntranceTest, SecretsAreKeptAsHashes) {
  configure("enable secret s3cret\nusername admin secret 0 s3cret\n");
  configure("username operator algorithm-type scrypt secret s3cret\n");
  const auto running = router.store().render_running();
  EXPECT_THAT(running, HasSubstr("enable secret 9 $9$"));
  EXPECT_THAT(running, HasSubstr("username admin privilege 15 secret 9 $9$"));
  EXPECT_THAT(running, HasSubstr("username operator secret 9 $9$"));
  configure("enable algorithm-type scrypt secret an0ther\n");
  EXPECT_TRUE(verifies(*router.store().global<EnablePasswords>().secret, "an0ther"));
  EXPECT_THAT(running, ::testing::Not(HasSubstr("s3cret")));
}

}  // namespace
}  // namespace culvert::cli::testing
