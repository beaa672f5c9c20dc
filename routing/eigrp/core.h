// The body of the engine: neighbours, links, the topology table, and what goes between them.
//
// Each input is worked off at once; what it changed in the topology is gathered in a list and told to neighbours and to
// the routing table when the input is over (settle), so that a packet with many routes is answered by few packets.
#pragma once

#include <deque>
#include <expected>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "routing/eigrp/destinations.h"
#include "routing/eigrp/dual.h"
#include "routing/eigrp/engine.h"
#include "routing/eigrp/link.h"
#include "routing/eigrp/neighbor.h"
#include "routing/eigrp/sequence.h"
#include "routing/eigrp/shared_paths.h"

namespace culvert::routing::eigrp {

class Core final : private Dual::Surroundings {
 public:
  Core(net::Random& random, EngineOptions options);

  void configure(net::Time now, Configuration configuration);
  void interfaces(net::Time now, std::vector<Interface> interfaces);
  void foreign_routes(net::Time now, std::vector<ForeignRoute> routes);
  void judged(net::Time now, const std::vector<Verdict>& verdicts);
  void receive(net::Time now, const Arrival& arrival, net::View octets);
  void timeout(net::Time now);
  std::size_t clear(net::Time now, const std::optional<net::Address>& address,
                    const std::optional<std::string>& interface);
  void shutdown(net::Time now);

  std::optional<Output> poll();
  std::optional<net::Time> deadline() const;

  std::uint32_t router_id() const { return router_id_; }
  const Configuration& configuration() const { return configuration_; }
  std::vector<NeighborView> neighbor_views(net::Time now) const;
  std::vector<InterfaceView> interface_views(net::Time now) const;
  std::vector<TopologyView> topology_views(net::Time now) const;
  std::optional<TopologyView> topology_view(net::Time now, const net::Prefix& prefix) const;
  std::optional<WhyView> why(net::Time now, const net::Prefix& prefix) const;
  const TrafficCounters& traffic() const { return traffic_; }
  std::vector<HistoryView> events() const;
  void set_trace(Trace* trace) { trace_ = trace; }

 private:
  // core.cpp: what comes in, and what is left to do when it is over.
  // Or why not.
  std::expected<wire::Packet, std::string_view> admit(net::Time now, const Arrival& arrival, net::View octets,
                                                      Link*& link);
  bool authentic(Link& link, const Arrival& arrival, net::View octets, const wire::Packet& packet);
  void dispatch(net::Time now, Link& link, const Arrival& arrival, const wire::Packet& packet);
  void settle(net::Time now);
  void expire_holds(net::Time now);
  Link* find_link(std::string_view name);
  Neighbor* find_neighbor(const Link& link, const net::Address& address);
  Neighbor* find_neighbor(NeighborId id);
  void refuse(Refusal why) { ++traffic_.refused[static_cast<std::size_t>(why)]; }
  void count_received(const wire::Packet& packet);
  void say(EventKind kind, std::string text);
  void warn(net::Time now, const net::Address& about, EventKind kind, std::string text);
  std::string name() const;
  std::string describe(const Origin& origin) const;
  std::string transition_text(const Transition& made) const;
  void chronicle(net::Time now, const net::Prefix& prefix, std::string text);
  void forget_if_dead(Entry& entry);

  // hello.cpp: HELLO packets, out and in.
  void send_hello(net::Time now, Link& link);
  void send_due_hellos(net::Time now);
  // `former`: not of this life, but of one before it.
  void send_goodbye(Link& link, bool former = false);
  void send_termination(Link& link, const net::Address& neighbor);
  wire::Packet hello_packet(const Link& link) const;
  void broadcast(Link& link, const wire::Packet& packet);
  void hear_hello(net::Time now, Link& link, const Arrival& arrival, const wire::Packet& packet);
  void hear_parameters(net::Time now, Link& link, Neighbor* known, const net::Address& from, const wire::Packet& packet,
                       const wire::Parameters& parameters);
  void hear_sequence_list(const Link& link, Neighbor& neighbor, const wire::Packet& packet);
  std::optional<Refusal> stranger(net::Time now, const Link& link, const net::Address& from);

  // adjacency.cpp: the life of a neighbour.
  Neighbor& add_neighbor(net::Time now, Link& link, const net::Address& address);
  std::uint32_t free_handle() const;
  void start(net::Time now, Link& link, Neighbor& neighbor);
  Neighbor& begin_again(net::Time now, Link& link, const Neighbor& before, const wire::Packet& packet);
  void send_init(net::Time now, Neighbor& neighbor);
  void hear_init(net::Time now, Link& link, Neighbor& neighbor, const wire::Packet& packet);
  void come_up_if_started(net::Time now, Neighbor& neighbor);
  // `terminate`: it is told by a peer termination.
  void go_down(net::Time now, NeighborId id, std::string_view reason, bool terminate);
  void go_down(net::Time now, std::vector<NeighborId> ids, std::string_view reason, bool terminate);
  void forget_routes(net::Time now, NeighborId id);

  // transport.cpp: sequence numbers, queues, acknowledgments, pacing.
  void enqueue(net::Time now, const std::vector<NeighborId>& to, wire::Packet packet, EncodedRoutes routes,
               bool multicast);
  void hear_acknowledgment(net::Time now, Neighbor& neighbor, std::uint32_t sequence);
  // Whether the packet is new and in order; acknowledges what must be.
  bool accept(Neighbor& neighbor, const wire::Packet& packet, bool multicast);
  void pump(net::Time now);
  void pump(net::Time now, Link& link);
  void send_first(net::Time now, Link& link, Neighbor& neighbor);
  bool retransmit(net::Time now, Link& link, Neighbor& neighbor);
  void send_multicast(net::Time now, Link& link, Outgoing& outgoing, const std::vector<NeighborId>& ready,
                      const std::vector<NeighborId>& lagging);
  void send_unicast(Link& link, Neighbor& neighbor, const Outgoing& outgoing);
  void send_acknowledgments();
  void count_sent(const wire::Packet& packet, Link& link);
  void put_on_wire(Link& link, const std::optional<net::Address>& destination, const wire::Packet& packet,
                   net::View routes = {});
  std::optional<net::Time> transport_deadline(const Link& link, const Neighbor& neighbor) const;

  // routes_in.cpp: what neighbours say of destinations.
  void hear_routes(net::Time now, Link& link, Neighbor& neighbor, const wire::Packet& packet);
  // `path` is that of the destinations before, if it may be theirs, too; then that of the last one.
  void hear_destinations(net::Time now, Link& link, Neighbor& neighbor, wire::Opcode opcode, const wire::Route& route,
                         net::Shared<Path>& path);
  bool policy_in_asks_for_destinations(const Link& link) const;
  bool leads_back(const Link& link, const wire::Route& route) const;
  void hear_route(net::Time now, Neighbor& neighbor, wire::Opcode opcode, const net::Prefix& prefix,
                  net::Shared<Path> path, bool active_flag);
  Path path_of(const Link& link, const Neighbor& neighbor, const wire::Route& route) const;
  bool acceptable_destination(const net::Prefix& prefix) const;
  // A stub, which is never asked, has acknowledged what it was told while the destination was ACTIVE.
  void hear_confirmation(net::Time now, Neighbor& neighbor, std::uint32_t sequence);
  bool within_prefix_limit(net::Time now, Neighbor& neighbor, const Entry* entry, const Path& path);
  // Works out distances from the reported vector, the link and the policy.
  void evaluate(Path& path, const net::Prefix& prefix) const;
  net::Shared<Path> evaluated(Path path, const net::Prefix& prefix);
  void hear(net::Time now, Entry& entry, Input input, net::Shared<Path> path);

  // sia.cpp: destinations that stay ACTIVE for long (§4.4.1).
  void schedule_sia(net::Time now, Entry& entry);
  void press_active(net::Time now);
  void press(net::Time now, Entry& entry, std::vector<NeighborId>& stuck);
  static void hear_sia_reply(Entry& entry, const Neighbor& neighbor);

  // routes_out.cpp: what neighbours are told.
  struct Outbox;
  void tell_all(net::Time now);
  void tell_table(Neighbor& neighbor, Outbox& outbox);
  void tell(net::Time now, Entry& entry, Outbox& outbox);
  void tell_link(Entry& entry, Link& link, const std::vector<NeighborId>& up, Outbox& outbox);
  static std::vector<NeighborId> ask_now(Entry& entry, const std::vector<NeighborId>& up);
  void tell_single(Neighbor& neighbor, Outbox& outbox);
  void post(net::Time now, Outbox& outbox);
  void await_confirmations(Neighbor& stub, const EncodedRoutes& routes) const;
  // What the neighbours of the link are to hear: the route, that it is poison there, or nothing.
  Word wanted(const Entry& entry, const Link& link) const;
  bool stub_hides(const Entry& entry) const;
  bool summary_hides(const Entry& entry, const Link& link) const;
  static bool believes_route(const Entry& entry, const Link& link);
  Told& told(Entry& entry, const Link& link) const;
  // `entry` may be null: nobody knows the destination.
  wire::Route rendered(const net::Prefix& prefix, const Entry* entry, const Link& link, Word want,
                       bool active_flag = false) const;
  wire::Route rendered(const Entry& entry, const Link& link) const;
  std::vector<NeighborId> up_neighbors(const Link& link) const;

  // install.cpp: what the routing table hears.
  void install(const std::vector<Entry*>& entries);
  RouteUpdate route_update(const Entry& entry) const;
  void describe_route(RouteUpdate& update, const Path& best) const;
  std::uint8_t summary_distance(const net::Prefix& summary) const;
  net::Few<std::uint32_t> traffic_shares(const Entry& entry) const;

  // own_routes.cpp: connected networks, redistribution, summaries.
  void originate(net::Time now);
  void summarize(net::Time now);
  using OwnPaths = std::map<std::pair<net::Prefix, Origin>, Path>;
  OwnPaths own_paths() const;
  Path own_path(const Origin& origin, InterfaceId interface, const LinkMetric& link) const;
  std::optional<Path> redistributed_path(const ForeignRoute& route) const;
  std::set<net::Prefix> summaries() const;
  std::optional<Path> summary_path(const net::Prefix& summary);
  void set_summary(net::Time now, const net::Prefix& prefix, const std::optional<Path>& path);

  // reconfigure.cpp: interfaces and configuration.
  void reconcile(net::Time now);
  std::optional<Link> wanted_link(const Interface& interface);
  void open_link(net::Time now, Link link);
  void close_links(net::Time now, const std::vector<InterfaceId>& ids);
  void update_link(net::Time now, Link& link, Link wanted);
  InterfaceId interface_id(const std::string& name);
  std::uint32_t chosen_router_id() const;
  void reevaluate(net::Time now, Entry& entry, InterfaceId link);
  void restart_neighbors(net::Time now, std::string_view reason);
  void restart(net::Time now, std::string_view reason);

  // Dual::Surroundings
  std::vector<NeighborId> asked(const Entry& entry) override;
  void changed(Entry& entry) override;
  void transition(const Entry& entry, const Transition& made) override;

  std::size_t pending_routes(const Link& link) const;
  TopologyView view(net::Time now, const Entry& entry) const;
  PathView view(const Entry& entry, const Path& path) const;

  EngineOptions options_;
  Configuration configuration_;
  std::vector<Interface> interfaces_;
  std::vector<ForeignRoute> foreign_routes_;
  std::uint32_t router_id_ = 0;

  std::map<std::string, InterfaceId, std::less<>> interface_ids_;
  std::map<InterfaceId, Link> links_;
  std::map<NeighborId, Neighbor> neighbors_;
  NeighborId last_neighbor_ = 0;
  std::map<NeighborId, net::Address> former_;  // for history, bounded
  std::uint32_t last_audience_ = 0;
  SequenceCounter sequence_;

  Destinations topology_;
  SharedPaths paths_;
  Dual dual_{*this};
  std::vector<Entry*> changed_;
  OwnPaths originated_;  // our own paths but for summaries
  std::set<net::Prefix> summarized_;
  bool summaries_changed_ = true;
  std::set<std::pair<net::Time, net::Prefix>> sia_;  // when to press for answers
  std::uint64_t serial_ = 0;

  struct Happened {
    net::Time when{};
    net::Prefix prefix;
    Transition made{};  // unless `text` says it all
    std::string text;
  };
  std::deque<Happened> happened_;             // newest last, bounded
  std::map<net::Address, net::Time> warned_;  // bounded
  std::deque<Output> outputs_;
  TrafficCounters traffic_;
  Trace* trace_ = nullptr;
};

}  // namespace culvert::routing::eigrp
