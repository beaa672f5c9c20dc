// Joins the EIGRP engines, one an autonomous system, to the machine: packets through the dataplane, routes to the
// routing table, events to the log.
//
// Everything here runs on the control thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "ike/crypto/os_random.h"
#include "ipsec-dataplane/dataplane.h"
#include "net/address.h"
#include "net/time.h"
#include "router/syslog.h"
#include "routing/commands/eigrp_show.h"
#include "routing/eigrp/engine.h"
#include "routing/rib/route.h"

namespace culvert::router {

class EigrpDriver {
 public:
  struct Hooks {
    std::function<void(const LogMessage&)> log;
    // What a process learned or lost.
    std::function<void(const routing::Origin&, const routing::RouteBatch&)> learn;
    // The interfaces whose EIGRP packets the router wants, when they are others.
    std::function<void(std::map<std::string, std::vector<net::Address>>)> listen;
    // Who watches the engines; nullptr: nobody.
    std::function<routing::eigrp::Trace*()> trace;
  };

  // `plane` outlives the driver.
  EigrpDriver(dataplane::Dataplane& plane, Hooks hooks) : plane_(plane), hooks_(std::move(hooks)) {}

  // The processes there shall be, and all interfaces of the router. Processes that are gone take their leave.
  void configure(net::Time now, std::vector<routing::eigrp::Configuration> processes,
                 std::vector<routing::eigrp::Interface> interfaces);
  // The routes of other sources, for processes that redistribute.
  void foreign_routes(net::Time now, const std::vector<routing::eigrp::ForeignRoute>& routes);
  bool redistributes() const;
  // What the routing table made of the processes' routes.
  void judged(net::Time now, const std::vector<routing::Verdict>& verdicts);
  // A punted packet of kind eigrp.
  void receive(net::Time now, const std::string& interface, net::View packet);
  void timeout(net::Time now);
  std::optional<net::Time> deadline() const;
  std::size_t clear(net::Time now, std::optional<std::uint16_t> process, const std::optional<net::Address>& neighbor,
                    const std::optional<std::string>& interface);
  // Somebody else watches, or nobody.
  void retrace();
  // Takes leave of every neighbor.
  void close(net::Time now);

  std::vector<routing::eigrp::Engine*> engines() const;
  // Packets of no process of this router.
  std::uint64_t strays() const { return strays_; }

 private:
  struct Process {
    std::unique_ptr<routing::eigrp::Engine> engine;
    routing::eigrp::Configuration configuration;
  };
  void remove_all_but(net::Time now, const std::vector<routing::eigrp::Configuration>& wanted);
  void drain(std::uint16_t number, routing::eigrp::Engine& engine);
  void carry_out(std::uint16_t number, const routing::eigrp::Transmit& transmit);
  void carry_out(std::uint16_t number, const routing::eigrp::RouteBatch& batch);
  void carry_out(std::uint16_t number, const routing::eigrp::Event& event);
  void listen();

  dataplane::Dataplane& plane_;
  Hooks hooks_;
  ike::crypto::OsRandom random_;
  std::map<std::uint16_t, Process> processes_;
  std::vector<routing::eigrp::Interface> interfaces_;
  std::map<std::string, std::vector<net::Address>> listening_;
  std::uint64_t strays_ = 0;
  std::uint16_t identification_ = 1;
};

}  // namespace culvert::router
