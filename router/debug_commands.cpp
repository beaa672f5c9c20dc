#include "router/debug_commands.h"

#include <fmt/format.h>

#include <string>
#include <utility>
#include <vector>

namespace culvert::router {

namespace {

using parser::Arguments;

// One thing to watch, as it stands behind `debug`.
struct Kind {
  std::string words;
  std::vector<std::string> help;
  bool* flag;
  std::string shown;
};
// The kinds of one room, under the heading that `show debugging` gives them.
struct Group {
  std::string heading;
  std::vector<Kind> kinds;
};
using Groups = std::vector<Group>;

const std::string debug_help = "Debugging functions (see also 'undebug')";
const std::string no_help = "Disable debugging functions (see also 'debug')";
const std::string all_off = "All possible debugging has been turned off\n";

Groups groups_of(DebugFlags& ike, EigrpDebugFlags& eigrp) {
  const std::vector<std::string> crypto{"Cryptographic subsystem", "IKEv2 debugging"};
  const auto with = [](std::vector<std::string> help, const char* last) {
    help.emplace_back(last);
    return help;
  };
  const std::string eigrp_help = "EIGRP Protocol information";
  return {{"IKEV2",
           {{"crypto ikev2", crypto, &ike.general, "IKEv2 default debugging"},
            {"crypto ikev2 error", with(crypto, "IKEv2 error debugging"), &ike.error, "IKEv2 error debugging"},
            {"crypto ikev2 packet", with(crypto, "IKEv2 packet debugging"), &ike.packet, "IKEv2 packet debugging"}}},
          {"EIGRP",
           {{"eigrp packets", {eigrp_help, "EIGRP packets"}, &eigrp.packets, "EIGRP Packet debugging"},
            {"eigrp fsm",
             {eigrp_help, "EIGRP Dual Finite State Machine events/actions"},
             &eigrp.fsm,
             "EIGRP FSM Events/Actions debugging"}}}};
}

std::string show_debugging(const Groups& groups) {
  std::string text;
  for (const auto& group : groups) {
    std::string lines;
    for (const auto& kind : group.kinds)
      if (*kind.flag) lines += fmt::format("  {} is on\n", kind.shown);
    if (!lines.empty()) text += fmt::format("{}:\n{}\n", group.heading, lines);
  }
  return text;
}

class Adder {
 public:
  Adder(parser::ExecCommands& commands, const std::function<void()>& changed)
      : commands_(commands), changed_(changed) {}

  void add(const std::string& spec, std::vector<std::string> help, const std::function<std::string()>& act) {
    commands_.add({.spec = spec,
                   .help = std::move(help),
                   .privilege = 15,
                   .run = parser::text_command([changed = changed_, act](const Arguments&) {
                     auto text = act();
                     changed();
                     return text;
                   })});
  }

 private:
  parser::ExecCommands& commands_;
  const std::function<void()>& changed_;
};

void add_kind(Adder& adder, const Kind& kind) {
  const auto add = [&](const std::string& words, std::vector<std::string> help, bool on) {
    help.insert(help.end(), kind.help.begin(), kind.help.end());
    adder.add(fmt::format("{} {}", words, kind.words), std::move(help), [flag = kind.flag, shown = kind.shown, on] {
      *flag = on;
      return fmt::format("{} is {}\n", shown, on ? "on" : "off");
    });
  };
  add("debug", {debug_help}, true);
  add("no debug", {"Negate a command or set its defaults", debug_help}, false);
  add("undebug", {no_help}, false);
}

}  // namespace

void add_debug_commands(parser::ExecCommands& commands, IkeDebug& ike, EigrpDebug& eigrp,
                        const std::function<void()>& changed) {
  Adder adder(commands, changed);
  const auto groups = groups_of(ike.flags, eigrp.flags);
  for (const auto& group : groups)
    for (const auto& kind : group.kinds) add_kind(adder, kind);
  const auto nothing = [&ike, &eigrp] {
    ike.flags = {};
    eigrp.flags = {};
    return all_off;
  };
  adder.add("undebug all", {no_help, "Disable all debugging"}, nothing);
  adder.add("no debug all", {"Negate a command or set its defaults", debug_help, "Disable all debugging"}, nothing);
  commands.add({.spec = "show debugging",
                .help = {"Show running system information", "State of each debugging option"},
                .run = parser::text_command([groups](const Arguments&) { return show_debugging(groups); })});
}

}  // namespace culvert::router
