#include "parser/exec_command.h"

#include "trees.h"

namespace culvert::parser {
namespace {

class Recorder final : public Terminal {
 public:
  void write(std::string_view text) override { written += text; }
  void ask(std::string, bool, std::function<void(std::string)> answer) override { answer({}); }
  void done() override { ++times_done; }
  void on_interrupt(std::function<void()>) override {}
  void fail() override {}
  unsigned privilege() const override { return 15; }
  std::size_t width() const override { return 80; }
  std::string user() const override { return "console"; }
  std::string line_name() const override { return "con0"; }

  std::string written;
  int times_done = 0;
};

TEST(ExecCommands, RunsTheCommandThatMatched) {
  ExecCommands commands;
  commands.add({.spec = "show clock", .help = {}, .run = text_command([](const Arguments&) { return "noon\n"; })});
  commands.add({.spec = "echo <text:line>",
                .help = {"Say it again", "Text"},
                .privilege = 15,
                .run = text_command([](const Arguments& arguments) { return arguments["text"] + "\n"; })});
  EXPECT_EQ(commands.size(), 2u);
  EXPECT_TRUE(std::holds_alternative<Invalid>(commands.tree().match("echo a b", 1)));

  const auto matched = std::get<Matched>(commands.tree().match("ec a  b", 15));
  const auto terminal = std::make_shared<Recorder>();
  commands[matched.command].run(matched.arguments, terminal);
  EXPECT_EQ(terminal->written, "a  b\n");
  EXPECT_EQ(terminal->times_done, 1);
}

TEST(ExecCommands, HookRunsBeforeTheCommandsAddedSoFar) {
  ExecCommands commands;
  std::string order;
  const auto say = [&](const char* what) {
    return text_command([&order, what](const Arguments&) { return order += what; });
  };
  commands.add({.spec = "early", .help = {}, .run = say("early ")});
  commands.before_each([&] { order += "hook "; });
  commands.add({.spec = "late", .help = {}, .run = say("late ")});
  for (CommandId id : {0, 1}) commands[id].run({}, std::make_shared<Recorder>());
  EXPECT_EQ(order, "hook early late ");
}

}  // namespace
}  // namespace culvert::parser
