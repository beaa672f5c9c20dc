// End to end: the real program on a real pseudo-terminal, a real socket, a tiny router.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <future>

#include "cli/server.h"
#include "tests/cli/programs.h"

namespace culvert::cli::testing {
namespace {

// Whoever may write there could put a socket of their own in the place of the router's, and read what is typed.
TEST(Server, RefusesAFolderThatOthersMayWriteTo) {
  namespace fs = std::filesystem;
  const auto above = fs::path(::testing::TempDir()) / "culvert-open-folder";
  fs::create_directories(above / "run");
  boost::asio::io_context io;
  const auto refusal = [&] {
    const auto server = Server::open(io, above / "run" / "console", {});
    return server ? std::string("opened") : server.error();
  };
  EXPECT_EQ(refusal(), "opened");
  for (const auto& folder : {above, above / "run"}) {
    fs::permissions(folder, fs::perms::all);
    EXPECT_NE(refusal().find("Others may write to"), std::string::npos) << folder;
    fs::permissions(folder, fs::perms::owner_all);
  }
  fs::remove_all(above);
}

class ConsoleTest : public ::testing::Test {
 protected:
  ConsoleTest() { router.serve(); }
  std::vector<std::string> with_socket(std::vector<std::string> arguments = {"--no-banner"}) {
    arguments.insert(arguments.begin(), {"--socket", router.socket_path()});
    return arguments;
  }
  ServedRouter router;
};

TEST_F(ConsoleTest, PressReturnToGetStarted) {
  PtyProgram terminal(with_socket({}));
  EXPECT_EQ(terminal.expect("started.\r\n\r\n\r\n"),
            "\r\n\r\nRouter con0 is now available\r\n\r\n\r\n\r\n\r\n\r\nPress RETURN to get started.\r\n\r\n\r\n");
  terminal.type("\r");
  EXPECT_EQ(terminal.expect(">"), "\r\nRouter>");
}

TEST_F(ConsoleTest, EchoIsExactAndPromptsEndTheLine) {
  PtyProgram terminal(with_socket());
  EXPECT_EQ(terminal.expect(">"), "Router>");
  terminal.type("enable\r");
  EXPECT_EQ(terminal.expect("#"), "enable\r\nRouter#");
  terminal.type("show privilege\n");
  EXPECT_EQ(terminal.expect("Router#"), "show privilege\r\nCurrent privilege level is 15\r\nRouter#");
  terminal.type("\r\n");
  EXPECT_EQ(terminal.expect("Router#"), "\r\nRouter#");
  terminal.type("exit\r");
  EXPECT_EQ(terminal.exit_status(), 0) << terminal.rest();
}

// A program may end one answer by a carriage return and the next line by a line feed.
TEST_F(ConsoleTest, ALineFeedThatComesLaterIsAnEnterOfItsOwn) {
  PtyProgram terminal(with_socket());
  EXPECT_EQ(terminal.expect(">"), "Router>");
  for (const auto* enter : {"\r", "\n", "\n", "\r", "\r\n", "\r\n"}) {
    terminal.type(enter);
    EXPECT_EQ(terminal.expect("Router>"), "\r\nRouter>");
  }
  terminal.type("exit\r");
  EXPECT_EQ(terminal.exit_status(), 0) << terminal.rest();
}

TEST_F(ConsoleTest, EverythingTypedAheadIsKept) {
  PtyProgram terminal(with_socket());
  terminal.expect(">");
  terminal.type("enable\rconf t\nhostname R1\r\ninterface gi0/1\ndescription one\nend\nexit\n");
  EXPECT_EQ(terminal.expect("R1#exit\r\n"),
            "enable\r\nRouter#conf t\r\nEnter configuration commands, one per line.  End with CNTL/Z.\r\n"
            "Router(config)#hostname R1\r\nR1(config)#interface gi0/1\r\nR1(config-if)#description one\r\n"
            "R1(config-if)#end\r\nR1#exit\r\n");
  EXPECT_EQ(terminal.exit_status(), 0) << terminal.rest();
}

TEST_F(ConsoleTest, QuestionMarkAndTab) {
  PtyProgram terminal(with_socket());
  terminal.expect(">");
  terminal.type("show p?");
  EXPECT_EQ(terminal.expect("Router>show p"), "show p?\r\nprivilege\r\n\r\nRouter>show p");
  terminal.type("\t");
  EXPECT_EQ(terminal.expect("privilege "), "\r\nRouter>show privilege ");
  terminal.type("\r");
  terminal.expect("level is 1\r\nRouter>");
  terminal.type("zzz\t");
  EXPECT_EQ(terminal.expect("\a"), "zzz\a");
}

// As xterm, a VT220 (and so screen and tmux), rxvt and a keypad in application mode send them.
TEST_F(ConsoleTest, HomeAndEndOfEveryTerminal) {
  PtyProgram terminal(with_socket());
  terminal.expect(">");
  for (const auto& [home, end] :
       {std::pair("\x1b[H", "\x1b[F"), {"\x1b[1~", "\x1b[4~"}, {"\x1b[7~", "\x1b[8~"}, {"\x1bOH", "\x1bOF"}}) {
    terminal.type(std::string("ow privil") + home + "sh" + end + "ege\r");
    EXPECT_NE(terminal.expect("Router>").find("level is 1"), std::string::npos) << home + 1;
  }
}

TEST_F(ConsoleTest, ControlZRunsTheLineAndEnds) {
  PtyProgram terminal(with_socket());
  terminal.type("enable\rconfigure terminal\r");
  terminal.expect("(config)#");
  terminal.type("hostname Z1\x1a");
  EXPECT_EQ(terminal.expect("Z1#"), "hostname Z1^Z\r\nZ1#");
  EXPECT_EQ(router.hostname(), "Z1");
}

TEST_F(ConsoleTest, ALineWithASecretIsNotRemembered) {
  PtyProgram terminal(with_socket());
  terminal.type("enable\rconfigure terminal\rinterface gi0/1\r");
  terminal.expect("(config-if)#");
  terminal.type("key MYKEY\r");
  terminal.expect("(config-if)#");
  terminal.type("\x10");  // one line back
  EXPECT_EQ(terminal.expect("gi0/1"), "interface gi0/1");
}

TEST_F(ConsoleTest, Editing) {
  PtyProgram terminal(with_socket());
  terminal.type("enable\rconfigure terminal\r");
  terminal.expect("(config)#");
  terminal.type("ostname Xend\x01h\x05\b\b\b1\r");  // ^A, ^E, backspaces
  terminal.expect("X1(config)#");
  terminal.type("garbage\x15hostname X2\x02\x02\x04\x14\r");  // ^U, ^B ^B ^D ^T: "X2" loses its X, then swaps
  terminal.expect("(config)#");
  terminal.type("no hostname\r");
  terminal.expect("Router(config)#");
  terminal.type("\x10\x10\x10\r");  // the third line back: hostname X1
  terminal.expect("(config)#");
  terminal.type("description what\x16?\x03");  // ^V inserts the question mark, ^C throws the line away
  EXPECT_NE(terminal.expect("(config)#").find("description what?"), std::string::npos);
}

TEST_F(ConsoleTest, ARunningCommandIsInterrupted) {
  PtyProgram terminal(with_socket());
  terminal.expect(">");
  terminal.type("test wait\r");
  terminal.expect("test wait\r\n");
  terminal.type("show privilege\r\x1e");  // the interrupt overtakes what was typed ahead
  EXPECT_EQ(terminal.expect("level is 1\r\n"),
            "interrupted\r\nRouter>show privilege\r\nCurrent privilege level is 1\r\n");
}

TEST_F(ConsoleTest, PagesAndQuestions) {
  PtyProgram terminal(with_socket());
  terminal.type("show numbers 30\r");
  terminal.expect("23\r\n --More-- ");
  terminal.type(" ");
  const std::string wiped(10, '\b');
  EXPECT_EQ(terminal.expect("24\r\n"), wiped + std::string(10, ' ') + wiped + "24\r\n");
  terminal.expect("30\r\nRouter>");
  terminal.type("enable\rcopy running-config startup-config\r");
  terminal.expect("Destination filename [startup-config]? ");
  terminal.type("\r");
  EXPECT_EQ(terminal.expect("Router#"), "\r\nBuilding configuration...\r\n[OK]\r\nRouter#");
  terminal.type("test password\r");
  terminal.expect("Password: ");
  terminal.type("hidden?\r");
  EXPECT_EQ(terminal.expect("Router#"), "\r\nit is hidden?\r\nRouter#");
}

TEST_F(ConsoleTest, ALogLineDoesNotLoseWhatIsTyped) {
  PtyProgram terminal(with_socket());
  terminal.expect(">");
  terminal.type("show pri");
  terminal.expect("show pri");
  router.broadcast("*log: something happened\n");
  EXPECT_EQ(terminal.expect("Router>show pri"), "\r\n*log: something happened\r\nRouter>show pri");
  terminal.type("vilege\r");
  EXPECT_EQ(terminal.expect("level is 1\r\n"), "vilege\r\nCurrent privilege level is 1\r\n");
}

TEST_F(ConsoleTest, AReloadIsWaitedFor) {
  PtyProgram terminal(with_socket());
  terminal.type("enable\rwrite\rreload\r");
  terminal.expect("Proceed with reload? [confirm]");
  terminal.type("\r");
  terminal.expect("is reloading\r\n");
  router.serve();
  terminal.expect("Router>");
  terminal.type("exit\r");
  EXPECT_EQ(terminal.exit_status(), 0) << terminal.rest();
}

TEST_F(ConsoleTest, CommandsPrintAndTellTheirStatus) {
  const auto good = run_culvert(with_socket({"-c", "show privilege"}));
  EXPECT_EQ(good.status, 0);
  EXPECT_EQ(good.out, "Current privilege level is 15\n");
  EXPECT_EQ(good.err, "");
  const auto refused = run_culvert(with_socket({"-c", "show vresion"}));
  EXPECT_EQ(refused.status, 1);
  EXPECT_EQ(refused.out, "");
  EXPECT_EQ(refused.err, "             ^\n% Invalid input detected at '^' marker.\n\n");
  const auto failed = run_culvert(with_socket({"-c", "test fail", "-c", "show privilege"}));
  EXPECT_EQ(failed.status, 1);
  EXPECT_EQ(failed.out, "it failed\nCurrent privilege level is 15\n");
  const auto long_one = run_culvert(with_socket({"-c", "show numbers 100000"}));
  EXPECT_TRUE(long_one.out.ends_with("\n100000\n"));
  EXPECT_EQ(run_culvert(with_socket({"-c", "copy running-config startup-config"})).status, 0);
}

TEST_F(ConsoleTest, ScriptsNameTheLineThatWasRefused) {
  const auto good = run_culvert(with_socket({}), "configure terminal\nhostname S1\nend\nwrite\n");
  EXPECT_EQ(good.status, 0);
  EXPECT_EQ(router.hostname(), "S1");
  const auto bad = run_culvert(with_socket({}), "configure terminal\r\n\r\nhotsname S2\r\nhostname S3");
  EXPECT_EQ(bad.status, 1);
  EXPECT_EQ(bad.err, "line 3: hotsname S2\n             ^\n% Invalid input detected at '^' marker.\n\n");
  EXPECT_EQ(router.hostname(), "S3");
}

TEST_F(ConsoleTest, AScriptAnswersQuestions) {
  EXPECT_EQ(run_culvert(with_socket({}), "reload\nno\nn\nshow privilege\n").out,
            "System configuration has been modified. Save? [yes/no]: \nProceed with reload? [confirm]\n"
            "Current privilege level is 15\n");
}

TEST_F(ConsoleTest, TheSocketIsTheOwnersAlone) {
  struct stat about{};
  ASSERT_EQ(::stat(router.socket_path().c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  EXPECT_NE(router.open_again().find("already answers"), std::string::npos);
}

TEST(Culvert, SaysWhatIsMissing) {
  const auto absent = run_culvert({"--socket", "/nonexistent/console", "-n", "hq", "-c", "show version"});
  EXPECT_EQ(absent.status, 2);
  EXPECT_EQ(absent.err, "culvert: hq: no router answers at /nonexistent/console; start it with: culvertd --name hq\n");
  EXPECT_EQ(run_culvert({"--wait-ready", "0", "--socket", "/nonexistent/console"}).status, 1);
  EXPECT_EQ(run_culvert({"--nonsense"}).status, 2);
  EXPECT_EQ(run_culvert({"--help"}).out.substr(0, 14), "usage: culvert");
}

TEST(Culvert, WaitsUntilTheRouterAnswers) {
  ServedRouter router;
  router.open();  // connections wait from here on
  auto waiting = std::async(
      std::launch::async, [&] { return run_culvert({"--wait-ready", "60", "--socket", router.socket_path()}).status; });
  router.start();
  EXPECT_EQ(waiting.get(), 0);
}

}  // namespace
}  // namespace culvert::cli::testing
