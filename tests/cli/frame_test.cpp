#include "cli/frame.h"

#include <gtest/gtest.h>

#include <random>

namespace culvert::cli {
namespace {

template <class Frame>
void expect_round_trip(const std::vector<Frame>& frames) {
  net::Bytes octets;
  for (const auto& frame : frames) encode(frame, octets);
  FrameReader<Frame> reader;
  std::vector<Frame> read;
  for (const auto octet : octets) {  // one by one: a frame may come in any pieces
    reader.feed(net::View(&octet, 1));
    auto next = reader.next();
    ASSERT_TRUE(next);
    if (*next) read.push_back(std::move(**next));
  }
  EXPECT_EQ(read, frames);
}

TEST(Frame, ClientFramesComeBackAsTheyWere) {
  expect_round_trip<ClientFrame>({Hello{protocol_version, LineKind::telnet, 132, 0, false}, Line{"show version", true},
                                  Login{"admin", "secret", "aes256-ctr", ""}, Line{}, Help{"show "}, Complete{"sh"},
                                  Answer{std::string("a\0b", 3)}, Interrupt{}, Resize{511, 1000}});
}

TEST(Frame, ServerFramesComeBackAsTheyWere) {
  expect_round_trip<ServerFrame>({Output{"text\n", true}, Prompt{Prompt::Kind::more, " --More-- ", false, true, true},
                                  Completed{"show "}, Helped{}, Width{0}, Close{Close::Reason::shutdown, 7, "why"},
                                  Verdict{true}});
}

net::Bytes octets_of(std::initializer_list<int> values) {
  net::Bytes octets;
  for (const auto value : values) octets.push_back(static_cast<std::byte>(value));
  return octets;
}

struct HostileCase {
  int number;
  net::Bytes octets;
  FrameError error;
};

TEST(Frame, HostileOctetsAreRefused) {
  const HostileCase cases[]{
      {1, octets_of({0xff, 0xff, 0xff, 0xff}), FrameError::too_long},
      {2, octets_of({0, 0, 0, 0}), FrameError::malformed},  // not even a kind
      {3, octets_of({0, 0, 0, 1, 200}), FrameError::unknown_kind},
      {4, octets_of({0, 0, 0, 1, 0}), FrameError::malformed},                             // a Hello without fields
      {5, octets_of({0, 0, 0, 9, 0, 0, 1, 9, 0, 80, 0, 24, 1}), FrameError::malformed},   // line kind 9
      {6, octets_of({0, 0, 0, 9, 0, 0, 1, 0, 0, 80, 0, 24, 2}), FrameError::malformed},   // a flag of 2
      {7, octets_of({0, 0, 0, 6, 1, 0xff, 0xff, 0xff, 0xff, 0}), FrameError::malformed},  // a text beyond its frame
      {8, octets_of({0, 0, 0, 2, 5, 0}), FrameError::malformed},                          // something after the end
  };
  for (const auto& c : cases) {
    FrameReader<ClientFrame> reader;
    reader.feed(c.octets);
    const auto next = reader.next();
    ASSERT_FALSE(next) << "case " << c.number;
    EXPECT_EQ(next.error(), c.error) << "case " << c.number;
  }
}

TEST(Frame, RandomOctetsNeverHarm) {
  const auto seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  std::size_t accepted = 0, refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    FrameReader<ClientFrame> reader;
    auto octets = octets_of({0, 0, 0, static_cast<int>(random() % 12)});
    for (std::size_t i = 0; i < 12; ++i) octets.push_back(static_cast<std::byte>(random() % 8));
    reader.feed(octets);
    const auto next = reader.next();
    (next ? accepted : refused) += 1;
    if (!next || !*next) continue;
    net::Bytes again;
    encode(**next, again);
    EXPECT_TRUE(std::equal(again.begin(), again.end(), octets.begin()));
  }
  EXPECT_GT(accepted, 0u);
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace culvert::cli
