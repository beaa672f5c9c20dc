#include "router/ike_driver.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <boost/asio/post.hpp>

#include "net/overloaded.h"
#include "router/clock.h"
#include "router/ipv4_packet.h"
#include "router/sa_parameters.h"

namespace culvert::router {

namespace {
constexpr std::size_t helper_threads = 2;
}  // namespace

IkeDriver::IkeDriver(boost::asio::io_context& loop, dataplane::Dataplane& plane, KeyLog& keys, Hooks hooks)
    : loop_(loop), plane_(plane), keys_(keys), hooks_(std::move(hooks)), engine_(random_), helpers_(helper_threads) {}

IkeDriver::~IkeDriver() { helpers_.join(); }

void IkeDriver::configure(ike::Configuration configuration) {
  engine_.configure(monotonic_now(), std::move(configuration));
  drain();
}

void IkeDriver::receive(net::View packet) {
  const auto ip = parse_ipv4(packet);
  if (!ip || ip->protocol != std::to_underlying(Protocol::udp)) return;
  const auto udp = parse_udp(*ip);
  if (!udp) return;
  engine_.receive(monotonic_now(), {udp->destination, udp->source}, udp->payload);
  drain();
}

void IkeDriver::timeout() {
  engine_.timeout(monotonic_now());
  drain();
}

std::optional<net::Time> IkeDriver::deadline() const { return engine_.deadline(); }

void IkeDriver::report_traffic() {
  const auto now = monotonic_now();
  for (auto& [id, child] : children_) {
    const auto received = plane_.sa_statistics(child.inbound).value_or(child.received);
    const auto sent = plane_.sa_statistics(child.outbound).value_or(child.sent);
    const bool came = std::exchange(child.received, received).packets != received.packets;
    const bool went = std::exchange(child.sent, sent).packets != sent.packets;
    if (came || went) engine_.traffic(now, id, came, went);
    report_volume(now, id, child);
  }
  drain();
}

void IkeDriver::report_volume(net::Time now, ike::ChildId id, InstalledChild& child) {
  if (rekey_due(child.sa, child.received, child.sent) && !std::exchange(child.rekey_reported, true))
    engine_.expire(now, id, ike::Expiry::kilobytes);
  if (const auto why = used_up(child.sa, child.received, child.sent); why && !std::exchange(child.end_reported, true))
    engine_.expire(now, id, *why);
}

std::size_t IkeDriver::clear(const ike::ClearFilter& filter) {
  const auto closed = engine_.clear(monotonic_now(), filter);
  drain();
  return closed;
}

std::size_t IkeDriver::rekey(ike::RekeyOf what, const ike::ClearFilter& filter) {
  const auto begun = engine_.rekey(monotonic_now(), what, filter);
  drain();
  return begun;
}

// Without tunnels nothing negotiates again, so what is cleared stays closed.
void IkeDriver::close() {
  engine_.configure(monotonic_now(), {});
  drain();
}

std::vector<ike::SaView> IkeDriver::sas() const { return engine_.show(monotonic_now()); }

std::vector<InstalledChild> IkeDriver::children() const {
  std::vector<InstalledChild> rows;
  for (const auto& [_, child] : children_) {
    auto& row = rows.emplace_back(child);
    if (const auto now = plane_.sa_statistics(child.inbound)) row.received = *now;
    if (const auto now = plane_.sa_statistics(child.outbound)) row.sent = *now;
  }
  return rows;
}

void IkeDriver::drain() {
  while (auto output = engine_.poll()) std::visit([this](auto& one) { carry_out(one); }, *output);
  hooks_.wake();
}

void IkeDriver::carry_out(const ike::Transmit& transmit) {
  plane_.inject(build_udp(transmit.path.local, transmit.path.remote, identification_++, transmit.bytes));
}

void IkeDriver::carry_out(ike::InstallSa& sa) {
  keys_.write(sa);
  auto inbound = plane_.install_sa(sa.tunnel, inbound_parameters(sa));
  if (!inbound) return hooks_.install_failed(fmt::format("{}: {}", sa.tunnel, inbound.error()));
  sa.inbound = {};
  const auto tunnel = sa.tunnel;
  auto& child = children_[sa.child] = {std::move(sa), *inbound, 0, {}, {}};
  if (!child.sa.receive_only && !install_outbound(child)) return;
  if (pairs_of(tunnel) == 1) hooks_.secured(tunnel, true);
}

// A pair whose other half cannot be installed goes whole.
bool IkeDriver::install_outbound(InstalledChild& child) {
  auto outbound = plane_.install_sa(child.sa.tunnel, outbound_parameters(child.sa));
  child.sa.outbound = {};
  if (outbound) {
    child.outbound = *outbound;
    return true;
  }
  hooks_.install_failed(fmt::format("{}: {}", child.sa.tunnel, outbound.error()));
  plane_.remove_sa(child.inbound);
  children_.erase(child.sa.child);
  return false;
}

// The plane sends on the outbound SA that came last.
void IkeDriver::carry_out(const ike::SendOn& order) {
  const auto found = children_.find(order.child);
  if (found != children_.end()) install_outbound(found->second);
}

void IkeDriver::carry_out(const ike::RemoveSa& sa) {
  const auto found = children_.find(sa.child);
  if (found == children_.end()) return;
  if (found->second.outbound != 0) plane_.remove_sa(found->second.outbound);
  plane_.remove_sa(found->second.inbound);
  children_.erase(found);
  if (pairs_of(sa.tunnel) == 0) hooks_.secured(sa.tunnel, false);
}

void IkeDriver::carry_out(ike::Ask& ask) {
  boost::asio::post(helpers_, [this, ask = std::move(ask)] {
    auto answer = ike::perform(ask, exchange_);
    boost::asio::post(loop_, [this, id = ask.id, answer = std::move(answer)]() mutable {
      engine_.answer(monotonic_now(), id, std::move(answer));
      drain();
    });
  });
}

std::size_t IkeDriver::pairs_of(const std::string& tunnel) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(children_, [&](const auto& entry) { return entry.second.sa.tunnel == tunnel; }));
}

}  // namespace culvert::router
