// A live engine with neighbours that say whatever they like, with right headers and checksums.
//
// The input is a script: an octet that says what happens, one of length, and as many octets. What happens is a raw
// packet, a HELLO, an INIT, a packet of any TLVs with the right sequence number, an acknowledgment of what waits, or
// time. Successors have to be feasible all the while, and when the neighbours are silent for long nothing of them is
// left.
//
// links: culvert_eigrp
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "routing/eigrp/engine.h"
#include "routing/eigrp/wire/packet.h"

namespace {

using namespace culvert;
using namespace culvert::routing::eigrp;
using namespace std::chrono_literals;

void require(bool holds) {
  if (!holds) std::abort();
}

class Stage {
 public:
  Stage() {
    Configuration configuration;
    configuration.autonomous_system = 100;
    configuration.networks = {{net::Address::v4(0), net::Address::v4(0xffffffff)}};
    engine_.configure(now_, configuration);
    engine_.interfaces(now_, {{.name = "Gi1", .up = true, .addresses = {{net::Address::v4(0x0a000101), 24}}},
                              {.name = "Gi2", .up = true, .addresses = {{net::Address::v4(0x0a000201), 24}}}});
    drain();
  }

  void act(std::uint8_t what, net::View octets) {
    const bool second = what & 0x80, multicast = what & 0x40;
    const auto from = net::Address::v4(second ? 0x0a000202 : 0x0a000102);
    const auto receive = [&](const net::Bytes& bytes) {
      engine_.receive(now_, {.interface = second ? "Gi2" : "Gi1", .source = from, .multicast = multicast}, bytes);
    };
    switch (what & 7) {
      case 0: receive(net::Bytes(octets.begin(), octets.end())); break;
      case 1: receive(packet(wire::Opcode::hello, octets, 0, 0, hello())); break;
      case 2: receive(packet(wire::Opcode::update, {}, ++sequence_, waiting(from), {}, true)); break;
      case 3:
      case 4: {
        constexpr wire::Opcode opcodes[]{wire::Opcode::update, wire::Opcode::query,     wire::Opcode::reply,
                                         wire::Opcode::update, wire::Opcode::sia_query, wire::Opcode::sia_reply};
        receive(packet(opcodes[(what >> 3) % 6], octets, ++sequence_, waiting(from)));
        break;
      }
      case 5: receive(packet(wire::Opcode::hello, {}, 0, waiting(from))); break;
      default: pass(octets.empty() ? 1s : std::chrono::milliseconds(std::to_integer<int>(octets[0]) * 100)); break;
    }
    drain();
    check();
  }

  void end() {
    pass(1000s);
    drain();
    require(engine_.neighbors(now_).empty());
    require(engine_.topology(now_).size() == 2);
  }

 private:
  static net::Bytes hello() {
    net::Bytes out;
    wire::encode_tlv(wire::Parameters{}, out);
    return out;
  }
  static net::Bytes packet(wire::Opcode opcode, net::View tlvs, std::uint32_t sequence, std::uint32_t acknowledgment,
                           net::Bytes first = {}, bool init = false) {
    auto bytes = wire::Packet{.opcode = opcode,
                              .flags = {.init = init},
                              .sequence = sequence,
                              .acknowledgment = acknowledgment,
                              .autonomous_system = 100}
                     .encode();
    bytes.insert(bytes.end(), first.begin(), first.end());
    bytes.insert(bytes.end(), tlvs.begin(), tlvs.end());
    wire::set_checksum(bytes);
    return bytes;
  }
  std::uint32_t waiting(const net::Address& address) const {
    for (const auto& neighbor : engine_.neighbors(now_))
      if (neighbor.address == address && !neighbor.queue.empty()) return neighbor.queue[0].second;
    return 0;
  }
  void pass(net::Duration duration) {
    const auto end = now_ + duration;
    for (auto due = engine_.deadline(); due && *due <= end; due = engine_.deadline()) {
      now_ = std::max(now_, *due);
      engine_.timeout(now_);
      drain();
    }
    now_ = end;
  }
  void drain() {
    while (engine_.poll()) continue;
  }
  void check() const {
    for (const auto& view : engine_.topology(now_))
      for (const auto& path : view.paths)
        require(view.active || !path.successor || path.reported_distance < view.feasible_distance);
  }

  net::SeededRandom random_{5};
  Engine engine_{random_, {.neighbors_per_interface_max = 4, .prefixes_per_neighbor_max = 64}};
  net::Time now_{std::chrono::hours(1)};
  std::uint32_t sequence_ = 1000;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Stage stage;
  const auto octets = std::as_bytes(std::span(data, size));
  for (std::size_t at = 0; at + 2 <= octets.size();) {
    const auto length = std::min<std::size_t>(std::to_integer<std::size_t>(octets[at + 1]), octets.size() - at - 2);
    stage.act(data[at], octets.subspan(at + 2, length));
    at += 2 + length;
  }
  stage.end();
  return 0;
}
