// Two sites, and somebody who knows the keys of their IKE SAs: what a broken or malicious peer could send.
#pragma once

#include <map>

#include "ike/wire/message.h"
#include "ike/wire/protection.h"
#include "tests/world/arrows.h"
#include "tests/world/configurations.h"
#include "tests/world/world.h"

namespace culvert::testing {

// Remembers the keys of each IKE SA, and seals with them what it is told to.
class Insider final : public ike::KeyObserver {
 public:
  void derived(const ike::ExportedKeys& keys) override { keys_.insert_or_assign(keys.initiator_spi, keys); }
  bool knows(std::uint64_t initiator_spi) const { return keys_.contains(initiator_spi); }
  // Requires: the keys of that SA are known.
  net::Bytes seal(const ike::wire::Header& header, const ike::wire::Payloads& payloads) {
    const auto& exported = keys_.at(header.initiator_spi);
    const auto& [suite, keys] = std::tie(exported.suite, exported.keys);
    const bool initiator = header.from_initiator;
    ike::wire::Sealer sealer({.encryption = suite.encryption,
                              .integrity = suite.integrity,
                              .encryption_key = initiator ? keys.ei : keys.er,
                              .integrity_key = initiator ? keys.ai : keys.ar});
    return sealer.seal(header, payloads, random_);
  }

  // What a message of that SA holds; nothing where it does not open.
  ike::wire::Payloads open(const Datagram& datagram) const {
    const auto header = *datagram.header();
    const auto& exported = keys_.at(header.initiator_spi);
    const auto& keys = exported.keys;
    const ike::wire::Opener opener({.encryption = exported.suite.encryption,
                                    .integrity = exported.suite.integrity,
                                    .encryption_key = header.from_initiator ? keys.ei : keys.er,
                                    .integrity_key = header.from_initiator ? keys.ai : keys.ar});
    return opener.open(datagram.bytes).value_or(ike::wire::Payloads{});
  }

 private:
  std::map<std::uint64_t, ike::ExportedKeys> keys_;
  net::SeededRandom random_{77};
};

// hq initiates; what branch begins of itself is lost until the tunnel stands.
struct Sites {
  explicit Sites(std::uint64_t seed = 1) : world({.seed = seed}) {
    world.network.keep_log = true;
    for (auto* node : {&hq, &branch}) {
      node->also_observes = &insider;
      node->configuration.profiles["P"].dpd.reset();
    }
  }
  void start() {
    world.network.lose = [this](const Datagram& d) {
      const auto header = d.header();
      return header && d.from.address == branch.address && header->from_initiator && !header->is_response;
    };
    branch.restart();
    hq.restart();
  }
  bool establish() {
    start();
    const bool done = world.run_until([&] { return World::joined(hq, branch); }, std::chrono::seconds(5));
    world.advance(std::chrono::minutes(2));  // whatever branch began is given up
    world.network.lose = {};
    world.network.log.clear();
    return done;
  }
  // The header of a message from one node to the other about hq's first IKE SA.
  ike::wire::Header header(const Node& from, ike::wire::ExchangeType exchange, bool response, std::uint32_t id) const {
    const auto row = hq.engine().show(world.now).front();
    return {.initiator_spi = row.initiator ? row.local_spi : row.remote_spi,
            .responder_spi = row.initiator ? row.remote_spi : row.local_spi,
            .exchange = exchange,
            .from_initiator = (&from == &hq) == row.initiator,
            .is_response = response,
            .message_id = id};
  }
  // Sent under the keys of the SA by somebody who sits where `from` sits.
  void forge(const Node& from, const ike::wire::Header& header, const ike::wire::Payloads& payloads) {
    deliver(from, insider.seal(header, payloads));
  }
  void deliver(const Node& from, net::Bytes bytes) {
    const auto& to = &from == &hq ? branch : hq;
    world.inject({from.address, 500}, {to.address, 500}, std::move(bytes));
  }
  // The next message ID that hq expects of branch.
  std::uint32_t due_at_hq() const { return hq.engine().show(world.now).front().remote_next_id; }
  std::vector<std::string> said(const Node& node) const { return said_by(world, node.address); }

  Insider insider;
  World world;
  std::pair<Node&, Node&> sites = world.pair();
  Node& hq = sites.first;
  Node& branch = sites.second;
};

inline ike::wire::Notify plain_notify(ike::wire::NotifyType type, net::Bytes data = {}) {
  return {.type = type, .spi = {}, .data = std::move(data)};
}

}  // namespace culvert::testing
