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
    const auto before = std::exchange(child.received, received);
    const bool came = before.packets != received.packets;
    const bool went = std::exchange(child.sent, sent).packets != sent.packets;
    if (came || went) engine_.traffic(now, id, came, went);
    if (received.newest_from && received.newest_from != before.newest_from)
      engine_.came_from(now, id, *received.newest_from);
    report_refusals(now, id, child, before);
    report_volume(now, id, child);
  }
  drain();
}

// One line a minute and SA, as IOS has it: an attacker on the path may make any number of these packets.
void IkeDriver::report_refusals(net::Time now, ike::ChildId id, InstalledChild& child,
                                const dataplane::SaStatistics& before) {
  constexpr auto quiet = std::chrono::minutes(1);
  const bool replayed = child.received.replayed != before.replayed, forged = child.received.bad_icv != before.bad_icv;
  if (!replayed && !forged) return;
  if (child.refusals_logged != net::Time{} && now - child.refusals_logged < quiet) return;
  child.refusals_logged = now;
  const auto log = [&](const char* mnemonic, const char* what, std::uint64_t packets) {
    hooks_.refused(mnemonic, fmt::format("decrypt: {} for connection id={}, spi=0x{:08X}, srcaddr={}, packets={}", what,
                                         id, child.sa.inbound_spi, child.sa.remote, packets));
  };
  if (replayed) log("PKT_REPLAY_ERR", "replay check failed", child.received.replayed);
  if (forged) log("RECVD_PKT_MAC_ERR", "mac verify failed", child.received.bad_icv);
}

// A peer sends as soon as it may, and its first packet overtakes the exchange: the SA has come while it lay in a queue.
bool IkeDriver::receives(std::uint32_t spi) const {
  return std::ranges::any_of(
      children_, [spi](const auto& entry) { return entry.second.inbound != 0 && entry.second.sa.inbound_spi == spi; });
}

void IkeDriver::receive_unknown_esp(const std::string& interface, net::View packet) {
  constexpr std::size_t udp_octets = 8;
  const auto ip = parse_ipv4(packet);
  if (!ip) return;
  const bool in_udp = ip->protocol == std::to_underlying(Protocol::udp);
  if (in_udp && ip->payload.size() < udp_octets) return;
  const auto spi = net::Reader(ip->payload.subspan(in_udp ? udp_octets : 0)).u32();
  if (!spi || receives(*spi)) return;
  hooks_.refused("RECVD_PKT_INV_SPI",
                 fmt::format("decaps: rec'd IPSEC packet has invalid spi for destaddr={}, prot=50, spi=0x{:X}({}), "
                             "srcaddr={}, input interface={}",
                             ip->destination, *spi, *spi, ip->source, interface));
  engine_.invalid_spi(monotonic_now(), ip->destination, ip->source, *spi);
  drain();
}

void IkeDriver::want(const std::string& tunnel, const ike::SelectorPair& packet) {
  engine_.want(monotonic_now(), tunnel, packet);
  drain();
}

void IkeDriver::clear_counters() {
  for (auto& [_, child] : children_) {
    child.received_before = plane_.sa_statistics(child.inbound).value_or(child.received);
    child.sent_before = plane_.sa_statistics(child.outbound).value_or(child.sent);
  }
}

// A fast tunnel may pass both limits between two looks: then its rekey comes first, and the end is for the next look.
void IkeDriver::report_volume(net::Time now, ike::ChildId id, InstalledChild& child) {
  if (rekey_due(child.sa, child.received, child.sent) && !std::exchange(child.rekey_reported, true))
    return engine_.expire(now, id, ike::Expiry::kilobytes);
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
  if (!inbound) return not_installed(sa, inbound.error());
  sa.inbound = {};
  const auto tunnel = sa.tunnel;
  auto& child = children_[sa.child];
  child.sa = std::move(sa);
  child.inbound = *inbound;
  if (!child.sa.receive_only && !install_outbound(child)) return;
  if (pairs_of(tunnel) == 1) hooks_.secured(tunnel, true);
  hooks_.pairs_changed(tunnel);
}

// A pair whose other half cannot be installed goes whole.
bool IkeDriver::install_outbound(InstalledChild& child) {
  auto outbound = plane_.install_sa(child.sa.tunnel, outbound_parameters(child.sa));
  child.sa.outbound = {};
  if (outbound) {
    child.outbound = *outbound;
    return true;
  }
  const auto lost = std::move(child.sa);
  plane_.remove_sa(child.inbound);
  children_.erase(lost.child);
  not_installed(lost, outbound.error());
  return false;
}

// The peer must not go on sending what nobody can open.
void IkeDriver::not_installed(const ike::InstallSa& sa, const std::string& why) {
  hooks_.install_failed(fmt::format("{}: {}", sa.tunnel, why));
  engine_.expire(monotonic_now(), sa.child, ike::Expiry::not_installed);
}

void IkeDriver::carry_out(const ike::MoveSa& move) {
  const auto found = children_.find(move.child);
  if (found == children_.end()) return;
  const dataplane::UdpEncapsulation udp{move.udp.local_port, move.udp.remote_port};
  found->second.sa.udp = move.udp;
  found->second.sa.remote = move.remote;
  if (found->second.outbound != 0) plane_.move_sa(found->second.outbound, udp, move.remote);
}

// The plane sends on the outbound SA that came last.
void IkeDriver::carry_out(const ike::SendOn& order) {
  const auto found = children_.find(order.child);
  if (found == children_.end() || install_outbound(found->second)) return;
  if (pairs_of(order.tunnel) == 0) hooks_.secured(order.tunnel, false);
}

void IkeDriver::carry_out(const ike::SendNoMore& order) {
  const auto found = children_.find(order.child);
  if (found == children_.end() || found->second.outbound == 0) return;
  plane_.remove_sa(std::exchange(found->second.outbound, 0));
}

void IkeDriver::carry_out(const ike::RemoveSa& sa) {
  const auto found = children_.find(sa.child);
  if (found == children_.end()) return;
  if (found->second.outbound != 0) plane_.remove_sa(found->second.outbound);
  plane_.remove_sa(found->second.inbound);
  children_.erase(found);
  if (pairs_of(sa.tunnel) == 0) hooks_.secured(sa.tunnel, false);
  hooks_.pairs_changed(sa.tunnel);
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

IkeDriver::Reach IkeDriver::reach_of(const std::string& tunnel) const {
  Reach reach;
  for (const auto& [_, child] : children_) {
    if (child.sa.tunnel != tunnel) continue;
    reach.peer = child.sa.remote;
    for (const auto& remote : child.sa.remote_selectors)
      if (std::ranges::find(reach.remote, remote) == reach.remote.end()) reach.remote.push_back(remote);
  }
  return reach;
}

std::size_t IkeDriver::pairs_of(const std::string& tunnel) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(children_, [&](const auto& entry) { return entry.second.sa.tunnel == tunnel; }));
}

}  // namespace culvert::router
