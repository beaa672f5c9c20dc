// What all concerns of the engine share: the SAs and tunnels, the time of the call in progress, and the way out.
//
// Every file beside this one holds one concern, for both roles, as free functions of a Core and an Sa. A function may
// end any SA by making it Gone; the object stays until settle(), so no reference dangles within a call.
#pragma once

#include <array>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ike/engine.h"
#include "ike/trace.h"
#include "ike/v2/cookie.h"
#include "ike/v2/limiter.h"
#include "ike/v2/sa.h"
#include "ike/v2/schedule.h"

namespace culvert::ike::v2 {

// A configured tunnel that is up: its own attempt to reach the peer, and when to try next.
struct TunnelRun {
  std::optional<Spi> attempt;  // local SPI of the IKE SA we are initiating for it
  unsigned failures = 0;       // since it last carried a child for a while
  net::Time child_since{};     // when its newest child was installed
  net::Time hurried{};         // when its next attempt was last brought forward
  // Of a tunnel on demand:
  std::deque<ChildSelectors> wanted;  // what to offer, next first
  std::size_t remote = 0;             // which of its remotes is tried
  net::Time not_before{};             // the peer asked for patience (TEMPORARY_FAILURE)
  bool single_pairs = false;          // the peer takes one pair in a Child SA (SINGLE_PAIR_REQUIRED)
};

class Core {
 public:
  Core(net::Random& randomness, EngineOptions engine_options);

  net::Time now{};
  Configuration configuration;
  net::Random& random;
  const EngineOptions options;
  Statistics statistics;
  std::deque<Output> outputs;
  Trace* trace = nullptr;  // who watches, if anybody

  // IKE SAs by local SPI, and those that peers initiated by their first message.
  std::map<Spi, std::unique_ptr<Sa>> sas;
  std::map<InitKey, Spi> initiated_by_peers;
  std::map<std::string, std::set<Spi>, std::less<>> sas_of_tunnel;  // by Sa::tunnel, see serve()
  std::map<AskId, Spi> asks;
  std::map<ChildId, Spi> owner_of_child;
  std::map<std::string, std::set<ChildId>, std::less<>> children_of_tunnel;
  std::shared_ptr<SpiSet> child_spis = std::make_shared<SpiSet>();

  std::map<std::string, TunnelRun, std::less<>> tunnels;
  std::set<std::string, std::less<>> wanting;  // tunnels whose `wanted` is not empty
  Schedule<Spi> sa_schedule;
  Schedule<std::string> tunnel_schedule;
  Limiter unprotected_replies;  // to messages that nobody authenticated
  Cookies cookies;
  std::map<std::uint64_t, Spi> half_open;  // by the order of their birth

  // With a new SPI, or one from draw_spi().
  Sa& create(bool initiator, const Path& path, std::optional<Spi> spi = {});
  Spi draw_spi();
  Sa* find(Spi local_spi);
  // Says which tunnel an SA serves. It changes only where the tunnel goes and others live on by its Child SAs.
  void serve(Sa& sa, const std::string& tunnel);
  // Marks an SA for settle(), which must see each one whose state or timers changed.
  void touch(const Sa& sa) { touched_.push_back(sa.local_spi); }
  // Counts an SA whose negotiation has begun or ended, where settle() would come too late.
  void count_negotiations(Sa& sa);
  // Sweeps away what is gone, and schedules the rest.
  void settle();

  std::uint64_t next_order() { return ++order_; }
  ChildId next_child_id() { return ++last_child_; }
  void ask(Sa& sa, std::variant<GenerateKey, DeriveSecret> work) { ask(sa, sa.asked, std::move(work)); }
  void ask_for_peer(Sa& sa, std::variant<GenerateKey, DeriveSecret> work) {
    ask(sa, sa.asked_for_peer, std::move(work));
  }
  // The answer, if it still comes, will be dropped.
  void forget(std::optional<AskId>& asked);
  // `message` without the non-ESP marker.
  void transmit(const Path& path, net::View message);
  void event(EventKind kind, const Sa& sa, std::string text);
  void event(EventKind kind, const Path& path, std::string text, std::string tunnel = {});
  // For who watches: a step of an SA, and a message of `size_octets` that was sent or has been opened; `sa` may be
  // null.
  void step(const Sa& sa, std::string_view text) const {
    if (trace) trace->step(traced(&sa), text);
  }
  void sent(const Sa* sa, const Path& path, const wire::Header& header, std::span<const wire::Payload> payloads,
            std::size_t size_octets) const {
    if (trace) trace->message({true, traced(sa), path, header, payloads, size_octets});
  }
  void received(const Sa* sa, const Path& path, const wire::Header& header, std::span<const wire::Payload> payloads,
                std::size_t size_octets) const {
    if (trace) trace->message({false, traced(sa), path, header, payloads, size_octets});
  }

 private:
  static TracedSa traced(const Sa* sa) { return sa ? TracedSa{sa->session_id, sa->tunnel_id} : TracedSa{}; }
  void ask(Sa& sa, std::optional<AskId>& slot, std::variant<GenerateKey, DeriveSecret> work);
  void emit(Event event);
  void erase(Spi spi);
  void stop_serving(const Sa& sa);
  std::uint32_t free_tunnel_id() const;

  std::vector<Spi> touched_;
  std::set<std::uint32_t> tunnel_ids_;
  std::map<EventKind, Limiter> event_limits_;
  std::uint32_t last_session_ = 0;
  std::uint64_t order_ = 0;
  ChildId last_child_ = 0;
  AskId last_ask_ = 0;
};

}  // namespace culvert::ike::v2
