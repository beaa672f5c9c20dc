// Reassembly: the edges as numbered rows, then a million fragments beside a model that compares each piece with each.
#include "ipsec-dataplane/reassembly.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <list>
#include <ostream>

#include "net/checksum.h"
#include "net/random.h"
#include "tests/dataplane/plane.h"
#include "tests/dataplane/seed.h"

namespace culvert::dataplane {

void PrintTo(Reassembly::Verdict verdict, std::ostream* out) { *out << static_cast<int>(verdict); }

namespace {

using Verdict = Reassembly::Verdict;
using net::Bytes;

struct Piece {
  std::uint32_t offset;  // octets
  std::uint32_t octets;
  bool more = true;
  std::uint32_t source = 0x0a010002;
  std::uint16_t identification = 1;
  std::uint8_t tos = 0, fill = 1;
  std::size_t options = 0;
};

Bytes payload_of(const Piece& p) {
  Bytes payload(p.octets);
  for (std::uint32_t i = 0; i < p.octets; ++i) payload[i] = static_cast<std::byte>((p.offset + i) * p.fill);
  return payload;
}

Bytes build(const Piece& p) {
  test::Ipv4 ip{.source = p.source, .tos = p.tos, .identification = p.identification, .options = Bytes(p.options)};
  ip.fragment = static_cast<std::uint16_t>(p.offset / 8 | (p.more ? 0x2000 : 0));
  ip.payload = payload_of(p);
  return test::build(ip);
}

Reassembly::Outcome add(Reassembly& r, const Piece& p, std::uint64_t now = 0, std::uint16_t interface = 0) {
  const auto packet = build(p);
  return r.add(now, interface, packet, 20 + p.options);
}

struct Row {
  int line;
  std::vector<Piece> pieces;
  Verdict last;  // of the last piece; the others are held
};

TEST(Reassembly, Table) {
  const std::vector<Row> rows{
      {1, {{0, 8}, {8, 5, false}}, Verdict::complete},
      {2, {{8, 5, false}, {0, 8}}, Verdict::complete},
      {3, {{16, 8, false}, {0, 8}, {8, 8}}, Verdict::complete},
      {4, {{0, 8}, {0, 8}}, Verdict::duplicate},
      {5, {{0, 8}, {0, 16}}, Verdict::overlap},
      {6, {{0, 16}, {8, 8}}, Verdict::overlap},
      {7, {{0, 16}, {8, 16, false}}, Verdict::overlap},
      {8, {{8, 16}, {0, 16}}, Verdict::overlap},
      {9, {{0, 32}, {8, 4, false}}, Verdict::overlap},  // teardrop: the second lies inside the first
      {10, {{0, 8}, {0, 8, true, 0x0a010002, 1, 0, 2}}, Verdict::overlap},  // other octets at the same place
      {11, {{8, 8, false}, {8, 8}}, Verdict::overlap},                      // the same octets, another end
      {12, {{8, 8, false}, {24, 8}}, Verdict::overlap},                     // beyond the end
      {13, {{24, 8}, {8, 8, false}}, Verdict::overlap},                     // an end before what is there
      {14, {{8, 8, false}, {16, 8, false}}, Verdict::overlap},              // two ends
      {15, {{0, 12}}, Verdict::malformed},
      {16, {{0, 0}}, Verdict::malformed},
      {17, {{8, 0, false}}, Verdict::malformed},
      {18, {{65512, 8, false}}, Verdict::too_long},  // 65520 octets of payload and a header
      {19, {{65504, 12, false}}, Verdict::too_long},
      {20, {{65504, 11, false}}, Verdict::held},  // 65515 just fit behind 20 octets of header
      {21, {{0, 8, true, 1, 1}, {8, 8, false, 2, 1}}, Verdict::held},
      {22, {{0, 8, true, 1, 1}, {8, 8, false, 1, 2}}, Verdict::held},
  };
  for (const auto& row : rows) {
    Reassembly r({});
    for (std::size_t i = 0; i < row.pieces.size(); ++i)
      EXPECT_EQ(add(r, row.pieces[i]).verdict, i + 1 == row.pieces.size() ? row.last : Verdict::held)
          << "row " << row.line << ", piece " << i;
  }
}

TEST(Reassembly, AHeaderWithOptionsMayMakeItTooLong) {
  Reassembly r({});
  EXPECT_EQ(add(r, {.offset = 32, .octets = 65483, .more = false}).verdict, Verdict::held);
  EXPECT_EQ(add(r, {.offset = 0, .octets = 32, .options = 4}).verdict, Verdict::too_long);
}

TEST(Reassembly, WhatOverlappedStaysRefused) {
  Reassembly r({.timeout = 10});
  add(r, {0, 16});
  const auto overlap = add(r, {8, 16, false});
  EXPECT_EQ(overlap.verdict, Verdict::overlap);
  EXPECT_EQ(overlap.refused, 1u);
  EXPECT_EQ(add(r, {0, 8}).verdict, Verdict::overlap);
  EXPECT_EQ(add(r, {8, 8, false}).verdict, Verdict::overlap);
  EXPECT_EQ(r.octets(), 0u);
  ASSERT_TRUE(r.expire(10));
  EXPECT_EQ(add(r, {0, 8}, 10).verdict, Verdict::held);
}

TEST(Reassembly, TheFirstFragmentsHeaderAndEveryOctet) {
  Reassembly r({});
  add(r, {.offset = 16, .octets = 3, .more = false, .options = 0});
  const auto done = add(r, {.offset = 0, .octets = 16, .options = 8});
  ASSERT_EQ(done.verdict, Verdict::complete);
  ASSERT_EQ(done.packet.size(), 28u + 19u);
  EXPECT_EQ(done.packet[6], std::byte{0});
  EXPECT_EQ(done.packet[7], std::byte{0});
  EXPECT_EQ(net::checksum(done.packet.first(28)), 0);
  for (std::size_t i = 0; i < 19; ++i) EXPECT_EQ(done.packet[28 + i], static_cast<std::byte>(i));
  EXPECT_EQ(r.datagrams(), 0u);
}

TEST(Reassembly, CongestionMarksAreKept) {  // RFC 3168 section 5.3
  struct Ecn {
    int line;
    std::uint8_t first, second;
    std::optional<std::uint8_t> whole;
  };
  for (const auto& row : {Ecn{1, 0, 0, 0}, Ecn{2, 2, 3, 3}, Ecn{3, 3, 2, 3}, Ecn{4, 2, 2, 2},
                          Ecn{5, 0, 3, std::nullopt}, Ecn{6, 3, 0, std::nullopt}, Ecn{7, 1, 3, 3}}) {
    Reassembly r({});
    add(r, {.offset = 0, .octets = 8, .tos = static_cast<std::uint8_t>(0xb8 | row.first)});
    const auto done = add(r, {.offset = 8, .octets = 8, .more = false, .tos = row.second});
    ASSERT_EQ(done.verdict, row.whole ? Verdict::complete : Verdict::unmarkable) << "row " << row.line;
    if (!row.whole) continue;
    EXPECT_EQ(done.packet[1], static_cast<std::byte>(0xb8 | *row.whole)) << "row " << row.line;
  }
}

TEST(Reassembly, InterfacesAreKeptApart) {
  Reassembly r({});
  add(r, {0, 8}, 0, 7);
  EXPECT_EQ(add(r, {8, 8, false}, 0, 0).verdict, Verdict::held);
  EXPECT_EQ(add(r, {8, 8, false}, 0, 7).verdict, Verdict::complete);
}

TEST(Reassembly, TimesOutAndGivesTheFirstFragmentBack) {
  Reassembly r({.timeout = 15});
  const auto first = build({0, 8});
  r.add(100, 0, first, 20);
  add(r, {.offset = 8, .octets = 8, .identification = 2}, 101);
  EXPECT_FALSE(r.expire(114));
  const auto expired = r.expire(115);
  ASSERT_TRUE(expired);
  EXPECT_EQ(expired->fragments, 1u);
  EXPECT_TRUE(std::ranges::equal(expired->first, first));
  EXPECT_FALSE(r.expire(115));
  const auto headless = r.expire(116);
  ASSERT_TRUE(headless);
  EXPECT_TRUE(headless->first.empty());
}

TEST(Attacks, A26_FragmentBombsAreBounded) {
  const Reassembly::Limits limits{.datagrams = 32, .datagrams_per_source = 8, .octets = 100'000, .timeout = 15};
  Reassembly r(limits);
  std::uint32_t evicted = 0;
  // One source takes no more than its share, and an honest one's datagram outlives it.
  add(r, {.offset = 0, .octets = 8, .source = 1});
  for (std::uint16_t id = 0; id < 1000; ++id)
    evicted += add(r, {.offset = 0, .octets = 8, .source = 2, .identification = id}).evicted;
  EXPECT_EQ(r.datagrams(), 9u);
  EXPECT_EQ(evicted, 992u);
  EXPECT_EQ(add(r, {.offset = 8, .octets = 8, .more = false, .source = 1}).verdict, Verdict::complete);
  // Any number of sources, any size: bounded in count and octets.
  for (std::uint32_t source = 10; source < 1000; ++source) {
    add(r, {.offset = 8, .octets = 60000, .source = source});
    ASSERT_LE(r.datagrams(), limits.datagrams);
    ASSERT_LE(r.octets(), limits.octets);
  }
  // Tiny pieces of one datagram.
  Reassembly tiny({});
  for (std::uint32_t i = 0; i < Reassembly::fragments_max; ++i)
    ASSERT_EQ(add(tiny, {.offset = 16 * i, .octets = 8}).verdict, Verdict::held);
  const auto over = add(tiny, {.offset = 16 * Reassembly::fragments_max, .octets = 8});
  EXPECT_EQ(over.verdict, Verdict::too_many);
  EXPECT_EQ(over.refused, Reassembly::fragments_max);
  EXPECT_EQ(tiny.octets(), 0u);
}

// What reassembly.h says, as a list of datagrams that are lists of pieces, each compared with each.
class Model {
 public:
  explicit Model(const Reassembly::Limits& limits) : limits_(limits) {}

  std::pair<Verdict, Bytes> add(std::uint64_t now, const Piece& p, std::uint32_t& evicted) {
    if (p.octets == 0 || (p.more && p.octets % 8 != 0)) return {Verdict::malformed, {}};
    auto& d = datagram(now, p, evicted);
    if (d.refused) return {Verdict::overlap, {}};
    if (p.offset + p.octets > 65515) return refuse(d, Verdict::too_long);
    for (const auto& q : d.pieces)
      if (q.offset == p.offset && q.octets == p.octets && q.more == p.more && payload_of(q) == payload_of(p))
        return {Verdict::duplicate, {}};
    bool wrong = false;
    for (const auto& q : d.pieces) {
      wrong = wrong || (q.offset < p.offset + p.octets && p.offset < q.offset + q.octets);
      wrong = wrong || (!q.more && (!p.more || p.offset > q.offset));
      wrong = wrong || (!p.more && q.offset > p.offset);
    }
    if (wrong) return refuse(d, Verdict::overlap);
    if (d.pieces.size() == Reassembly::fragments_max) return refuse(d, Verdict::too_many);
    while (held() + p.octets > limits_.octets) evict_other_than(d, evicted);
    d.pieces.push_back(p);
    return {Verdict::held, {}};
  }

  // The payload where the datagram is whole now, which ends it.
  std::optional<Bytes> whole(const Piece& p) {
    const auto d = find(p);
    if (d == all_.end() || d->refused) return std::nullopt;
    const auto last = std::ranges::find(d->pieces, false, &Piece::more);
    if (last == d->pieces.end() || d->held() != last->offset + last->octets) return std::nullopt;
    Bytes payload(d->held());
    for (const auto& q : d->pieces) std::ranges::copy(payload_of(q), payload.begin() + q.offset);
    all_.erase(d);
    return payload;
  }

  std::size_t expire(std::uint64_t now) {
    std::size_t count = 0;
    for (; !all_.empty() && now - all_.front().since >= limits_.timeout; ++count) all_.pop_front();
    return count;
  }

  std::size_t held() const {
    std::size_t octets = 0;
    for (const auto& d : all_) octets += d.held();
    return octets;
  }
  std::size_t datagrams() const { return all_.size(); }

 private:
  struct Datagram {
    std::uint32_t source;
    std::uint16_t identification;
    std::uint64_t since;
    std::vector<Piece> pieces = {};
    bool refused = false;
    std::size_t held() const {
      std::size_t octets = 0;
      for (const auto& piece : pieces) octets += piece.octets;
      return octets;
    }
  };
  using All = std::list<Datagram>;

  All::iterator find(const Piece& p) {
    return std::ranges::find_if(
        all_, [&](const Datagram& d) { return d.source == p.source && d.identification == p.identification; });
  }
  Datagram& datagram(std::uint64_t now, const Piece& p, std::uint32_t& evicted) {
    if (const auto known = find(p); known != all_.end()) return *known;
    const auto mine = [&](const Datagram& d) { return d.source == p.source; };
    if (static_cast<std::size_t>(std::ranges::count_if(all_, mine)) >= limits_.datagrams_per_source)
      evict(std::ranges::find_if(all_, mine), evicted);
    else if (all_.size() == limits_.datagrams)
      evict(all_.begin(), evicted);
    return all_.emplace_back(Datagram{p.source, p.identification, now});
  }
  void evict(All::iterator at, std::uint32_t& evicted) {
    evicted += static_cast<std::uint32_t>(at->pieces.size());
    all_.erase(at);
  }
  void evict_other_than(const Datagram& d, std::uint32_t& evicted) {
    evict(std::ranges::find_if(all_, [&](const Datagram& other) { return &other != &d && !other.pieces.empty(); }),
          evicted);
  }
  static std::pair<Verdict, Bytes> refuse(Datagram& d, Verdict verdict) {
    d.pieces.clear();
    d.refused = true;
    return {verdict, {}};
  }

  Reassembly::Limits limits_;
  All all_;
};

// Mostly neat pieces of short datagrams, so that many become whole; now and then anything at all.
Piece random_piece(net::Random& random) {
  const auto bits = random.u64();
  Piece p{.offset = static_cast<std::uint32_t>(bits % 4 * 16),
          .octets = 16,
          .more = true,
          .source = 1 + static_cast<std::uint32_t>(bits >> 8 & 1),
          .identification = static_cast<std::uint16_t>((bits >> 12) % 10)};
  p.more = p.offset != 48;
  if ((bits >> 20) % 16 != 0) return p;
  p.offset = static_cast<std::uint32_t>(bits >> 24) % 12 * 8;
  p.octets = static_cast<std::uint32_t>(bits >> 32) % 40;
  if ((bits >> 40) % 4 != 0) p.octets &= ~7u;
  p.more = (bits >> 44) % 4 != 0;
  p.fill = (bits >> 48) % 8 == 0 ? 3 : 1;
  if ((bits >> 52) % 64 == 0) p.offset = 65512;
  return p;
}

TEST(Reassembly, AgreesWithTheModelOnAMillionFragments) {
  const auto seed = culvert::test::seed(1);
  SCOPED_TRACE(culvert::test::repeat(seed, "dataplane_test", "Reassembly.AgreesWithTheModelOnAMillionFragments"));
  net::SeededRandom random(seed);
  const Reassembly::Limits limits{.datagrams = 17, .datagrams_per_source = 9, .octets = 65536, .timeout = 200};
  Reassembly r(limits);
  Model model(limits);
  std::size_t whole = 0, refused = 0;
  for (std::uint64_t step = 0; step < 1'000'000; ++step) {
    const auto piece = random_piece(random);
    std::uint32_t evicted = 0;
    auto [verdict, payload] = model.add(step, piece, evicted);
    if (verdict == Verdict::held)
      if (auto done = model.whole(piece)) std::tie(verdict, payload) = std::pair(Verdict::complete, std::move(*done));
    const auto got = add(r, piece, step);
    ASSERT_EQ(got.verdict, verdict) << "step " << step;
    ASSERT_EQ(got.evicted, evicted) << "step " << step;
    const bool complete = verdict == Verdict::complete;
    ASSERT_TRUE(!complete || std::ranges::equal(got.packet.subspan(20), payload)) << "step " << step;
    std::size_t expired = 0;
    while (r.expire(step)) ++expired;
    ASSERT_EQ(expired, model.expire(step)) << "step " << step;
    ASSERT_EQ(r.datagrams(), model.datagrams()) << "step " << step;
    ASSERT_EQ(r.octets(), model.held()) << "step " << step;
    whole += complete;
    refused += verdict == Verdict::overlap || verdict == Verdict::too_long;
  }
  EXPECT_GT(whole, 50'000u);
  EXPECT_GT(refused, 50'000u);
}

}  // namespace
}  // namespace culvert::dataplane
