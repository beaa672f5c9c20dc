#include "routing/eigrp/engine.h"

#include "routing/eigrp/core.h"

namespace culvert::routing::eigrp {

Engine::Engine(net::Random& random, EngineOptions options) : core_(std::make_unique<Core>(random, options)) {}
Engine::~Engine() = default;

void Engine::configure(net::Time now, Configuration configuration) { core_->configure(now, std::move(configuration)); }
void Engine::interfaces(net::Time now, std::vector<Interface> interfaces) {
  core_->interfaces(now, std::move(interfaces));
}
void Engine::foreign_routes(net::Time now, std::vector<ForeignRoute> routes) {
  core_->foreign_routes(now, std::move(routes));
}
void Engine::judged(net::Time now, const std::vector<Verdict>& verdicts) { core_->judged(now, verdicts); }
void Engine::receive(net::Time now, const Arrival& arrival, net::View octets) { core_->receive(now, arrival, octets); }
void Engine::timeout(net::Time now) { core_->timeout(now); }
std::size_t Engine::clear(net::Time now, const std::optional<net::Address>& neighbor,
                          const std::optional<std::string>& interface) {
  return core_->clear(now, neighbor, interface);
}
void Engine::shutdown(net::Time now) { core_->shutdown(now); }

std::optional<Output> Engine::poll() { return core_->poll(); }
std::optional<net::Time> Engine::deadline() const { return core_->deadline(); }

std::uint32_t Engine::router_id() const { return core_->router_id(); }
const Configuration& Engine::configuration() const { return core_->configuration(); }
std::vector<NeighborView> Engine::neighbors(net::Time now) const { return core_->neighbor_views(now); }
std::vector<InterfaceView> Engine::interfaces(net::Time now) const { return core_->interface_views(now); }
std::vector<TopologyView> Engine::topology(net::Time now) const { return core_->topology_views(now); }
std::optional<TopologyView> Engine::topology(net::Time now, const net::Prefix& prefix) const {
  return core_->topology_view(now, prefix);
}
std::optional<WhyView> Engine::why(net::Time now, const net::Prefix& prefix) const { return core_->why(now, prefix); }
const TrafficCounters& Engine::traffic() const { return core_->traffic(); }
std::vector<HistoryView> Engine::events() const { return core_->events(); }
void Engine::set_trace(Trace* trace) { core_->set_trace(trace); }

}  // namespace culvert::routing::eigrp
