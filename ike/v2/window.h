// Message window: request/response pairing and retransmission of one IKE SA (RFC 7296 §2.1 to §2.3).
//
// The window is one request wide in each direction. A request is kept until its response arrives, because the peer may
// lose either; a response is kept until the next request arrives, because the peer may ask again.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <variant>

#include "ike/wire/numbers.h"
#include "net/bytes.h"
#include "net/random.h"
#include "net/time.h"

namespace culvert::ike::v2 {

// How often, and how patiently, a request is sent.
struct Patience {
  net::Duration first;   // until the first repeat
  unsigned sends;        // in all, at least 1
  bool doubling = true;  // each wait twice the one before, plus up to a quarter of it at random

  net::Duration wait(unsigned sent, net::Random& random) const;
};

constexpr Patience negotiation_patience{.first = std::chrono::seconds(1), .sends = 6};
constexpr Patience farewell_patience{.first = std::chrono::seconds(1), .sends = 3};

// What our request was for, once it is answered.
struct Negotiation {};  // IKE_SA_INIT or IKE_AUTH: the state of the SA tells
struct Creation {};     // CREATE_CHILD_SA: the rekey that we began tells
struct Probe {};
struct ChildFarewell {};
struct IkeFarewell {};
using Purpose = std::variant<Negotiation, Creation, Probe, ChildFarewell, IkeFarewell>;

// Our requests. Message IDs start at 0; the counter stays below 2^32 (has_ids_left).
class RequestWindow {
 public:
  struct InFlight {
    std::uint32_t id = 0;
    wire::ExchangeType exchange{};
    Purpose purpose;
    Patience patience{};
    unsigned sent = 1;
    net::Bytes message;  // without the non-ESP marker; repeats are bit-identical
  };

  // `next` is the first ID to be used.
  explicit RequestWindow(std::uint32_t next = 0) : next_(next) {}
  bool free() const { return !in_flight_; }
  bool has_ids_left() const { return next_ != UINT32_MAX; }
  // Time for another IKE SA, whose IDs begin anew (§2.2).
  bool runs_out_of_ids() const { return next_ >= ids_spent; }
  std::uint32_t next() const { return next_; }
  // Requires: free() and has_ids_left(), and `request.id` is next().
  void sent(InFlight request);
  // IKE_SA_INIT sent again with other contents keeps its ID (§2.2).
  void restart() { in_flight_.reset(), next_ = 0; }
  // The request in flight, if the message is its response.
  bool awaits(std::uint32_t id, wire::ExchangeType exchange) const {
    return in_flight_ && in_flight_->id == id && in_flight_->exchange == exchange;
  }
  InFlight* in_flight() { return in_flight_ ? &*in_flight_ : nullptr; }
  const InFlight* in_flight() const { return in_flight_ ? &*in_flight_ : nullptr; }
  Purpose answered() { return std::exchange(in_flight_, std::nullopt)->purpose; }
  void give_up() { in_flight_.reset(); }

 private:
  static constexpr std::uint32_t ids_spent = 0xf000'0000;
  std::optional<InFlight> in_flight_;
  std::uint32_t next_ = 0;
};

// The peer's requests.
class ResponseWindow {
 public:
  enum class Verdict : std::uint8_t { due, repeated, outside };

  // A repeat whose response is forgotten is outside: it is not processed again.
  Verdict judge(std::uint32_t id) const {
    if (id == due_) return Verdict::due;
    return response_ && id + 1 == due_ ? Verdict::repeated : Verdict::outside;
  }
  std::uint32_t due() const { return due_; }
  // The response to the request that was due.
  void answered(net::Bytes response) {
    response_ = std::move(response);
    if (due_ != UINT32_MAX) ++due_;
  }
  const net::Bytes* response() const { return response_ ? &*response_ : nullptr; }

 private:
  std::optional<net::Bytes> response_;
  std::uint32_t due_ = 0;
};

}  // namespace culvert::ike::v2
