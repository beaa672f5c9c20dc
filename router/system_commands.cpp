#include "router/system_commands.h"

#include <fmt/format.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <fstream>

namespace culvert::router {

namespace {

std::string counted(std::int64_t count, const char* unit) {
  return fmt::format("{} {}{}", count, unit, count == 1 ? "" : "s");
}

// "1 day, 2 hours, 3 minutes": what is zero is left out, but there is always something.
std::string uptime_text(net::Duration uptime) {
  const auto minutes = net::whole_seconds(uptime) / 60;
  const std::int64_t weeks = minutes / 10080, days = minutes / 1440 % 7, hours = minutes / 60 % 24;
  std::string text;
  if (weeks != 0) text += counted(weeks, "week") + ", ";
  if (days != 0) text += counted(days, "day") + ", ";
  if (hours != 0) text += counted(hours, "hour") + ", ";
  return text + counted(minutes % 60, "minute");
}

// "05:40:13 UTC Sat Nov 21 2026".
std::string date_text(net::WallTime wall) {
  const std::time_t time = std::chrono::floor<std::chrono::seconds>(wall.time_since_epoch()).count();
  std::tm parts{};
  gmtime_r(&time, &parts);
  char text[64];
  std::strftime(text, sizeof text, "%H:%M:%S UTC %a %b", &parts);
  return fmt::format("{} {} {}", text, parts.tm_mday, parts.tm_year + 1900);
}

}  // namespace

std::pair<std::uint64_t, std::uint64_t> memory_kb() {
  const auto page_kb = static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
  std::uint64_t size = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> size >> resident;
  return {resident * page_kb, static_cast<std::uint64_t>(sysconf(_SC_PHYS_PAGES)) * page_kb};
}

std::string show_version(const SystemFacts& facts) {
  utsname machine{};
  uname(&machine);
  auto text = fmt::format("Culvert Software (culvertd), Version {}, IPsec and routing\n", CULVERT_VERSION);
  text += "Licensed under the Apache License, Version 2.0\n\n";
  text += fmt::format("{} uptime is {}\n", facts.hostname, uptime_text(facts.uptime));
  text += fmt::format("System restarted at {}\n", date_text(facts.started));
  text += fmt::format("System image file is \"{}\"\n\n", facts.program);
  text += fmt::format("Culvert ({}) processor with {}K/{}K bytes of memory.\n", machine.machine, facts.memory_used_kb,
                      facts.memory_total_kb);
  text += fmt::format("{} for packets\n", counted(facts.workers, "thread"));
  std::int64_t ethernet = 0, serial = 0;
  for (const auto& port : facts.ports) ++(port.starts_with("Serial") ? serial : ethernet);
  text += counted(ethernet, "Gigabit Ethernet interface") + "\n";
  if (serial != 0) text += counted(serial, "Serial interface") + "\n";
  return text;
}

namespace {

std::string destination_text(std::string_view name, bool on, std::uint64_t messages) {
  if (!on) return fmt::format("    {} disabled\n", name);
  const std::string margin(name.size() + 5, ' ');
  return fmt::format("    {} level debugging, {} messages logged, xml disabled,\n{}filtering disabled\n", name,
                     messages, margin);
}

}  // namespace

std::string show_logging(const Syslog& log) {
  auto text = fmt::format(
      "Syslog logging: enabled ({} messages dropped, {} messages rate-limited, 0 flushes, 0 overruns, xml disabled, "
      "filtering disabled)\n\nNo Active Message Discriminator.\n\n\n\nNo Inactive Message Discriminator.\n\n\n",
      log.dropped(), log.rate_limited());
  const auto to = log.destinations();
  text += destination_text("Console logging:", to.console, log.to_console()) +
          destination_text("Monitor logging:", to.monitor, log.to_monitor()) +
          destination_text("Buffer logging:", to.buffer, log.to_buffer());
  text += fmt::format(
      "    Count and timestamp logging messages: disabled\n    Persistent logging: disabled\n\n"
      "No active filter modules.\n\nLog Buffer ({} bytes):\n\n",
      log.buffer_octets_max());
  for (const auto& line : log.lines()) text += line + "\n";
  return text;
}

void add_system_commands(parser::ExecCommands& commands, std::function<SystemFacts()> facts, Syslog& log) {
  const std::string show = "Show running system information";
  commands.add({.spec = "show version",
                .help = {show, "System hardware and software status"},
                .run = parser::text_command([facts](const parser::Arguments&) { return show_version(facts()); })});
  commands.add({.spec = "show logging",
                .help = {show, "Show the contents of logging buffers"},
                .run = parser::text_command([&log](const parser::Arguments&) { return show_logging(log); })});
  commands.add({.spec = "clear logging",
                .help = {"Reset functions", "Clear logging buffer"},
                .privilege = 15,
                .run = [&log](const parser::Arguments&, std::shared_ptr<parser::Terminal> terminal) {
                  terminal->ask("Clear logging buffer [confirm]", true, [&log, terminal](const std::string& answer) {
                    if (!terminal->interrupted() && (answer.empty() || answer == "y" || answer == "Y")) log.clear();
                    terminal->done();
                  });
                }});
}

}  // namespace culvert::router
