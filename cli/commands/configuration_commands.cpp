// Showing, saving and erasing the configuration, and the clock.
#include <fmt/chrono.h>
#include <fmt/core.h>

#include "cli/commands/commands.h"

namespace culvert::cli {
namespace {

using parser::Arguments;
using TerminalPtr = std::shared_ptr<parser::Terminal>;

std::string running_text(const CommandHost& host, config::RenderOptions options = {}) {
  return config::configuration_text(host.store.render_running(options));
}

void show_running_interface(const CommandHost& host, const Arguments& arguments, const TerminalPtr& terminal) {
  const auto& name = arguments["name"];
  const auto block = host.store.render_section("interface", config::Key(name));
  if (block.empty()) {
    terminal->write(fmt::format("% Interface {} does not exist\n", name));
    terminal->fail();
  } else {
    terminal->write(config::show_running_config(config::configuration_text(block)));
  }
  terminal->done();
}

void show_startup(const CommandHost& host, const TerminalPtr& terminal) {
  const auto text = host.startup.read();
  if (!text) {
    terminal->write("%Error " + text.error() + "\n");
    terminal->fail();
  } else if (!*text) {
    terminal->write("startup-config is not present\n");
  } else {
    terminal->write(fmt::format("Using {} out of {} bytes\n", (*text)->size(), config::StartupConfig::size_max) +
                    **text);
  }
  terminal->done();
}

void save(const CommandHost& host, const TerminalPtr& terminal) {
  terminal->write("Building configuration...\n");
  if (const auto saved = save_running(host); saved) {
    terminal->write("[OK]\n");
  } else {
    terminal->write("%Error " + saved.error() + "\n");
    terminal->fail();
  }
  terminal->done();
}

void copy_to_startup(const CommandHost& host, const TerminalPtr& terminal) {
  terminal->ask("Destination filename [startup-config]? ", true, [&host, terminal](const std::string& name) {
    if (terminal->interrupted()) return terminal->done();
    if (name.empty() || name == "startup-config") return save(host, terminal);
    terminal->write("%Error opening nvram:/" + name + " (only startup-config can be written)\n");
    terminal->fail();
    terminal->done();
  });
}

void erase(const CommandHost& host, const TerminalPtr& terminal) {
  constexpr auto question = "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]";
  terminal->ask(question, true, [&host, terminal](const std::string& key) {
    const bool confirmed = !terminal->interrupted() && (key.empty() || key == "y" || key == "Y");
    if (!confirmed) {
      terminal->write("File system erase is not confirmed or Could not be completed\n");
      terminal->fail();
    } else if (const auto erased = host.startup.erase(); erased) {
      terminal->write("[OK]\nErase of nvram: complete\n");
      host.log("%SYS-7-NV_BLOCK_INIT: Initialized the geometry of nvram");
    } else {
      terminal->write("%Error " + erased.error() + "\n");
      terminal->fail();
    }
    terminal->done();
  });
}

std::string clock_text(net::WallTime now) {
  using std::chrono::duration_cast, std::chrono::milliseconds, std::chrono::seconds;
  const auto since = now.time_since_epoch();
  const auto whole = fmt::gmtime(static_cast<std::time_t>(duration_cast<seconds>(since).count()));
  return fmt::format("{:%H:%M:%S}.{:03} UTC {:%a %b} {} {:%Y}\n", whole,
                     duration_cast<milliseconds>(since).count() % 1000, whole, whole.tm_mday, whole);
}

void add_show_commands(parser::ExecCommands& commands, const CommandHost& host) {
  commands.add(
      {.spec = "show running-config [which:(all)]",
       .help = {"Show running system information", "Current operating configuration", "Configuration with defaults"},
       .privilege = 15,
       .run = parser::text_command([&host](const Arguments& arguments) {
         return config::show_running_config(running_text(host, {.all = arguments.has("which")}));
       })});
  commands.add({.spec = "show running-config interface <name:interface>",
                .help = {"Show running system information", "Current operating configuration",
                         "Show interface configuration", "Interface name"},
                .privilege = 15,
                .run = [&host](const Arguments& a, const TerminalPtr& t) { show_running_interface(host, a, t); }});
  commands.add({.spec = "show startup-config",
                .help = {"Show running system information", "Contents of startup configuration"},
                .privilege = 15,
                .run = [&host](const Arguments&, const TerminalPtr& t) { show_startup(host, t); }});
  if (!host.wall_clock) return;
  commands.add({.spec = "show clock",
                .help = {"Show running system information", "Display the system clock"},
                .run = parser::text_command([&host](const Arguments&) { return clock_text(host.wall_clock()); })});
}

}  // namespace

std::expected<void, std::string> save_running(const CommandHost& host) {
  const auto text = running_text(host);
  if (text.size() > config::StartupConfig::size_max)
    return std::unexpected("opening nvram:/startup-config (No space left on device)");
  return host.startup.write(text);
}

bool is_modified(const CommandHost& host) {
  const auto startup = host.startup.read();
  return !startup || startup->value_or("") != running_text(host);
}

void add_configuration_commands(parser::ExecCommands& commands, const CommandHost& host) {
  add_show_commands(commands, host);
  commands.add({.spec = "write [memory]",
                .help = {"Write running configuration to memory, network, or terminal", "Write to NV memory"},
                .privilege = 15,
                .run = [&host](const Arguments&, const TerminalPtr& t) { save(host, t); }});
  commands.add({.spec = "write terminal",
                .help = {"Write running configuration to memory, network, or terminal", "Write to terminal"},
                .privilege = 15,
                .run = parser::text_command(
                    [&host](const Arguments&) { return config::show_running_config(running_text(host)); })});
  commands.add({.spec = "copy running-config startup-config",
                .help = {"Copy from one file to another", "Copy from current system configuration",
                         "Copy to startup configuration"},
                .privilege = 15,
                .run = [&host](const Arguments&, const TerminalPtr& t) { copy_to_startup(host, t); }});
  commands.add({.spec = "write erase",
                .help = {"Write running configuration to memory, network, or terminal", "Erase NV memory"},
                .privilege = 15,
                .run = [&host](const Arguments&, const TerminalPtr& t) { erase(host, t); }});
  commands.add({.spec = "erase startup-config",
                .help = {"Erase a filesystem", "Erase contents of configuration memory"},
                .privilege = 15,
                .run = [&host](const Arguments&, const TerminalPtr& t) { erase(host, t); }});
}

}  // namespace culvert::cli
