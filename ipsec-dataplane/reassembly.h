// IPv4 reassembly (RFC 791 section 3.2, RFC 815): fragments in, whole datagrams out, and nothing without a bound.
//
// A fragment is copied to its place at once, so that no packet buffer waits for its siblings. Which octets are there is
// a short sorted list of ranges. Fragments that overlap are never told apart from an attack: the whole datagram is
// refused, as RFC 5722 has it for IPv6, and what else comes of it until its time is over; only an exact copy of a
// fragment is passed over. A full table makes room by giving up its oldest datagram, first one of the same source: who
// floods it loses his own.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "net/bytes.h"

namespace culvert::dataplane {

class Reassembly {
 public:
  static constexpr std::size_t fragments_max = 128;  // of one datagram

  struct Limits {
    std::size_t datagrams = 256;
    std::size_t datagrams_per_source = 64;
    std::size_t octets = std::size_t{4} << 20;  // of payload, in all
    std::uint64_t timeout = 15;  // from the first fragment that came, in the caller's units (RFC 791: 15 s)
  };

  enum class Verdict : std::uint8_t {
    held,        // taken in
    complete,    // and it was the last that was missing
    duplicate,   // an exact copy of one that was here
    malformed,   // no payload, or a middle piece that is no multiple of 8 octets
    overlap,     // with another, or beyond the datagram's end; the datagram is refused
    too_long,    // a datagram of more than 65535 octets; refused
    too_many,    // more than fragments_max; refused
    unmarkable,  // congestion was met by some and others cannot say so (RFC 3168 section 5.3); refused
  };

  struct Outcome {
    Verdict verdict = Verdict::held;
    net::View packet = {};      // complete: the whole IPv4 packet, until the next call
    std::uint32_t refused = 0;  // fragments held before that went with this one
    std::uint32_t evicted = 0;  // fragments of other datagrams that were given up for room
  };

  // A datagram whose time is over; `first` is its first fragment as it came, where that had come.
  struct Expired {
    std::uint32_t fragments = 0;
    std::uint16_t interface = 0;
    net::View first = {};
  };

  explicit Reassembly(const Limits& limits);

  // `packet` is a fragment whose IPv4 header, of `header_octets`, has been checked against its length. Fragments that
  // came by different `interface`s are kept apart.
  Outcome add(std::uint64_t now, std::uint16_t interface, net::View packet, std::size_t header_octets);
  // One datagram that timed out, until there is none; its view ends with the next call.
  std::optional<Expired> expire(std::uint64_t now);

  std::size_t datagrams() const { return order_.size(); }
  std::size_t fragments() const { return fragments_; }
  std::size_t octets() const { return octets_; }
  const Limits& limits() const { return limits_; }

 private:
  static constexpr std::size_t header_max = 60;
  static constexpr std::size_t payload_max = 65535 - 20;

  struct Key {
    std::uint32_t source = 0, destination = 0;
    std::uint16_t identification = 0, interface = 0;
    std::uint8_t protocol = 0;
    bool operator==(const Key&) const = default;
  };
  struct Range {
    std::uint32_t first, end;  // octets of payload
    bool operator==(const Range&) const = default;
  };
  struct Fragment {
    Range range;
    bool last;
    std::uint8_t ecn;
    net::View header, payload;
  };
  // A datagram on its way. `ranges` holds `count` of them, sorted; refused: it stays only to refuse the rest of it.
  struct Slot {
    Key key;
    std::uint64_t since = 0;
    std::uint32_t count = 0, octets = 0;
    std::uint32_t total = 0;  // octets of payload; 0 until the last fragment came
    std::uint8_t header_octets = 0, ecn_seen = 0;
    bool refused = false;
    std::array<Range, fragments_max> ranges;
  };
  using Index = std::uint16_t;

  static std::optional<Fragment> parse(net::View packet, std::size_t header_octets);
  std::byte* payload_of(Index slot) const { return &buffers_[slot * (header_max + payload_max) + header_max]; }
  std::optional<Index> find(const Key& key) const;
  Index open(std::uint64_t now, const Key& key, std::uint32_t& evicted);
  void make_room(const Key& key, std::uint32_t& evicted);
  void make_room_for(std::size_t octets, Index except, std::uint32_t& evicted);
  std::optional<Verdict> misfit(Index slot, const Fragment& fragment) const;
  void store(Index slot, const Fragment& fragment);
  Outcome refuse(Index slot, Verdict verdict);
  Outcome finish(Index slot);
  void empty(Slot& slot);
  std::uint32_t close(Index slot);

  Limits limits_;
  std::vector<Slot> slots_;
  std::unique_ptr<std::byte[]> buffers_;  // one place for a whole datagram each; memory comes as it is used
  std::vector<Index> free_;
  std::vector<Index> order_;  // the slots in use, oldest first
  std::size_t fragments_ = 0, octets_ = 0;
};

}  // namespace culvert::dataplane
