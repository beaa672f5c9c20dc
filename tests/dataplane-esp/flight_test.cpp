// Packets in the lanes of a cipher while more follow: none is lost, an SA keeps their order, and none outlives its SA's
// snapshot.
#include <rte_ring.h>

#include <gtest/gtest.h>

#include "ipsec-dataplane/crypto_engine.h"
#include "ipsec-dataplane/ports.h"
#include "ipsec-dataplane/worker.h"
#include "tests/dataplane-esp/both_halves.h"

namespace culvert::dataplane {
namespace {

class Flight : public BothHalves {
 protected:
  // What comes out when these go in.
  std::vector<net::Bytes> through(const std::vector<net::Bytes>& packets, Step step, bool backlog) {
    bench.worker.backlog = backlog;
    Burst burst;
    for (const auto& bytes : packets) burst.push(bench.packet(bytes, step));
    step == Step::protect ? esp_seal(burst, bench.tables, bench.worker) : esp_open(burst, bench.tables, bench.worker);
    std::vector<net::Bytes> out_of_it;
    for (auto* p : burst) {
      EXPECT_EQ(meta(*p).step, step == Step::protect ? Step::route : Step::classify);
      out_of_it.push_back(bench.take(p).bytes);
    }
    return out_of_it;
  }
  // In turns of 7 packets, with backlog until the last.
  std::vector<net::Bytes> in_turns(const std::vector<net::Bytes>& packets, Step step) {
    std::vector<net::Bytes> all;
    for (std::size_t at = 0; at < packets.size(); at += 7) {
      const auto last = std::min(at + 7, packets.size());
      const std::vector<net::Bytes> turn(packets.begin() + static_cast<std::ptrdiff_t>(at),
                                         packets.begin() + static_cast<std::ptrdiff_t>(last));
      std::ranges::copy(through(turn, step, last < packets.size()), std::back_inserter(all));
    }
    return all;
  }
};

TEST_F(Flight, PacketsWaitForCompanyOnlyWhileMoreFollow) {
  SCOPED_TRACE(repeat_with());
  use("AES-CBC-128+SHA1");
  const auto inner = inner_packet(100, random);
  EXPECT_TRUE(through({inner, inner, inner}, Step::protect, true).empty());
  EXPECT_EQ(bench.worker.crypto->sealing.in_flight(), 3u);
  EXPECT_EQ(through({inner}, Step::protect, false).size(), 4u);
  EXPECT_FALSE(bench.worker.crypto->in_flight());
}

TEST_F(Flight, AllComeOutAndInOrder) {
  SCOPED_TRACE(repeat_with());
  for (const auto* name : {"AES-CBC-128+SHA1", "AES-CBC-256+SHA512", "AES-CTR-128+SHA256", "3DES+MD5", "NULL+SHA1",
                           "ChaCha20-Poly1305", "DES+SHA1", "AES-GCM-128"})
    for (const bool extended : {false, true}) {
      SCOPED_TRACE(name);
      use(name, false, extended);
      std::vector<net::Bytes> inner;
      for (int i = 0; i < 300; ++i) inner.push_back(inner_packet(20 + random.below(1400), random));
      const auto sealed = in_turns(inner, Step::protect);
      ASSERT_EQ(sealed.size(), inner.size());
      EXPECT_EQ(in_turns(sealed, Step::esp_open), inner);
      EXPECT_EQ(statistics_of(*in).replayed + statistics_of(*in).bad_icv, 0u);
      EXPECT_FALSE(bench.worker.crypto->in_flight());
    }
}

TEST_F(Flight, OneThatIsStarvedSaysSo) {
  use("AES-CBC-128+SHA1");
  auto& crypto = *bench.worker.crypto;
  through({inner_packet(100, random)}, Step::protect, true);
  EXPECT_FALSE(crypto.starved()) << "it was fed just now";
  EXPECT_TRUE(crypto.starved());
  through({}, Step::protect, false);
  EXPECT_FALSE(crypto.starved()) << "nothing is in flight";
}

// A worker without ports, whose packets come from its queue, as from another worker.
class OneWorker {
 public:
  explicit OneWorker(const Bench& bench)
      : ring_(rte_ring_create("flight", 256, SOCKET_ID_ANY, RING_F_SC_DEQ)),
        worker_({.pool = bench.worker.pool, .counters = counters_.get(), .crypto = bench.worker.crypto},
                {ring_, nullptr}, publisher, ports_, {}) {
    publisher.online(0);
  }
  ~OneWorker() {
    publisher.offline(0);
    rte_ring_free(ring_);
  }
  void turn(Bench& bench, std::size_t packets, net::Random& random) {
    for (std::size_t i = 0; i < packets; ++i)
      EXPECT_TRUE(worker_.offer(bench.packet(inner_packet(100, random), Step::protect)));
    worker_.turn();
  }
  std::uint64_t dropped() const { return counters_->drop(Drop::no_route).get(); }

  TablePublisher publisher{1};

 private:
  Ports ports_;
  std::unique_ptr<WorkerCounters> counters_ = std::make_unique<WorkerCounters>();
  rte_ring* ring_;
  Worker worker_;
};

std::unique_ptr<Tables> tables_with(const Fib& fib, std::shared_ptr<SecurityAssociation> sa) {
  auto tables = std::make_unique<Tables>();
  tables->fib = fib.view();
  tables->interfaces.resize(Bench::tunnel + 1);
  tables->interfaces[Bench::tunnel].tunnel.outbound = sa.get();
  tables->associations.push_back(std::move(sa));
  return tables;
}

// There is no route, so that what was sealed ends there, and is counted.
TEST_F(Flight, ASnapshotIsNotGivenUpBeforeItsPacketsAreBack) {
  SCOPED_TRACE(repeat_with());
  const auto fib = Fib::create().value();
  OneWorker one(bench);
  use("AES-CBC-128+SHA1");
  const std::weak_ptr<SecurityAssociation> watched = out;
  one.publisher.publish(tables_with(fib, std::move(out)));
  bench.tables = Tables();
  one.turn(bench, Burst::rx_max, random);
  const auto in_flight = bench.worker.crypto->sealing.in_flight();
  EXPECT_GT(in_flight, 0u);
  EXPECT_EQ(one.dropped(), Burst::rx_max - in_flight);
  one.publisher.publish(tables_with(fib, nullptr));
  one.publisher.collect();
  EXPECT_FALSE(watched.expired());
  one.turn(bench, 0, random);
  EXPECT_EQ(one.dropped(), Burst::rx_max);
  one.publisher.collect();
  EXPECT_FALSE(watched.expired()) << "that turn was still the old snapshot's";
  one.turn(bench, 0, random);
  one.publisher.collect();
  EXPECT_TRUE(watched.expired());
}

TEST_F(Flight, AWorkerThatEndsLeavesNothingBehind) {
  const auto fib = Fib::create().value();
  use("AES-CBC-128+SHA1");
  {
    OneWorker one(bench);
    one.publisher.publish(tables_with(fib, out));
    one.turn(bench, Burst::rx_max, random);
    EXPECT_TRUE(bench.worker.crypto->in_flight());
  }
  EXPECT_FALSE(bench.worker.crypto->in_flight());
  EXPECT_EQ(bench.packets_in_use(), 0u);
}

}  // namespace
}  // namespace culvert::dataplane
