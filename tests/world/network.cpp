#include "tests/world/network.h"

namespace culvert::testing {

std::optional<ike::wire::Header> Datagram::header() const {
  net::View octets = bytes;
  if (octets.size() > 4 && net::Reader(octets).u32() == 0u) octets = octets.subspan(4);
  const auto framed = ike::wire::Header::parse(octets);
  return framed ? std::optional(framed->header) : std::nullopt;
}

void Network::forget_nat_ports() {
  inside_to_outside_.clear();
  outside_to_inside_.clear();
}

net::Endpoint Network::outside_of(const net::Endpoint& inside) {
  const auto nat = nats_.find(inside.address);
  if (nat == nats_.end()) return inside;
  const auto known = inside_to_outside_.find(inside);
  if (known != inside_to_outside_.end()) return known->second;
  const net::Endpoint outside{nat->second, next_port_++};
  inside_to_outside_[inside] = outside;
  outside_to_inside_[outside] = inside;
  return outside;
}

net::Duration Network::delay() {
  const auto span = static_cast<std::uint64_t>((link.delay_max - link.delay_min).count());
  auto wait = link.delay_min + std::chrono::milliseconds(random_.below(span + 1));
  if (percent(link.reorder_percent)) wait += link.delay_max * 3;
  return wait;
}

void Network::send(net::Time now, Datagram datagram) {
  datagram.from = outside_of(datagram.from);
  if (keep_log) log.push_back(datagram);
  if (datagram.bytes.size() > link.mtu || percent(link.loss_percent) || (lose && lose(datagram))) return;
  if (percent(link.duplicate_percent)) flying_.emplace(now + delay(), datagram);
  flying_.emplace(now + delay(), std::move(datagram));
}

std::optional<net::Time> Network::next() const {
  if (flying_.empty()) return std::nullopt;
  return flying_.begin()->first;
}

std::optional<Datagram> Network::arrive(net::Time now) {
  while (!flying_.empty() && flying_.begin()->first <= now) {
    auto datagram = std::move(flying_.begin()->second);
    flying_.erase(flying_.begin());
    const auto inside = outside_to_inside_.find(datagram.to);
    if (inside != outside_to_inside_.end()) datagram.to = inside->second;
    return datagram;
  }
  return std::nullopt;
}

}  // namespace culvert::testing
