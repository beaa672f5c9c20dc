// Joins the IKE engine to the machine: its datagrams go through the dataplane, its slow work through a thread pool, its
// SAs into the plane, its events into the log.
//
// Everything here runs on the control thread but perform(), which touches nothing but its question.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "ike/crypto/key_exchange.h"
#include "ike/crypto/os_random.h"
#include "ike/engine.h"
#include "ipsec-dataplane/dataplane.h"
#include "router/key_log.h"

namespace culvert::router {

// A Child SA as it stands in the dataplane, with what was counted on it.
struct InstalledChild {
  ike::InstallSa sa;  // its keys live in the plane only; the outbound ones wait here until it sends
  dataplane::SaHandle inbound = 0, outbound = 0;  // 0 while it only receives
  dataplane::SaStatistics received, sent;
  bool rekey_reported = false, end_reported = false;     // by volume
  dataplane::SaStatistics received_before, sent_before;  // when `clear crypto sa counters` was said
  net::Time refusals_logged{};
};

class IkeDriver {
 public:
  struct Hooks {
    std::function<void(const ike::Event&)> log;
    std::function<void(const std::string& text)> install_failed;
    // A CRYPTO-4 line: what arrived that no SA takes.
    std::function<void(const std::string& mnemonic, const std::string& text)> refused;
    // The number of SA pairs of this tunnel that the plane holds has become zero or has left zero.
    std::function<void(const std::string& tunnel, bool secured)> secured;
    // Those pairs are others.
    std::function<void(const std::string& tunnel)> pairs_changed;
    // The engine has been fed; its deadline may be another.
    std::function<void()> wake;
  };

  // All references outlive the driver.
  IkeDriver(boost::asio::io_context& loop, dataplane::Dataplane& plane, KeyLog& keys, Hooks hooks);
  ~IkeDriver();

  void configure(ike::Configuration configuration);
  // A punted packet of kind ike: an IPv4 packet to one of our IKE ports.
  void receive(net::View packet);
  void timeout();
  std::optional<net::Time> deadline() const;
  // Tells the engine which children carried packets since the last call, for dead-peer detection, and which have
  // carried all that they may.
  void report_traffic();
  std::size_t clear(const ike::ClearFilter& filter);
  // A punted packet of kind invalid_spi. Logged as IOS does, on the interface where it came in.
  void receive_unknown_esp(const std::string& interface, net::View packet);
  // A packet to be sent on this tunnel has no SA.
  void want(const std::string& tunnel, const ike::SelectorPair& packet);
  // What shows count starts again at zero; lifetimes by volume do not.
  void clear_counters();
  std::size_t rekey(ike::RekeyOf what, const ike::ClearFilter& filter);
  void set_trace(ike::Trace* trace) { engine_.set_trace(trace); }
  // Orderly: every SA is deleted at the peer, as far as datagrams still leave.
  void close();

  std::vector<ike::SaView> sas() const;
  std::vector<InstalledChild> children() const;
  // Where the newest pair of a tunnel leads, and the remote selectors of all.
  struct Reach {
    std::optional<net::Address> peer;
    std::vector<ike::TrafficSelector> remote;  // each once
  };
  Reach reach_of(const std::string& tunnel) const;
  const ike::Statistics& statistics() const { return engine_.statistics(); }

 private:
  // The plane has an inbound SA under this SPI.
  bool receives(std::uint32_t spi) const;
  void drain();
  void report_volume(net::Time now, ike::ChildId id, InstalledChild& child);
  void report_refusals(net::Time now, ike::ChildId id, InstalledChild& child, const dataplane::SaStatistics& before);
  void not_installed(const ike::InstallSa& sa, const std::string& why);
  void carry_out(const ike::Transmit& transmit);
  void carry_out(ike::InstallSa& sa);
  void carry_out(const ike::SendOn& sa);
  void carry_out(const ike::SendNoMore& order);
  void carry_out(const ike::ExpectIke& sa) { plane_.expect_ike(sa.local_spi, sa.half_open); }
  void carry_out(const ike::ForgetIke& sa) { plane_.forget_ike(sa.local_spi); }
  void carry_out(const ike::MoveSa& sa);
  void carry_out(const ike::RemoveSa& sa);
  void carry_out(ike::Ask& ask);
  void carry_out(const ike::Event& event) { hooks_.log(event); }
  bool install_outbound(InstalledChild& child);
  std::size_t pairs_of(const std::string& tunnel) const;

  boost::asio::io_context& loop_;
  dataplane::Dataplane& plane_;
  KeyLog& keys_;
  Hooks hooks_;
  ike::crypto::OsRandom random_;
  ike::crypto::OpensslKeyExchange exchange_;
  ike::Engine engine_;
  std::map<ike::ChildId, InstalledChild> children_;
  std::uint16_t identification_ = 1;
  boost::asio::thread_pool helpers_;  // last: its threads end before anything else goes
};

}  // namespace culvert::router
