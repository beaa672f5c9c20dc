#include "tests/cli/tiny_router.h"

#include <cassert>
#include <cstdlib>
#include <utility>

#include "cli/commands/banner.h"
#include "cli/commands/line_mode.h"
#include "cli/commands/password_encryption.h"
#include "cli/commands/users.h"
#include "config-store/database_error.h"

namespace culvert::cli::testing {
namespace {

struct Port {
  std::string name;
  std::optional<std::string> description;
  std::optional<std::string> key;
  bool shutdown = false;
};
struct Proposal {
  std::string name;
  std::vector<std::string> encryption;
  std::optional<std::uint32_t> lifetime_s;
};

config::ModeDefinition port_mode() {
  return config::mode<Port>(
      {.enter = "interface <name:interface>",
       .help = {"Select an interface to configure", "Interface name"},
       .key = &Port::name,
       .prompt = "config-if",
       .title = "Interface configuration commands:",
       .leaves = {config::leaf("description <text:line>", &Port::description,
                               {.help = {"Interface specific description", "Text"}}),
                  config::leaf("key <key:word>", &Port::key, {.help = {"Key", "Key string"}, .secret = {"key"}}),
                  config::leaf("shutdown", &Port::shutdown, {.help = {"Shutdown the selected interface"}})},
       .order = config::section_order::interface});
}

config::ModeDefinition proposal_mode() {
  return config::mode<Proposal>(
      {.enter = "crypto ikev2 proposal <name:word>",
       .help = {"Encryption module", "Configure IKEv2 Options", "Define IKEv2 proposals", "Name of IKEv2 proposal"},
       .key = &Proposal::name,
       .prompt = "config-ikev2-proposal",
       .title = "IKEv2 Proposal commands:",
       .leaves = {config::repeated(
                      "encryption algorithm:(3des|aes-cbc-128|aes-cbc-256)...", &Proposal::encryption,
                      {.help = {"Set encryption algorithm(s) for proposal", "3DES", "AES-CBC-128", "AES-CBC-256"}}),
                  config::leaf("lifetime <seconds:u32(120-86400)>", &Proposal::lifetime_s,
                               {.help = {"Set lifetime", "Seconds"}})},
       .order = config::section_order::crypto_ikev2_proposal});
}

config::Registry make_registry(net::Random& salts) {
  config::Registry registry;
  registry.add(host_definition());
  registry.add(users_definition(salts));
  registry.add(enable_definition(salts));
  registry.add(password_encryption_definition());
  registry.add(banner_definition());
  define_lines(registry);
  registry.add(port_mode());
  registry.add(proposal_mode());
  registry.complete();
  return registry;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string name = std::filesystem::temp_directory_path() / "culvert-cli-XXXXXX";
  const auto* made = ::mkdtemp(name.data());
  assert(made != nullptr);
  path_ = made;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

TinyRouter::TinyRouter(const std::filesystem::path& nvram)
    : registry_(make_registry(salts_)),
      store_(config::Store::in_memory(registry_)),
      startup_(nvram),
      command_host_{.store = *store_,
                    .startup = startup_,
                    .log = [this](std::string line) { log.push_back(std::move(line)); },
                    .reload =
                        [this] {
                          ++reload_count;
                          on_reload();
                        },
                    .verify = verify_at_once(),
                    .lines = lines_},
      host_{.exec = exec_,
            .store = *store_,
            .hostname = [this] { return hostname(*store_); },
            .log = command_host_.log,
            .verify = verify_at_once(),
            .lines = lines_} {
  add_commands(exec_, command_host_);
  add_test_commands();
}

Verify TinyRouter::verify_at_once() {
  return [this](const StoredPassword& stored, const net::Secret& typed, const std::function<void(bool)>& answer) {
    verified.push_back(stored);
    answer(verifies(stored, as_text(typed)));
  };
}

void TinyRouter::add_test_commands() {
  using parser::Arguments;
  exec_.add({.spec = "show numbers <count:u32(1-100000)>",
             .help = {"Show running system information", "Numbers, a line each", "How many"},
             .run = parser::text_command([](const Arguments& arguments) {
               std::string text;
               for (unsigned long i = 1; i <= std::stoul(arguments["count"]); ++i) text += std::to_string(i) + "\n";
               return text;
             })});
  exec_.add({.spec = "show version",
             .help = {"Show running system information", "System hardware and software status"},
             .run = parser::text_command([](const Arguments&) {
               return std::string(
                   "Culvert Software, a router for tests\nblock one\n inside one\n  deeper\nblock two\n"
                   " inside two\n");
             })});
  exec_.add({.spec = "test wait",
             .help = {"Test subsystems", "Until it is told to end"},
             .run = [this](const Arguments&, std::shared_ptr<parser::Terminal> terminal) {
               waiting = terminal;
               terminal->on_interrupt([this] {
                 const auto ended = std::exchange(waiting, nullptr);
                 ended->write("interrupted\n");
                 ended->done();
               });
             }});
  exec_.add({.spec = "test fail",
             .help = {"Test subsystems", "Fails"},
             .run = [](const Arguments&, std::shared_ptr<parser::Terminal> terminal) {
               terminal->write("it failed\n");
               terminal->fail();
               terminal->done();
             }});
  exec_.add({.spec = "test unreadable [word:(later)]",
             .help = {"Test subsystems", "What a command meets where running.db is damaged", "After a question"},
             .run = [](const Arguments& arguments, std::shared_ptr<parser::Terminal> terminal) {
               if (!arguments.has("word")) throw config::DatabaseError("disk I/O error");
               terminal->ask("Really? ", true,
                             [](const std::string&) { throw config::DatabaseError("disk I/O error"); });
             }});
  exec_.add({.spec = "test password",
             .help = {"Test subsystems", "Asks for one"},
             .run = [](const Arguments&, std::shared_ptr<parser::Terminal> terminal) {
               terminal->ask("Password: ", false, [terminal](const std::string& answer) {
                 terminal->write(terminal->interrupted() ? "none\n" : "it is " + answer + "\n");
                 terminal->done();
               });
             }});
}

}  // namespace culvert::cli::testing
