#include "cli/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/tiny_router.h"

namespace culvert::cli::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() : router(nvram.path()) { log_in({.kind = LineKind::command, .height = 0, .interactive = false}); }

  void log_in(const Hello& hello, const Visitor& visitor = {}) {
    session = std::make_unique<Session>(
        router.host(), hello, [this](ServerFrame f) { out.push_back(std::move(f)); }, visitor);
    session->start();
    if (!take<Prompt>().empty() && take<Prompt>().back().kind == Prompt::Kind::greeting) session->receive(Answer{});
    out.clear();
  }
  template <class T>
  std::vector<T> take() {
    std::vector<T> found;
    for (const auto& frame : out) {
      if (const auto* one = std::get_if<T>(&frame)) found.push_back(*one);
    }
    return found;
  }
  std::string text() {
    std::string all;
    for (const auto& output : take<Output>()) all += output.text;
    return all;
  }

  TemporaryFolder nvram;
  TinyRouter router;
  std::vector<ServerFrame> out;
  std::unique_ptr<Session> session;
};

TEST_F(SessionTest, EveryLineIsAnsweredByOnePrompt) {
  for (const auto* line : {"", "show version", "nonsense here", "configure terminal", "hostname X", "end"}) {
    out.clear();
    session->receive(Line{line});
    EXPECT_EQ(take<Prompt>().size(), 1u) << line;
  }
}

// Nobody who presses the arrow key at an unguarded terminal finds it.
TEST_F(SessionTest, ThePromptTellsThatALineHeldASecret) {
  std::vector<bool> secret;
  for (const auto* line : {"configure terminal", "interface gi0/1", "k MYKEY", "description MYKEY", "no key", "end"}) {
    out.clear();
    session->receive(Line{line});
    secret.push_back(take<Prompt>().front().secret);
  }
  EXPECT_THAT(secret, ElementsAre(false, false, true, false, false, false));
}

TEST_F(SessionTest, ThePromptTellsARefusal) {
  session->receive(Line{"show version"});
  session->receive(Line{"show vresion"});
  session->receive(Line{"test fail"});
  session->receive(Line{"show version"});
  std::vector<bool> failed;
  for (const auto& prompt : take<Prompt>()) failed.push_back(prompt.failed);
  EXPECT_THAT(failed, ElementsAre(false, true, true, false));
}

TEST_F(SessionTest, RefusalsAreMarkedAsErrors) {
  session->receive(Line{"show vresion"});
  ASSERT_EQ(take<Output>().size(), 1u);
  EXPECT_TRUE(take<Output>()[0].error);
}

TEST_F(SessionTest, LinesTypedAheadWaitForTheCommand) {
  session->receive(Line{"test wait"});
  session->receive(Line{"configure terminal"});
  session->receive(Line{"hostname Later"});
  EXPECT_THAT(take<Prompt>(), IsEmpty());
  EXPECT_EQ(router.host().hostname(), "Router");
  std::exchange(router.waiting, nullptr)->done();
  EXPECT_EQ(take<Prompt>().size(), 3u);
  EXPECT_EQ(take<Prompt>().back().text, "Later(config)#");
}

TEST_F(SessionTest, AnInterruptEndsTheCommand) {
  session->receive(Line{"test wait"});
  session->receive(Interrupt{});
  EXPECT_EQ(text(), "interrupted\n");
  EXPECT_EQ(take<Prompt>().size(), 1u);
  session->receive(Interrupt{});  // there is nothing to interrupt any more
  EXPECT_EQ(take<Prompt>().size(), 1u);
}

TEST_F(SessionTest, TheLossOfTheTerminalInterruptsAndSaysNothing) {
  session->receive(Line{"test wait"});
  session->lost();
  EXPECT_EQ(router.waiting, nullptr);
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(SessionTest, ACommandMayOutliveItsSession) {
  session->receive(Line{"test wait"});
  const auto terminal = router.waiting;
  session.reset();
  terminal->write("too late\n");
  terminal->done();
  EXPECT_THAT(out, IsEmpty());
}

TEST_F(SessionTest, APasswordIsAskedWithoutEcho) {
  session->receive(Line{"test password"});
  ASSERT_EQ(take<Prompt>().size(), 1u);
  EXPECT_EQ(take<Prompt>()[0].kind, Prompt::Kind::question);
  EXPECT_FALSE(take<Prompt>()[0].echo);
  session->receive(Answer{"secret"});
  EXPECT_EQ(text(), "it is secret\n");
}

TEST_F(SessionTest, AnInterruptedQuestionIsNotAnEmptyAnswer) {
  session->receive(Line{"reload"});
  session->receive(Answer{"no"});
  session->receive(Interrupt{});
  EXPECT_EQ(router.reload_count, 0);
  EXPECT_TRUE(take<Prompt>().back().failed);
}

TEST_F(SessionTest, ReloadAsksToSaveOnlyWhatDiffers) {
  session->receive(Line{"write memory"});
  out.clear();
  session->receive(Line{"reload"});
  ASSERT_EQ(take<Prompt>().size(), 1u);
  EXPECT_EQ(take<Prompt>()[0].text, "Proceed with reload? [confirm]");
  session->receive(Answer{""});
  EXPECT_EQ(router.reload_count, 1);
  EXPECT_THAT(router.log, ElementsAre("%SYS-5-RELOAD: Reload requested by console. Reload Reason: Reload Command."));
}

TEST_F(SessionTest, LeavingConfigurationIsLoggedOnceHoweverItHappens) {
  const std::string logged = "%SYS-5-CONFIG_I: Configured from console by console";
  session->receive(Line{"configure terminal"});
  session->receive(Line{"interface gi0/1"});
  session->receive(Line{"end"});
  EXPECT_THAT(router.log, ElementsAre(logged));
  session->receive(Line{"configure terminal"});
  session->receive(Line{"exit"});
  EXPECT_EQ(router.log.size(), 2u);
  session->receive(Line{"configure terminal"});
  session->receive(Line{"hostname Z", true});
  EXPECT_EQ(router.log.size(), 3u);
  EXPECT_EQ(take<Prompt>().back().text, "Z#");
  session->receive(Line{"configure terminal"});
  session->lost();
  EXPECT_EQ(router.log.size(), 4u);
}

TEST_F(SessionTest, TooManyLinesTypedAheadCloseTheSession) {
  session->receive(Line{"test wait"});
  for (std::size_t i = 0; i <= Session::waiting_line_count_max; ++i) session->receive(Line{"show version"});
  ASSERT_EQ(take<Close>().size(), 1u);
  EXPECT_EQ(take<Close>()[0].reason, Close::Reason::refused);
}

TEST_F(SessionTest, LongOutputComesInFramesThatFit) {
  session->receive(Line{"show numbers 100000"});
  EXPECT_GT(take<Output>().size(), 5u);
  for (const auto& output : take<Output>()) EXPECT_LE(output.text.size(), frame_size_max / 2);
  EXPECT_TRUE(text().ends_with("99999\n100000\n"));
}

TEST_F(SessionTest, FramesOutOfTurnAreHarmless) {
  session->receive(Answer{"x"});
  session->receive(Hello{});
  session->receive(Interrupt{});
  EXPECT_THAT(out, IsEmpty());
  session->receive(Line{"test wait"});
  session->receive(Help{"show "});
  session->receive(Complete{"sh"});
  EXPECT_EQ(take<Helped>().size(), 1u);
  EXPECT_THAT(take<Completed>(), ElementsAre(Completed{}));
  EXPECT_EQ(text(), "");
}

TEST_F(SessionTest, TerminalWidthReachesTheTerminal) {
  session->receive(Line{"terminal width 511"});
  EXPECT_THAT(take<Width>(), ElementsAre(Width{511}));
  EXPECT_EQ(text(), "");
}

TEST_F(SessionTest, HostnamesAreCutInConfigurationPrompts) {
  session->receive(Line{"configure terminal"});
  session->receive(Line{"hostname a-router-with-quite-a-long-name"});
  EXPECT_EQ(take<Prompt>().back().text, "a-router-with-quite-(config)#");
  session->receive(Line{"end"});
  EXPECT_EQ(take<Prompt>().back().text, "a-router-with-quite-a-long-name#");
}

TEST_F(SessionTest, ConsoleStartsInUserModeAndNeedsNoSecret) {
  log_in({.kind = LineKind::console});
  session->receive(Line{"configure terminal"});
  EXPECT_TRUE(take<Prompt>().back().failed);
  EXPECT_EQ(take<Prompt>().back().text, "Router>");
  session->receive(Line{"enable"});
  EXPECT_EQ(take<Prompt>().back().text, "Router#");
  session->receive(Line{"disable"});
  EXPECT_EQ(take<Prompt>().back().text, "Router>");
}

TEST_F(SessionTest, SystemLogIsShownToWhoReadsAlong) {
  session->announce("*log line\n");
  EXPECT_EQ(text(), "");
  log_in({.kind = LineKind::console, .interactive = true});
  session->announce("*log line\n");
  EXPECT_EQ(text(), "*log line\n");
}

TEST_F(SessionTest, WhoReadsAlongIsSaidByTheTerminalAndByTheRouter) {
  log_in({.kind = LineKind::console, .interactive = true});
  session->announce("*log line\n", {.console = false, .monitor = true});
  EXPECT_EQ(text(), "");
  session->receive(Line{"terminal no monitor"});
  session->announce("*log line\n");
  EXPECT_EQ(text(), "");
  session->receive(Line{"terminal monitor"});
  session->announce("*log line\n");
  EXPECT_EQ(text(), "*log line\n");
  router.store().load("username admin\nline vty 0 4\n login local\n");
  log_in({.interactive = true}, {"admin", "192.0.2.9"});
  session->announce("*log line\n");
  EXPECT_EQ(text(), "");
  session->receive(Line{"terminal monitor"});
  session->announce("*log line\n", {.console = true, .monitor = false});
  EXPECT_EQ(text(), "");
  session->announce("*log line\n", {.console = false, .monitor = true});
  EXPECT_EQ(text(), "*log line\n");
}

TEST_F(SessionTest, AConfigurationThatCannotBeReadEndsTheCommandAndNothingElse) {
  log_in({.kind = LineKind::console, .interactive = true});
  for (const auto* line : {"test unreadable", "test unreadable later"}) {
    out.clear();
    session->receive(Line{line});
    if (std::string_view(line).ends_with("later")) session->receive(Answer{"yes"});
    EXPECT_EQ(text(), "% The running configuration cannot be read: disk I/O error\n");
    const auto prompts = take<Prompt>();
    ASSERT_FALSE(prompts.empty());
    EXPECT_TRUE(prompts.back().failed);
    EXPECT_EQ(prompts.back().kind, Prompt::Kind::command);
    EXPECT_EQ(router.log.back(), "%SYS-2-RUNNING_DB: The running configuration cannot be read: disk I/O error");
  }
}

TEST_F(SessionTest, AnyBytesAsALineAreAnswered) {
  for (int first = 0; first < 256; ++first) {
    out.clear();
    session->receive(Line{std::string{static_cast<char>(first), ' ', static_cast<char>(255 - first), '|', '?'}});
    EXPECT_EQ(take<Prompt>().size() + take<Close>().size(), 1u) << first;
  }
}

}  // namespace
}  // namespace culvert::cli::testing
