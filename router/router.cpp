#include "router/router.h"

#include <fmt/format.h>
#include <boost/asio/post.hpp>

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "access-lists/commands/definitions.h"
#include "cli/commands/banner.h"
#include "cli/commands/hostname.h"
#include "cli/commands/line_mode.h"
#include "cli/commands/logging.h"
#include "cli/commands/password_encryption.h"
#include "cli/commands/ssh_settings.h"
#include "cli/commands/users.h"
#include "ike/commands/definitions.h"
#include "ike/crypto/os_random.h"
#include "ipsec-dataplane/commands/monitor_capture.h"
#include "ipsec-dataplane/commands/packet_settings.h"
#include "ipsec-dataplane/commands/show.h"
#include "net/try.h"
#include "router/clock.h"
#include "router/debug_commands.h"
#include "router/ike_log.h"
#include "router/ssh_commands.h"
#include "routing/commands/eigrp.h"
#include "routing/commands/interface_mode.h"
#include "routing/commands/key_chain.h"
#include "routing/commands/link_cost.h"
#include "routing/commands/static_route.h"

namespace culvert::router {

namespace {

// How long the last datagrams of an orderly close may take to leave the workers.
constexpr auto farewell = std::chrono::milliseconds(100);
// How long visitors by SSH may take to hang up.
constexpr auto visitors_patience = std::chrono::seconds(2);

std::vector<std::string> names_of(const std::vector<PortOption>& ports) {
  std::vector<std::string> names;
  for (const auto& port : ports) names.push_back(port.interface);
  return names;
}

}  // namespace

void define_configuration(config::Registry& registry, const std::vector<std::string>& ports) {
  static ike::crypto::OsRandom salts;
  registry.add(cli::host_definition());
  registry.add(cli::logging_definition());
  registry.add(cli::users_definition(salts));
  registry.add(cli::enable_definition(salts));
  registry.add(cli::password_encryption_definition());
  registry.add(cli::banner_definition());
  registry.add(cli::domain_name_definition());
  registry.add(cli::ssh_definition());
  cli::define_lines(registry);
  routing::define_interfaces(registry, ports);
  routing::define_static_routes(registry);
  routing::define_link_costs(registry);
  routing::define_key_chains(registry);
  routing::define_eigrp(registry);
  routing::define_eigrp_interfaces(registry);
  ike::define_crypto(registry, routing::is_own_address);
  access_lists::define_access_lists(registry);
  dataplane::define_packet_settings(registry);
  registry.complete();
}

std::expected<std::unique_ptr<Router>, std::string> Router::start(boost::asio::io_context& loop, Options options) {
  auto keys = TRY(KeyLog::open(options.key_log_file));
  std::unique_ptr<Router> router(new Router(loop, std::move(options), std::move(keys)));
  TRY(router->open());
  return router;
}

Router::Router(boost::asio::io_context& loop, Options options, KeyLog keys)
    : loop_(loop),
      options_(std::move(options)),
      started_(monotonic_now()),
      started_wall_(wall_now()),
      keys_(std::move(keys)),
      startup_(options_.nvram_directory),
      timer_(loop),
      change_timer_(loop),
      password_checks_(loop),
      ssh_(loop,
           {.router_name = options_.name, .key_folder = options_.nvram_directory, .management = options_.ssh_listen},
           ssh_hooks()) {
  define_configuration(registry_, names_of(options_.ports));
}

// The descriptor that the loop waits on is the plane's to close.
Router::~Router() {
  if (punts_) punts_->release();
}

std::expected<void, std::string> Router::open() {
  TRY(open_console());
  TRY(open_plane());
  filters_.emplace(filter_hooks());
  maps_.emplace(map_hooks());
  forwarding_.emplace(*plane_, [this](const LogMessage& message) { log(message); });
  ike_.emplace(loop_, *plane_, keys_, ike_hooks());
  eigrp_.emplace(*plane_, eigrp_hooks());
  ping_.emplace(probe_hooks());
  traceroute_.emplace(probe_hooks());
  open_configuration();
  add_commands();
  store_->subscribe([this](const config::Changes& changes) { note(changes); });
  carry_out_changes();
  forwarding_->watch_ports(monotonic_now());
  interfaces_moved();
  wait_for_punts();
  link_watch_.emplace(loop_, [this] { watch_ports(); });
  arm_timer();
  log({"SYS", 5, "RESTART", fmt::format("System restarted -- Culvert {}", CULVERT_VERSION)});
  server_->start();
  return {};
}

// First of all, since it tells whether a router of this name is running already.
std::expected<void, std::string> Router::open_console() {
  server_ =
      TRY(cli::Server::open(loop_, run_folder() / "console",
                            [this](const cli::Hello& hello, cli::Session::Emit emit, const cli::Visitor& visitor) {
                              auto session =
                                  std::make_unique<cli::Session>(*session_host_, hello, std::move(emit), visitor);
                              if (!startup_faults_.empty()) session->announce(startup_faults_);
                              return session;
                            }));
  syslog_.listen([this](const std::string& line) {
    const auto to = syslog_.destinations();
    server_->broadcast(line + "\n", {.console = to.console, .monitor = to.monitor});
  });
  return open_log();
}

std::expected<void, std::string> Router::open_log() {
  if (options_.log_file.empty()) return {};
  log_copy_.reset(options_.log_file == "-" ? fdopen(dup(STDERR_FILENO), "w")
                                           : std::fopen(options_.log_file.c_str(), "ae"));
  if (!log_copy_)
    return std::unexpected(
        fmt::format("cannot write {}: {}; --log names another file", options_.log_file, std::strerror(errno)));
  syslog_.listen([this](const std::string& line) {
    fmt::print(log_copy_.get(), "{}\n", line);
    std::fflush(log_copy_.get());
  });
  return {};
}

std::expected<void, std::string> Router::open_plane() {
  dataplane::Options plane{.name = options_.name,
                           .workers = options_.workers,
                           .memory_mb = options_.memory_mb,
                           .seed = ike::crypto::OsRandom().u64()};
  for (const auto& port : options_.ports) plane.ports.push_back({port.interface, port.device});
  plane_ = TRY(dataplane::Dataplane::start(plane));
  for (const auto& port : plane_->ports())
    if (!port.warning.empty()) log({"PORT", 4, "LIMITED", fmt::format("{}: {}", port.name, port.warning)});
  return {};
}

void Router::add_commands() {
  const auto log_hook = [this](const std::string& line) { log_line(line); };
  const cli::Verify verify = [this](cli::StoredPassword stored, net::Secret typed, std::function<void(bool)> answer) {
    password_checks_.verify(std::move(stored), std::move(typed),
                            [this, answer = std::move(answer)](bool right) { while_readable([&] { answer(right); }); });
  };
  command_host_.emplace(cli::CommandHost{.store = *store_,
                                         .startup = startup_,
                                         .log = log_hook,
                                         .reload = [this] { stop(Ending::reload); },
                                         .verify = verify,
                                         .lines = lines_,
                                         .wall_clock = wall_now});
  cli::add_commands(exec_, *command_host_);
  const auto sources = routing_sources();
  routing::add_interface_shows(exec_, sources);
  routing::add_route_shows(exec_, sources);
  routing::add_eigrp_commands(exec_, eigrp_sources());
  routing::add_key_chain_commands(exec_, {.configuration = *store_, .wall = wall_now});
  access_lists::add_commands(exec_, access_list_sources());
  ike::add_crypto_commands(exec_, crypto_sources());
  dataplane::add_commands(exec_, [this]() -> dataplane::Dataplane& { return *plane_; }, monotonic_now);
  add_system_commands(exec_, [this] { return facts(); }, syslog_);
  dataplane::add_capture_commands(exec_, captures_,
                                  [flash = Flash(std::filesystem::path(options_.nvram_directory) / "flash")](
                                      const std::string& name) { return flash.create(name); });
  add_debug_commands(exec_, ike_debug_, eigrp_debug_, [this] {
    ike_->set_trace(ike_debug_.flags.any() ? &ike_debug_ : nullptr);
    eigrp_->retrace();
  });
  add_ssh_commands(exec_, {.configuration = [this]() -> const config::View& { return *store_; },
                           .service = [this]() -> SshService& { return ssh_; },
                           .lines = lines_,
                           .now = monotonic_now});
  ping_->add_to(exec_);
  traceroute_->add_to(exec_);
  exec_.before_each([this] { carry_out_changes(); });
  session_host_.emplace(cli::SessionHost{.exec = exec_,
                                         .store = *store_,
                                         .hostname = [this] { return hostname(); },
                                         .log = log_hook,
                                         .verify = verify,
                                         .lines = lines_});
}

// For prompts: the last that could be read.
std::string Router::hostname() {
  while_readable([this] { hostname_ = cli::hostname(*store_); });
  return hostname_;
}

void Router::log(const LogMessage& message) { syslog_.write(monotonic_now(), wall_now(), message); }

// "%SYS-5-CONFIG_I: Configured from console" in its parts.
void Router::log_line(const std::string& line) {
  const auto colon = line.find(": ");
  const auto first = line.find('-'), second = line.find('-', first + 1);
  if (!line.starts_with('%') || colon == std::string::npos || second == std::string::npos || second > colon)
    return log({"SYS", 6, "MESSAGE", line});
  log({line.substr(1, first - 1), line[first + 1] - '0', line.substr(second + 1, colon - second - 1),
       line.substr(colon + 2)});
}

Ending Router::run() {
  loop_.run();
  return ending_;
}

// Visitors are told first, and what they answer still passes.
void Router::stop(Ending ending) {
  if (std::exchange(stopping_, true)) return;
  ending_ = ending;
  eigrp_->close(monotonic_now());
  ike_->close();
  server_->close(ending_ == Ending::reload ? cli::Close::Reason::reload : cli::Close::Reason::shutdown);
  timer_.expires_after(visitors_patience);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) loop_.stop();
  });
  ssh_.leave([this] {
    timer_.expires_after(farewell);
    timer_.async_wait([this](const boost::system::error_code&) { loop_.stop(); });
  });
}

}  // namespace culvert::router
