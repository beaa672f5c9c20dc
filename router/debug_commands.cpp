#include "router/debug_commands.h"

#include <fmt/format.h>

#include <array>

namespace culvert::router {

namespace {

using parser::Arguments;

struct Kind {
  std::string_view word;  // behind `debug crypto ikev2`
  bool DebugFlags::* flag;
  std::string_view shown;
  std::string_view help;
};
constexpr std::array kinds{
    Kind{"", &DebugFlags::general, "IKEv2 default debugging", ""},
    Kind{"error", &DebugFlags::error, "IKEv2 error debugging", "IKEv2 error debugging"},
    Kind{"packet", &DebugFlags::packet, "IKEv2 packet debugging", "IKEv2 packet debugging"},
};

const std::string debug_help = "Debugging functions (see also 'undebug')";
const std::string no_help = "Disable debugging functions (see also 'debug')";
const std::string all_off = "All possible debugging has been turned off\n";

std::string show_debugging(const DebugFlags& flags) {
  if (!flags.any()) return "";
  std::string text = "IKEV2:\n";
  for (const auto& kind : kinds)
    if (flags.*kind.flag) text += fmt::format("  {} is on\n", kind.shown);
  return text + "\n";
}

// What a command does to the flags, and then says.
using Act = std::function<std::string(DebugFlags&)>;

class Adder {
 public:
  Adder(parser::ExecCommands& commands, IkeDebug& ike, const std::function<void()>& changed)
      : commands_(commands), ike_(ike), changed_(changed) {}

  void add(const std::string& spec, std::vector<std::string> help, const Act& act) {
    commands_.add({.spec = spec,
                   .help = std::move(help),
                   .privilege = 15,
                   .run = parser::text_command([&ike = ike_, changed = changed_, act](const Arguments&) {
                     auto text = act(ike.flags);
                     changed();
                     return text;
                   })});
  }

 private:
  parser::ExecCommands& commands_;
  IkeDebug& ike_;
  const std::function<void()>& changed_;
};

void add_kind(Adder& adder, const Kind& kind) {
  const std::vector<std::string> subject{"Cryptographic subsystem", "IKEv2 debugging"};
  const auto add = [&](const std::string& words, std::vector<std::string> help, bool on) {
    help.insert(help.end(), subject.begin(), subject.end());
    if (!kind.word.empty()) help.emplace_back(kind.help);
    adder.add(words + " crypto ikev2" + (kind.word.empty() ? "" : " ") + std::string(kind.word), std::move(help),
              [&kind, on](DebugFlags& flags) {
                flags.*kind.flag = on;
                return fmt::format("{} is {}\n", kind.shown, on ? "on" : "off");
              });
  };
  add("debug", {debug_help}, true);
  add("no debug", {"Negate a command or set its defaults", debug_help}, false);
  add("undebug", {no_help}, false);
}

}  // namespace

void add_debug_commands(parser::ExecCommands& commands, IkeDebug& ike, const std::function<void()>& changed) {
  Adder adder(commands, ike, changed);
  for (const auto& kind : kinds) add_kind(adder, kind);
  const auto nothing = [](DebugFlags& flags) {
    flags = {};
    return all_off;
  };
  adder.add("undebug all", {no_help, "Disable all debugging"}, nothing);
  adder.add("no debug all", {"Negate a command or set its defaults", debug_help, "Disable all debugging"}, nothing);
  commands.add({.spec = "show debugging",
                .help = {"Show running system information", "State of each debugging option"},
                .run = parser::text_command([&ike](const Arguments&) { return show_debugging(ike.flags); })});
}

}  // namespace culvert::router
