// What a router does in a turn of its loop.
#include <fmt/format.h>
#include <boost/asio/post.hpp>

#include <algorithm>

#include "cli/commands/logging.h"
#include "cli/commands/password_encryption.h"
#include "cli/entrance.h"
#include "config-store/database_error.h"
#include "ike/commands/definitions.h"
#include "ike/commands/weak_algorithms.h"
#include "ike/crypto/os_random.h"
#include "router/access_list_selectors.h"
#include "router/clock.h"
#include "router/ike_log.h"
#include "router/route_filter.h"
#include "router/router.h"
#include "routing/commands/eigrp.h"
#include "routing/commands/static_route.h"

namespace culvert::router {

namespace {

constexpr auto tick_interval = std::chrono::seconds(1);
// Carrying out changes takes at most one part in so many of the time while lines keep coming.
constexpr int change_share = 5;

boost::asio::steady_timer::time_point timer_point(net::Time time) {
  return boost::asio::steady_timer::time_point(
      std::chrono::duration_cast<boost::asio::steady_timer::duration>(time.time_since_epoch()));
}

}  // namespace

void Router::changed() {
  if (std::exchange(change_pending_, true)) return;
  change_timer_.expires_at(next_change_);
  change_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopping_) carry_out_changes();
  });
}

void Router::note(const config::Changes& changes) {
  lists_changed_ =
      lists_changed_ || changes.touches("ip access-list standard") || changes.touches("ip access-list extended");
  routes_changed_ = routes_changed_ || routing::touches_static_routes(changes);
  changed();
}

void Router::carry_out_changes() {
  if (!std::exchange(change_pending_, false) && !forwarding_->interfaces().all().empty()) return;
  const auto begin = monotonic_now();
  while_readable([this, begin] {
    hide_passwords();
    configure_log();
    filters_->configure(*store_, lists_changed_);
    maps_->configure(begin, *store_, lists_changed_);
    lists_changed_ = false;
    forwarding_->set_filters(filters_->by_interface());
    forwarding_->set_crypto(maps_->policies(), maps_->routes());
    if (routes_changed_) forwarding_->set_static_routes(routing::static_routes(*store_));
    routes_changed_ = false;
    forwarding_->configure(begin, *store_);
    ssh_.configure(*store_, own_addresses());
    interfaces_moved();
  });
  const auto end = monotonic_now();
  next_change_ = timer_point(end + (change_share - 1) * (end - begin));
}

// What cannot be read of the configuration stays in force as it was.
void Router::while_readable(const std::function<void()>& act) {
  try {
    act();
  } catch (const config::DatabaseError& error) {
    log({"SYS", 2, "RUNNING_DB", fmt::format("The running configuration cannot be read: {}", error.what())});
  }
}

void Router::watch_ports() {
  if (!stopping_ && forwarding_->watch_ports(monotonic_now())) while_readable([this] { interfaces_moved(); });
}

// Who depends on what interfaces are and how they stand.
void Router::interfaces_moved() {
  configure_ike();
  configure_eigrp();
}

void Router::configure_eigrp() {
  if (stopping_) return;
  const auto now = monotonic_now();
  const auto wall = wall_now();
  next_key_change_ = routing::next_key_change(*store_, wall);
  eigrp_->configure(now,
                    routing::eigrp_configurations(
                        *store_, wall, [this](const std::string& list) { return route_filter(*store_, list); }),
                    routing::eigrp_interfaces(forwarding_->interfaces(), *store_));
  eigrp_->judged(now, forwarding_->take_verdicts());
  report_foreign_routes();
  arm_timer();
}

// Only while somebody wants them: there may be a million.
void Router::report_foreign_routes() {
  if (eigrp_->redistributes()) eigrp_->foreign_routes(monotonic_now(), routing::foreign_routes(forwarding_->rib()));
}

// What a line of configuration cannot do itself: change others.
void Router::hide_passwords() {
  ike::crypto::OsRandom random;
  if (const auto lines = cli::lines_that_hide(*store_, random); !lines.empty()) store_->load(lines);
}

void Router::configure_log() {
  const auto logging = store_->global<cli::Logging>();
  syslog_.set_destinations({.console = logging.console, .monitor = logging.monitor, .buffer = logging.buffered});
  syslog_.set_buffer(logging.buffer_octets.value_or(cli::log_buffer_octets));
}

void Router::configure_ike() {
  if (stopping_) return;
  auto configuration = ike::configuration_of(*store_);
  report_weak_algorithms(configuration);
  configuration.tunnels = forwarding_->protected_tunnels();
  maps_->add_to(configuration, forwarding_->interfaces());
  report_isakmp(configuration);
  ike_->configure(std::move(configuration));
}

void Router::report_isakmp(const ike::Configuration& configuration) {
  const bool on = !configuration.tunnels.empty();
  if (std::exchange(isakmp_on_, on) != on)
    log({"CRYPTO", 6, "ISAKMP_ON_OFF", fmt::format("ISAKMP is {}", on ? "ON" : "OFF")});
}

void Router::settle_maps() {
  forwarding_->set_crypto(maps_->policies(), maps_->routes());
  forwarding_->settle_maps(monotonic_now());
}

void Router::on_pairs_changed(const std::string& tunnel) {
  auto reach = ike_->reach_of(tunnel);
  if (maps_->standing(tunnel, reach.peer, std::move(reach.remote))) settle_maps();
}

// Each object once, when it comes to name a weak algorithm or another one.
void Router::report_weak_algorithms(const ike::Configuration& configuration) {
  auto uses = ike::weak_uses(configuration);
  for (const auto& use : uses)
    if (std::ranges::find(weak_uses_, use) == weak_uses_.end())
      log({"CRYPTO", 4, "WEAK_ALGORITHM", fmt::format("crypto {}", use)});
  weak_uses_ = std::move(uses);
}

void Router::wait_for_punts() {
  if (!punts_) punts_.emplace(loop_, plane_->punt_fd());
  punts_->async_wait(boost::asio::posix::stream_descriptor::wait_read, [this](const boost::system::error_code& error) {
    if (error) return;
    take_punts();
    wait_for_punts();
  });
}

void Router::take_punts() {
  plane_->service(monotonic_now());
  for (const auto& punted : plane_->take_punted()) {
    if (punted.kind == dataplane::PuntKind::ike) ike_->receive(punted.packet);
    if (punted.kind == dataplane::PuntKind::want_sa) ike_->want(punted.interface, selectors_of(punted.flow));
    if (punted.kind == dataplane::PuntKind::eigrp) eigrp_->receive(monotonic_now(), punted.interface, punted.packet);
    if (punted.kind == dataplane::PuntKind::invalid_spi) ike_->receive_unknown_esp(punted.interface, punted.packet);
    if (punted.kind == dataplane::PuntKind::tcp) ssh_.deliver(punted.packet);
    if (punted.kind != dataplane::PuntKind::icmp) continue;
    ping_->receive(punted.packet);
    traceroute_->receive(punted.packet);
  }
  report_filtered();
  report_clear_packets();
  captures_.service();
  for (const auto& conflict : plane_->take_conflicts())
    log({"IP", 4, "DUPADDR",
         fmt::format("Duplicate address {} on {}, sourced by {}", conflict.address, conflict.interface,
                     conflict.mac.to_string())});
  arm_timer();
}

void Router::report_filtered() {
  for (const auto& filtered : plane_->take_filter_log())
    if (const auto* line = filters_->logged(filtered.report.log))
      if (const auto message = access_log_.report(*line, filtered)) log(*message);
  for (const auto& message : access_log_.tick(monotonic_now(), plane_->missed_filter_reports())) log(message);
}

void Router::report_clear_packets() {
  for (const auto& clear : plane_->take_clear_packets())
    if (const auto message = clear_log_.report(monotonic_now(), clear.flow)) log(*message);
}

void Router::tick() {
  next_tick_ = monotonic_now() + tick_interval;
  take_punts();  // an idle plane gives back what it replaced, keys among it, only when it is serviced
  if (next_key_change_ && *next_key_change_ <= wall_now()) while_readable([this] { configure_eigrp(); });
  watch_ports();
  if (maps_->tick(monotonic_now())) settle_maps();
  ike_->report_traffic();
  lines_.tick();
  syslog_.report_dropped(monotonic_now(), wall_now());
}

void Router::arm_timer() {
  if (stopping_) return;
  auto due = next_tick_;
  for (const auto& deadline :
       {ike_->deadline(), eigrp_->deadline(), plane_->deadline(), ping_->deadline(), traceroute_->deadline()})
    if (deadline) due = std::min(due, *deadline);
  // One that comes too early is set again then: cheaper than to set it anew at each packet.
  if (armed_for_ && *armed_for_ <= due) return;
  armed_for_ = due;
  timer_.expires_at(timer_point(due));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error && !stopping_) on_timer();
  });
}

void Router::on_timer() {
  armed_for_.reset();
  const auto now = monotonic_now();
  if (now >= next_tick_) tick();
  if (const auto due = plane_->deadline(); due && *due <= now) take_punts();
  if (const auto due = ike_->deadline(); due && *due <= now) ike_->timeout();
  eigrp_->timeout(now);
  if (const auto due = ping_->deadline(); due && *due <= now) ping_->timeout();
  if (const auto due = traceroute_->deadline(); due && *due <= now) traceroute_->timeout();
  arm_timer();
}

IkeDriver::Hooks Router::ike_hooks() {
  return {
      .log = [this](const ike::Event& event) { log(log_message(event)); },
      .install_failed = [this](const std::string& text) { log({"IPSEC", 3, "SA_INSTALL", text}); },
      .refused = [this](const std::string& mnemonic, const std::string& text) { log({"CRYPTO", 4, mnemonic, text}); },
      .secured =
          [this](const std::string& tunnel, bool secured) {
            forwarding_->tunnel_secured(monotonic_now(), tunnel, secured);
            while_readable([this] { configure_eigrp(); });
          },
      .pairs_changed = [this](const std::string& tunnel) { on_pairs_changed(tunnel); },
      .wake = [this] { arm_timer(); }};
}

std::set<net::Address> Router::own_addresses() const {
  std::set<net::Address> own;
  for (const auto& [name, interface] : forwarding_->interfaces().all())
    if (interface.settings.address) own.insert(interface.settings.address->address);
  return own;
}

SshService::Hooks Router::ssh_hooks() {
  return {.visitor =
              [this](int descriptor, std::string address) {
                server_->adopt(descriptor, std::move(address),
                               [this](const std::string& user, net::Secret password, const std::string& from,
                                      std::function<void(bool)> answer) {
                                 while_readable([&] {
                                   cli::authenticate(*session_host_, user, std::move(password), from,
                                                     std::move(answer));
                                 });
                               });
              },
          .log = [this](const LogMessage& message) { log(message); },
          .inject = [this](net::View packet) { plane_->inject(packet); },
          .elsewhere =
              [this](std::function<void()> work, std::function<void()> done) {
                boost::asio::post(compilers_, [this, work = std::move(work), done = std::move(done)]() mutable {
                  work();
                  boost::asio::post(loop_, std::move(done));
                });
              }};
}

EigrpDriver::Hooks Router::eigrp_hooks() {
  return {.log = [this](const LogMessage& message) { log(message); },
          .learn =
              [this](const routing::Origin& origin, const routing::RouteBatch& batch) {
                forwarding_->learn(monotonic_now(), origin, batch);
                eigrp_->judged(monotonic_now(), forwarding_->take_verdicts());
              },
          .listen =
              [this](std::map<std::string, std::vector<net::Address>> groups) {
                forwarding_->set_multicast_groups(monotonic_now(), std::move(groups));
              },
          .trace = [this]() -> routing::eigrp::Trace* { return eigrp_debug_.flags.any() ? &eigrp_debug_ : nullptr; }};
}

dataplane::Captures::Hooks Router::capture_hooks() {
  return {.start = [this](const dataplane::TapOptions& options) { return plane_->add_tap(options); },
          .stop = [this](const std::shared_ptr<dataplane::Tap>& tap) { plane_->remove_tap(tap); },
          .wall = wall_now,
          .log = [this](const std::string& mnemonic, const std::string& text) { log({"BUFCAP", 6, mnemonic, text}); }};
}

// On the thread that compiles access lists.
void Router::compile_elsewhere(std::function<void()> work, std::function<void()> done) {
  boost::asio::post(compilers_, [this, work = std::move(work), done = std::move(done)]() mutable {
    work();
    boost::asio::post(loop_, std::move(done));
  });
}

PacketFilters::Hooks Router::filter_hooks() {
  return {.elsewhere = [this](auto work, auto done) { compile_elsewhere(std::move(work), std::move(done)); },
          .compiled =
              [this] {
                forwarding_->set_filters(filters_->by_interface());
                forwarding_->refilter(monotonic_now());
              }};
}

CryptoMaps::Hooks Router::map_hooks() {
  return {.lists = {.elsewhere = [this](auto work, auto done) { compile_elsewhere(std::move(work), std::move(done)); },
                    .compiled =
                        [this] {
                          forwarding_->set_crypto(maps_->policies(), maps_->routes());
                          forwarding_->refilter(monotonic_now());
                        }},
          .log = [this](const LogMessage& message) { log(message); }};
}

ProbeHooks Router::probe_hooks() {
  return {.now = monotonic_now,
          .inject = [this](net::View packet) { plane_->inject(packet); },
          .source_towards = [this](net::Address destination) { return forwarding_->source_towards(destination); },
          .address_of = [this](const std::string& name) -> std::optional<net::Address> {
            const auto* interface = forwarding_->interfaces().find(name);
            if (interface == nullptr || !interface->settings.address) return std::nullopt;
            return interface->settings.address->address;
          },
          .is_ours = [this](net::Address a) { return forwarding_->interfaces().owner_of(a) != nullptr; },
          .wake = [this] { arm_timer(); }};
}

}  // namespace culvert::router
