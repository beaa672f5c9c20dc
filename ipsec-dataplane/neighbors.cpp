#include "ipsec-dataplane/neighbors.h"

#include <algorithm>
#include <cassert>

namespace culvert::dataplane {
namespace {

constexpr std::uint16_t ethertype_arp = 0x0806, ethertype_ipv4 = 0x0800, hardware_ethernet = 1;
constexpr std::uint16_t request = 1, reply = 2;
constexpr std::size_t arp_length = 28;

void write_mac(net::Writer& out, const Mac& mac) { out.bytes(std::as_bytes(std::span(mac.octets))); }

Mac to_mac(net::View octets) {
  assert(octets.size() == 6);
  Mac mac;
  std::ranges::transform(octets, mac.octets.begin(), [](std::byte b) { return std::to_integer<std::uint8_t>(b); });
  return mac;
}

bool owns(const std::vector<net::Prefix>& addresses, net::Address address) {
  return std::ranges::find(addresses, address, &net::Prefix::address) != addresses.end();
}

// A host's address on one of our networks: not the network's own or its broadcast address.
bool is_on_link(const std::vector<net::Prefix>& addresses, net::Address address) {
  return std::ranges::any_of(addresses, [&](const net::Prefix& p) {
    if (!p.contains(address)) return false;
    return p.length >= 31 || (address != p.network().address && address != p.broadcast());
  });
}

}  // namespace

std::optional<Neighbors::Arp> Neighbors::parse(net::View octets) {
  if (octets.size() < arp_length) return std::nullopt;
  net::Reader in(octets);
  if (in.u16() != hardware_ethernet || in.u16() != ethertype_ipv4 || in.u8() != 6 || in.u8() != 4) return std::nullopt;
  const auto operation = in.u16();
  const auto sender_mac = in.take(6);
  const auto sender = in.take(4);
  const auto target_mac = in.take(6);
  const auto target = in.take(4);
  Arp arp{*operation, to_mac(*sender_mac), to_mac(*target_mac), *net::Address::from_octets(*sender),
          *net::Address::from_octets(*target)};
  if (arp.operation != request && arp.operation != reply) return std::nullopt;
  if (arp.sender_mac.is_group() || arp.sender_mac.is_zero() || arp.sender.is_multicast()) return std::nullopt;
  return arp;
}

void Neighbors::send(InterfaceIndex interface, const Mac& to, const Arp& arp) {
  SendFrame out{interface, {}};
  net::Writer frame(out.frame);
  write_mac(frame, to);
  write_mac(frame, arp.sender_mac);
  frame.u16(ethertype_arp);
  frame.u16(hardware_ethernet);
  frame.u16(ethertype_ipv4);
  frame.u8(6);
  frame.u8(4);
  frame.u16(arp.operation);
  write_mac(frame, arp.sender_mac);
  frame.bytes(arp.sender.octets());
  write_mac(frame, arp.target_mac);
  frame.bytes(arp.target.octets());
  ++(arp.operation == request ? counters_.requests_out : counters_.replies_out);
  out_.push_back(std::move(out));
}

// From our address on the network that the neighbor is on, else from the primary one.
void Neighbors::ask(const Key& key, const Mac& to) {
  const auto link = links_.find(key.first);
  if (link == links_.end() || link->second.addresses.empty()) return;
  const auto& ours = link->second.addresses;
  const auto near = std::ranges::find_if(ours, [&](const net::Prefix& p) { return p.contains(key.second); });
  const auto& from = near == ours.end() ? ours.front() : *near;
  send(key.first, to, {request, link->second.mac, Mac{}, from.address, key.second});
}

// RFC 5227 §3: an announcement is a request for one's own address.
void Neighbors::announce(InterfaceIndex interface, const Link& link, net::Address address) {
  send(interface, broadcast_mac, {request, link.mac, Mac{}, address, address});
}

void Neighbors::interface(net::Time, InterfaceIndex interface, bool up, Mac mac,
                          const std::vector<net::Prefix>& addresses) {
  const auto former = links_.contains(interface) ? links_[interface] : Link{};
  if (!up || former.mac != mac) forget_if([&](const Key& key) { return key.first == interface; });
  if (!up) {
    links_.erase(interface);
    return;
  }
  auto& link = links_[interface] = {mac, {}};
  std::ranges::copy_if(addresses, std::back_inserter(link.addresses),
                       [](const net::Prefix& p) { return p.address.is_v4(); });
  for (const auto& p : link.addresses)
    if (former.mac != mac || !owns(former.addresses, p.address)) announce(interface, link, p.address);
  // What is our own now, or on no network of ours any more, is nobody else's.
  forget_if([&](const Key& key) {
    return key.first == interface && (owns(link.addresses, key.second) || (is_on_link(former.addresses, key.second) &&
                                                                           !is_on_link(link.addresses, key.second)));
  });
}

void Neighbors::receive(net::Time now, InterfaceIndex interface, net::View octets) {
  const auto link = links_.find(interface);
  if (link == links_.end()) return;
  const auto arp = parse(octets);
  if (!arp) {
    ++counters_.malformed;
    return;
  }
  ++(arp->operation == request ? counters_.requests_in : counters_.replies_in);
  if (arp->sender_mac == link->second.mac || conflicts(interface, link->second, *arp)) return;
  const bool to_us = owns(link->second.addresses, arp->target);
  const Key key{interface, arp->sender};
  const bool asks_us = to_us && arp->operation == request;
  // RFC 826: update what is known; learn a stranger only if it speaks to us, and only a host of our own networks.
  if (const auto known = entries_.find(key); known != entries_.end())
    resolve(now, key, known->second, arp->sender_mac);
  else if (asks_us && is_on_link(link->second.addresses, arp->sender) && make_room())
    resolve(now, key, entries_.try_emplace(key, Entry{Unanswering{}, {}}).first->second, arp->sender_mac);
  if (asks_us) answer(interface, link->second, *arp);
}

bool Neighbors::conflicts(InterfaceIndex interface, const Link& link, const Arp& arp) {
  if (!owns(link.addresses, arp.sender)) return false;
  ++counters_.conflicts;
  out_.push_back(AddressConflict{interface, arp.sender, arp.sender_mac});
  // RFC 5227 §2.4(c): defend, once a frame; the other station's are as many as ours.
  if (arp.operation == request && arp.target == arp.sender) announce(interface, link, arp.sender);
  return true;
}

void Neighbors::answer(InterfaceIndex interface, const Link& link, const Arp& asked) {
  send(interface, asked.sender_mac, {reply, link.mac, asked.sender_mac, asked.target, asked.sender});
}

void Neighbors::resolve(net::Time now, const Key& key, Entry& entry, const Mac& mac) {
  std::deque<net::Bytes> waiting;
  if (auto* incomplete = std::get_if<Incomplete>(&entry.state)) {
    waiting = std::move(incomplete->waiting);
    --incomplete_;
  }
  const auto* known = std::get_if<Reachable>(&entry.state);
  if (known == nullptr || known->mac != mac) out_.push_back(NeighborResolved{key.first, key.second, mac});
  entry.state = Reachable{mac, now, 0};
  set_due(key, entry, now + age_max - refresh_before);
  for (auto& packet : waiting) out_.push_back(ReleasePacket{key.first, std::move(packet)});
}

bool Neighbors::make_room() {
  if (entries_.size() < entries_max) return true;
  ++counters_.refused;
  return false;
}

void Neighbors::want(net::Time now, InterfaceIndex interface, net::Address address, net::View packet) {
  const auto link = links_.find(interface);
  if (link == links_.end() || owns(link->second.addresses, address)) return;
  const Key key{interface, address};
  const auto known = entries_.find(key);
  if (known == entries_.end()) {
    if (incomplete_ >= incomplete_max || !make_room()) {
      ++counters_.refused;
      return;
    }
    auto& entry =
        entries_.try_emplace(key, Entry{Incomplete{1, {net::Bytes(packet.begin(), packet.end())}}, {}}).first->second;
    ++incomplete_;
    set_due(key, entry, now + retry_interval);
    return ask(key, broadcast_mac);
  }
  auto& state = known->second.state;
  if (auto* incomplete = std::get_if<Incomplete>(&state)) {
    if (incomplete->waiting.size() < waiting_max)
      incomplete->waiting.emplace_back(packet.begin(), packet.end());
    else
      ++counters_.refused;
  } else if (std::holds_alternative<Reachable>(state)) {
    out_.push_back(ReleasePacket{interface, net::Bytes(packet.begin(), packet.end())});  // resolved meanwhile
  } else {
    out_.push_back(AbandonPacket{interface, net::Bytes(packet.begin(), packet.end())});
  }
}

void Neighbors::timeout(net::Time now) {
  while (!due_.empty() && due_.begin()->first <= now) {
    const auto key = due_.begin()->second;
    expire(now, key, entries_.at(key));
  }
}

void Neighbors::expire(net::Time now, const Key& key, Entry& entry) {
  if (auto* incomplete = std::get_if<Incomplete>(&entry.state)) return retry(now, key, entry, *incomplete);
  if (auto* reachable = std::get_if<Reachable>(&entry.state)) return refresh(now, key, entry, *reachable);
  forget(entries_.find(key));
}

// Silence is remembered for a while, so that a scan of empty addresses costs three requests each and no more.
void Neighbors::retry(net::Time now, const Key& key, Entry& entry, Incomplete& incomplete) {
  if (incomplete.tries < tries_max) {
    ++incomplete.tries;
    set_due(key, entry, now + retry_interval);
    return ask(key, broadcast_mac);
  }
  for (auto& packet : incomplete.waiting) out_.push_back(AbandonPacket{key.first, std::move(packet)});
  --incomplete_;
  entry.state = Unanswering{};
  set_due(key, entry, now + give_up_hold);
}

void Neighbors::refresh(net::Time now, const Key& key, Entry& entry, Reachable& reachable) {
  if (reachable.refreshes >= tries_max) return forget(entries_.find(key));
  ++reachable.refreshes;
  set_due(key, entry, now + refresh_before / tries_max);
  ask(key, reachable.mac);
}

void Neighbors::forget(Entries::iterator at) {
  const auto& [key, entry] = *at;
  if (const auto* incomplete = std::get_if<Incomplete>(&entry.state)) {
    for (const auto& packet : incomplete->waiting) out_.push_back(AbandonPacket{key.first, packet});
    --incomplete_;
  }
  if (std::holds_alternative<Reachable>(entry.state)) out_.push_back(NeighborLost{key.first, key.second});
  due_.erase({entry.due, key});
  entries_.erase(at);
}

void Neighbors::forget_if(const std::function<bool(const Key&)>& which) {
  for (auto at = entries_.begin(); at != entries_.end();) {
    const auto here = at++;
    if (which(here->first)) forget(here);
  }
}

void Neighbors::clear(net::Time) {
  forget_if([](const Key&) { return true; });
}

void Neighbors::set_due(const Key& key, Entry& entry, net::Time due) {
  due_.erase({entry.due, key});
  entry.due = due;
  due_.insert({due, key});
}

std::optional<net::Time> Neighbors::deadline() const {
  if (due_.empty()) return std::nullopt;
  return due_.begin()->first;
}

std::optional<NeighborOutput> Neighbors::poll() {
  if (out_.empty()) return std::nullopt;
  auto first = std::move(out_.front());
  out_.pop_front();
  return first;
}

std::vector<NeighborView> Neighbors::show(net::Time now) const {
  std::vector<NeighborView> rows;
  for (const auto& [interface, link] : links_)
    for (const auto& own : link.addresses) rows.push_back({interface, own.address, link.mac, std::nullopt});
  for (const auto& [key, entry] : entries_) {
    if (const auto* reachable = std::get_if<Reachable>(&entry.state)) {
      const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(now - reachable->learned).count();
      rows.push_back({key.first, key.second, reachable->mac, static_cast<std::uint32_t>(minutes)});
    } else if (std::holds_alternative<Incomplete>(entry.state)) {
      rows.push_back({key.first, key.second, std::nullopt, 0});
    }
  }
  std::ranges::sort(rows, {}, &NeighborView::address);
  return rows;
}

}  // namespace culvert::dataplane
