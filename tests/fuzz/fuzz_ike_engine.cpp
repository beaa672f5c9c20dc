// A live engine that anybody can send datagrams to, one of whose senders holds the keys.
//
// The input is a script: an octet that says what happens, two of length, and as many octets. Another engine is the
// peer, so that there is a half-open SA and an established one; what happens is a raw datagram, one aimed at an SA that
// stands, a message that the peer's keys seal around any payloads, or time. The engine has to stay within its limits
// and come to rest.
//
// links: culvert_ike_v2
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <optional>
#include <span>

#include "ike/engine.h"
#include "ike/wire/message.h"
#include "ike/wire/protection.h"
#include "tests/support/toy_key_exchange.h"

namespace {

using namespace culvert;
using namespace culvert::ike;
using namespace std::chrono_literals;

void require(bool holds) {
  if (!holds) std::abort();
}

Configuration site(std::uint32_t local, std::uint32_t remote) {
  Configuration c;
  const net::Secret key(net::as_view("secret"));
  c.keyrings["K"] = {.name = "K",
                     .peers = {{.name = "peer",
                                .address = net::Prefix::host(net::Address::v4(remote)),
                                .identity = {},
                                .local_key = key,
                                .remote_key = key}}};
  c.profiles["P"] = {.name = "P",
                     .match_remote = {{AnyIdentity{}}},
                     .identity_local = {},
                     .local_pre_share = true,
                     .remote_pre_share = true,
                     .keyring = "K",
                     .dpd = {}};
  c.ipsec_profiles["I"] = {.name = "I", .transform_sets = {}, .ikev2_profile = "P", .pfs = {}};
  c.tunnels["T"] = {.name = "T",
                    .local = net::Address::v4(local),
                    .remote = net::Address::v4(remote),
                    .ipsec_profile = "I",
                    .up = true};
  return c;
}

// The keys of the SA that was derived last.
struct Keys final : KeyObserver {
  void derived(const ExportedKeys& keys) override { last = keys; }
  std::optional<ExportedKeys> last;
};

struct Router {
  Router(std::uint64_t seed, std::uint32_t own, std::uint32_t other, Keys* keys)
      : random(seed),
        exchange(seed),
        engine(random, {.half_open_max = 20, .observer = keys}),
        configuration(site(own, other)) {}

  net::SeededRandom random;
  testing::ToyKeyExchange exchange;
  Engine engine;
  Configuration configuration;
  std::deque<Transmit> sent;
  std::size_t installed = 0;

  void drain(net::Time now) {
    while (auto output = engine.poll()) {
      if (auto* transmit = std::get_if<Transmit>(&*output)) sent.push_back(std::move(*transmit));
      if (std::holds_alternative<InstallSa>(*output)) ++installed;
      if (std::holds_alternative<RemoveSa>(*output)) --installed;
      if (const auto* ask = std::get_if<Ask>(&*output)) engine.answer(now, ask->id, perform(*ask, exchange));
    }
    require(engine.statistics().half_open <= 20 && installed < 100);
  }
};

constexpr std::uint32_t left_address = 0x0a000001, right_address = 0x0a000002;
const Path from_right{{net::Address::v4(left_address), 500}, {net::Address::v4(right_address), 500}};

class Scene {
 public:
  Scene() {
    for (auto* router : {&right_, &left_}) {
      router->engine.configure(now_, router->configuration);
      router->engine.timeout(now_);
      router->drain(now_);
    }
    right_.sent.clear();  // its own first words are lost
    for (int i = 0; i < 6; ++i) exchange_all();
    require(left_.installed == 1 && right_.installed == 1);
  }

  // One line of the script.
  void happen(std::uint8_t what, net::View octets) {
    switch (what % 4) {
      case 0: receive({octets.begin(), octets.end()}, what & 0x80 ? stranger() : from_right); break;
      case 1: receive(aimed(octets), from_right); break;
      case 2: receive(sealed(what, octets), from_right); break;
      case 3: pass(std::chrono::milliseconds(octets.size() * (what + 1u))); break;
    }
  }
  // Left alone without tunnels, nothing is left of it all.
  void rest() {
    left_.engine.configure(now_, {});
    left_.drain(now_);
    for (int i = 0; i < 1000 && left_.engine.deadline(); ++i) {
      now_ = *left_.engine.deadline();
      left_.engine.timeout(now_);
      left_.drain(now_);
    }
    require(left_.installed == 0 && left_.engine.statistics().sas == 0);
  }

 private:
  static Path stranger() { return {from_right.local, {net::Address::v4(0xc0000201), 4500}}; }

  void exchange_all() {
    for (auto* pair : {&left_, &right_}) {
      auto& other = pair == &left_ ? right_ : left_;
      for (auto sent = std::exchange(pair->sent, {}); !sent.empty(); sent.pop_front()) {
        other.engine.receive(now_, {sent.front().path.remote, sent.front().path.local}, sent.front().bytes);
        other.drain(now_);
      }
    }
  }

  void receive(net::Bytes octets, const Path& path) {
    left_.engine.receive(now_, path, octets);
    left_.drain(now_);
    left_.sent.clear();
    left_.engine.show(now_);
  }

  // The SPIs of an SA that stands, before whatever the input has.
  net::Bytes aimed(net::View octets) const {
    net::Bytes out;
    net::Writer writer(out);
    const auto rows = left_.engine.show(now_);
    if (!rows.empty()) {
      const auto& row = rows[octets.size() % rows.size()];
      writer.u64(row.initiator ? row.local_spi : row.remote_spi);
      writer.u64(row.initiator ? row.remote_spi : row.local_spi);
    }
    writer.bytes(octets);
    if (out.size() >= 28) {
      writer.patch_u16(24, 0);
      writer.patch_u16(26, static_cast<std::uint16_t>(out.size()));
    }
    return out;
  }

  // What the peer could send: exchange, flags and payloads from the input, under the keys of the latest SA.
  net::Bytes sealed(std::uint8_t what, net::View octets) {
    if (!keys_.last || octets.size() < 2) return {};
    const auto rows = left_.engine.show(now_);
    const auto& keys = *keys_.last;
    wire::Header header{.initiator_spi = keys.initiator_spi,
                        .responder_spi = keys.responder_spi,
                        .exchange = wire::ExchangeType{std::to_integer<std::uint8_t>(octets[0])},
                        .is_response = (what & 0x40) != 0};
    bool initiator = false;
    for (const auto& row : rows) {
      if (row.local_spi != keys.initiator_spi && row.local_spi != keys.responder_spi) continue;
      initiator = !row.initiator;
      header.message_id = header.is_response ? row.local_request_id : row.remote_next_id;
    }
    header.from_initiator = initiator;
    const auto first = wire::PayloadType{std::to_integer<std::uint8_t>(octets[1])};
    const auto payloads = wire::parse_inner_chain(first, octets.subspan(2));
    wire::Sealer sealer({.encryption = keys.suite.encryption,
                         .integrity = keys.suite.integrity,
                         .encryption_key = initiator ? keys.keys.ei : keys.keys.er,
                         .integrity_key = initiator ? keys.keys.ai : keys.keys.ar});
    if (payloads && emits(*payloads)) return sealer.seal(header, *payloads, random_);
    const wire::Payloads broken{wire::UnknownPayload{first, {octets.begin() + 2, octets.end()}}};
    return first == wire::PayloadType::none ? net::Bytes{} : sealer.seal(header, broken, random_);
  }
  static bool emits(const wire::Payloads& payloads) {
    for (const auto& payload : payloads)
      if (const auto* found = std::get_if<wire::TrafficSelectors>(&payload); found && found->selectors.empty())
        return false;
    return true;
  }

  void pass(net::Duration wait) {
    now_ += wait;
    for (int i = 0; i < 50 && left_.engine.deadline() && *left_.engine.deadline() <= now_; ++i) {
      left_.engine.timeout(now_);
      left_.drain(now_);
    }
    left_.sent.clear();
  }

  Keys keys_;
  net::Time now_{1h};
  net::SeededRandom random_{3};
  Router left_{1, left_address, right_address, &keys_}, right_{2, right_address, left_address, nullptr};
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 8192) return 0;
  Scene scene;
  net::Reader script(std::as_bytes(std::span(data, size)));
  for (auto what = script.u8(); what; what = script.u8()) {
    const auto length = script.u16();
    if (!length) break;
    scene.happen(*what, *script.take(std::min<std::size_t>(*length % 1500, script.left())));
  }
  scene.rest();
  return 0;
}
