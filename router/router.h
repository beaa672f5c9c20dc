// One router: its parts built, joined and driven.
//
// Configuration changes are carried out after the line that made them, and before any exec command looks. Lines that
// are pasted share one go, since what that costs grows with the configuration. One timer serves every engine: it rings
// at the earliest deadline of all.
#pragma once

#include <cstdio>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

#include "access-lists/commands/show.h"
#include "cli/commands/commands.h"
#include "cli/server.h"
#include "config-store/nvram.h"
#include "config-store/store.h"
#include "ike/commands/show.h"
#include "ipsec-dataplane/commands/captures.h"
#include "ipsec-dataplane/dataplane.h"
#include "parser/exec_command.h"
#include "router/access_log.h"
#include "router/clear_packet_log.h"
#include "router/clock.h"
#include "router/crypto_maps.h"
#include "router/eigrp_debug.h"
#include "router/eigrp_driver.h"
#include "router/flash.h"
#include "router/forwarding.h"
#include "router/ike_debug.h"
#include "router/ike_driver.h"
#include "router/key_log.h"
#include "router/link_watch.h"
#include "router/options.h"
#include "router/packet_filters.h"
#include "router/password_checks.h"
#include "router/ping_command.h"
#include "router/ssh_service.h"
#include "router/syslog.h"
#include "router/system_commands.h"
#include "router/traceroute_command.h"
#include "routing/commands/eigrp_show.h"
#include "routing/commands/key_chain.h"
#include "routing/commands/show.h"

namespace culvert::router {

// The whole configuration language of a router with these ports.
void define_configuration(config::Registry& registry, const std::vector<std::string>& ports);

enum class Ending { stop, reload };

class Router {
 public:
  // Everything but the sessions is running afterwards. The error is one line: what is wrong and how to mend it.
  static std::expected<std::unique_ptr<Router>, std::string> start(boost::asio::io_context& loop, Options options);
  ~Router();

  // Runs until the router is told to stop or to reload; SAs are deleted at their peers before it returns.
  Ending run();
  void stop(Ending ending);

 private:
  Router(boost::asio::io_context& loop, Options options, KeyLog keys);
  std::expected<void, std::string> open();
  std::expected<void, std::string> open_console();
  std::expected<void, std::string> open_log();
  std::expected<void, std::string> open_plane();
  std::filesystem::path run_folder() const;
  void open_configuration();
  void keep_running_in_memory(const std::string& why);
  config::StartupConfig::Start load_startup();
  std::vector<config::RefusedLine> fill_store(const std::string& startup);
  void shut_unmentioned_ports(const std::string& startup);
  void add_commands();
  void log(const LogMessage& message);
  void log_line(const std::string& line);

  // Turns.
  void changed();  // the configuration is another one
  void note(const config::Changes& changes);
  void report_filtered();
  void carry_out_changes();
  void while_readable(const std::function<void()>& act);
  void configure_ike();
  void settle_maps();
  void on_pairs_changed(const std::string& tunnel);
  void report_clear_packets();
  void report_isakmp(const ike::Configuration& configuration);
  void configure_eigrp();
  void report_foreign_routes();
  void interfaces_moved();
  void watch_ports();
  void report_weak_algorithms(const ike::Configuration& configuration);
  void configure_log();
  void hide_passwords();
  void wait_for_punts();
  void take_punts();
  void tick();
  void arm_timer();
  void on_timer();

  // What shows look at.
  routing::ShowSources routing_sources();
  ike::CryptoSources crypto_sources();
  std::vector<ike::IpsecSaRow> ipsec_sas() const;
  std::vector<ike::ProtectedTunnel> protected_tunnels() const;
  ike::ProtectedTunnel protected_entry(const AppliedMapEntry& entry) const;
  std::vector<std::string> map_list_lines(const std::string& name) const;
  SystemFacts facts() const;
  PacketFilters::Hooks filter_hooks();
  CryptoMaps::Hooks map_hooks();
  void compile_elsewhere(std::function<void()> work, std::function<void()> done);
  access_lists::ShowSources access_list_sources();
  std::string hostname();
  ProbeHooks probe_hooks();
  IkeDriver::Hooks ike_hooks();
  EigrpDriver::Hooks eigrp_hooks();
  routing::EigrpSources eigrp_sources();
  dataplane::Captures::Hooks capture_hooks();
  SshService::Hooks ssh_hooks();
  std::set<net::Address> own_addresses() const;

  boost::asio::io_context& loop_;
  Options options_;
  net::Time started_;
  net::WallTime started_wall_;
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  std::unique_ptr<std::FILE, CloseFile> log_copy_;  // --log
  Syslog syslog_;
  IkeDebug ike_debug_{syslog_, {.now = monotonic_now, .wall = wall_now}};
  EigrpDebug eigrp_debug_{syslog_, {.now = monotonic_now, .wall = wall_now}};
  KeyLog keys_;
  config::StartupConfig startup_;
  std::string hostname_ = "Router";
  std::string startup_faults_;  // lines of the log that every console is told
  config::Registry registry_;
  std::unique_ptr<config::Store> store_;
  std::map<std::string, net::Prefix, std::less<>> addresses_from_startup_;
  parser::ExecCommands exec_;
  cli::Lines lines_{monotonic_now};
  std::optional<cli::CommandHost> command_host_;
  std::optional<cli::SessionHost> session_host_;
  std::unique_ptr<dataplane::Dataplane> plane_;
  std::optional<PacketFilters> filters_;
  std::optional<CryptoMaps> maps_;
  AccessLog access_log_;
  ClearPacketLog clear_log_;
  std::optional<Forwarding> forwarding_;
  std::optional<IkeDriver> ike_;
  std::optional<EigrpDriver> eigrp_;
  std::optional<net::WallTime> next_key_change_;  // of a key chain
  std::optional<PingCommand> ping_;
  std::optional<TracerouteCommand> traceroute_;
  dataplane::Captures captures_{capture_hooks()};
  std::unique_ptr<cli::Server> server_;
  std::optional<boost::asio::posix::stream_descriptor> punts_;
  std::optional<LinkWatch> link_watch_;
  boost::asio::steady_timer timer_, change_timer_;
  std::chrono::steady_clock::time_point next_change_{};  // not before
  std::optional<net::Time> armed_for_;
  net::Time next_tick_{};
  bool change_pending_ = false, stopping_ = false, isakmp_on_ = false;
  bool lists_changed_ = true, routes_changed_ = true;
  std::vector<std::string> weak_uses_;  // reported already
  Ending ending_ = Ending::stop;
  PasswordChecks password_checks_;
  SshService ssh_;
  boost::asio::thread_pool compilers_{1};  // last, as its threads do: its thread ends before anything else goes
};

}  // namespace culvert::router
