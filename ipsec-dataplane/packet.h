// A packet is an rte_mbuf whose private area says what the next stage must know, and a burst is what a turn works on.
//
// Between parse and tx the mbuf's data begins at the IPv4 header: rx strips Ethernet, tx prepends it. Every packet is
// one segment (nb_segs == 1) with at least RTE_PKTMBUF_HEADROOM of headroom on arrival. A stage looks at the packets
// whose `step` is its own and leaves each with another step; nobody but the end of the turn frees a packet.
#pragma once

#include <rte_ip.h>
#include <rte_mbuf.h>

#include <cassert>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <utility>

#include "ipsec-dataplane/drop.h"
#include "ipsec-dataplane/interface.h"

namespace culvert::dataplane {

class SecurityAssociation;

using Packet = rte_mbuf;

// In the order of a pass; from transmit on, a packet's way through the tables has ended. directed: its egress is given,
// only how it leaves by that is open. done: freed at the end of the turn like a drop, but nothing was lost.
enum class Step : std::uint8_t {
  classify,
  esp_open,
  directed,
  route,
  reassemble,
  icmp_error,
  protect,
  transmit,
  punt,
  drop,
  done
};

// The steps that some packets have.
class StepSet {
 public:
  void add(Step step) { bits_ |= 1u << static_cast<unsigned>(step); }
  bool has(Step step) const { return (bits_ >> static_cast<unsigned>(step) & 1) != 0; }
  // Whether some packet's way through the tables has not ended.
  bool any_under_way() const { return (bits_ & ((1u << static_cast<unsigned>(Step::transmit)) - 1)) != 0; }

 private:
  std::uint32_t bits_ = 0;
};

// Why a packet goes to the control thread. ike: of an IKE SA that stands, or that we began; ike_half_open: of one that
// a peer began; ike_stranger: of none, which anybody can send.
enum class PuntReason : std::uint8_t {
  arp,
  ike,
  ike_half_open,
  ike_stranger,
  icmp,
  want_neighbor,
  invalid_spi,
  eigrp,
  want_sa,
  tcp,
  count
};

namespace flag {
inline constexpr std::uint8_t local = 1;        // made by this router: its TTL is not decremented
inline constexpr std::uint8_t decrypted = 2;    // came out of ESP on its current interface
inline constexpr std::uint8_t sealed = 4;       // an outer packet of our own ESP
inline constexpr std::uint8_t l2 = 8;           // a complete Ethernet frame for the current interface
inline constexpr std::uint8_t udp_esp = 16;     // to esp_open: ESP begins after an 8-octet UDP header
inline constexpr std::uint8_t link_group = 32;  // arrived in a multicast or broadcast frame
inline constexpr std::uint8_t whole = 64;       // put together from fragments
inline constexpr std::uint8_t may_cut = 128;    // DF is our own word to others: we may cut it all the same
}  // namespace flag

struct Meta {
  InterfaceIndex interface = no_interface;  // where the packet is now: ingress port, then the tunnel it came out of
  InterfaceIndex egress = no_interface;     // chosen by route
  std::uint16_t adjacency = 0;              // chosen by route: index into Tables::adjacencies
  std::uint16_t header_length = 0;          // IPv4 header with options, in octets
  Step step = Step::classify;
  Drop drop = Drop::none;  // set when step is drop (and, with icmp_error, becomes the reason after the answer)
  PuntReason punt = PuntReason::count;
  std::uint8_t passes = 0;
  std::uint8_t flags = 0;
  std::uint8_t icmp_type = 0;  // with step icmp_error: what to tell the sender
  std::uint8_t icmp_code = 0;
  std::uint16_t icmp_mtu = 0;                  // for fragmentation needed
  InterfaceIndex opened_by = no_interface;     // the policy entry whose SA it came out of
  InterfaceIndex protected_by = no_interface;  // the policy entry that is to seal it, since the last look-up of route
  bool filtered = false;                       // the output filter let it pass, before it waited for its SA
  SecurityAssociation* sa = nullptr;           // that opened it or is to seal it, for a policy entry; owned by the
                                               // snapshot of this turn, never kept across turns
};

// The private area of every pool a packet can come from is this large.
inline constexpr std::uint16_t meta_size = (sizeof(Meta) + 7) / 8 * 8;
static_assert(alignof(Meta) <= 8 && meta_size % RTE_MBUF_PRIV_ALIGN == 0);

inline Meta& meta(Packet& p) { return *static_cast<Meta*>(rte_mbuf_to_priv(&p)); }
inline const Meta& meta(const Packet& p) { return meta(const_cast<Packet&>(p)); }

inline bool has(const Packet& p, std::uint8_t flags) { return (meta(p).flags & flags) == flags; }

// Requires: parse has seen the packet (or whoever made it wrote a whole IPv4 header at its data).
inline rte_ipv4_hdr& ipv4(Packet& p) { return *rte_pktmbuf_mtod(&p, rte_ipv4_hdr*); }
inline bool is_fragment(const rte_ipv4_hdr& ip) {
  return (ip.fragment_offset & rte_cpu_to_be_16(static_cast<std::uint16_t>(~RTE_IPV4_HDR_DF_FLAG))) != 0;
}
// The sum of an IPv4 header of `octets`, a multiple of 4, with its checksum: 0xffff where that is right.
inline std::uint16_t header_sum(const void* header, std::size_t octets) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < octets; at += 4) {
    std::uint32_t word;
    std::memcpy(&word, static_cast<const std::byte*>(header) + at, sizeof word);
    sum += word;
  }
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>((sum & 0xffff) + (sum >> 16));
}
inline std::span<std::byte> data(Packet& p) { return {rte_pktmbuf_mtod(&p, std::byte*), p.data_len}; }

inline void drop(Packet& p, Drop reason) {
  meta(p).step = Step::drop;
  meta(p).drop = reason;
}

// Drops the packet, and has stage icmp_errors tell its sender why where RFC 1812 §4.3.2.7 allows it.
inline void drop_and_tell(Packet& p, Drop reason, std::uint8_t type, std::uint8_t code, std::uint16_t mtu = 0) {
  auto& m = meta(p);
  m.step = Step::icmp_error;
  m.drop = reason;
  m.icmp_type = type;
  m.icmp_code = code;
  m.icmp_mtu = mtu;
}

// The packets of one turn. rx takes at most rx_max, the rest is room for fragments and answers. More at a time would
// fall out of the processor's first cache.
class Burst {
 public:
  static constexpr std::size_t rx_max = 32;
  static constexpr std::size_t capacity = 2048;

  Packet** begin() { return packets_.get(); }
  Packet** end() { return packets_.get() + size_; }
  std::size_t size() const { return size_; }
  std::size_t room() const { return capacity - size_; }
  bool empty() const { return size_ == 0; }
  Packet& operator[](std::size_t i) { return *packets_[i]; }
  // Requires: room() > 0.
  void push(Packet* p) {
    assert(room() > 0);
    packets_[size_++] = p;
  }
  // Takes the packets after the first `size` out of the burst; they are the caller's.
  void shrink(std::size_t size) {
    assert(size <= size_);
    size_ = size;
  }
  // Forgets the packets for which `gone(packet)` is true: somebody else owns them now. Order is kept.
  template <class Gone>
  void remove_if(Gone gone) {
    std::size_t kept = 0;
    for (std::size_t i = 0; i < size_; ++i)
      if (auto* p = packets_[i]; !gone(*p)) packets_[kept++] = p;
    size_ = kept;
  }
  // Where rx may write `room()` pointers; grow() says how many it did.
  Packet** tail() { return end(); }
  void grow(std::size_t count) { size_ += count; }
  void clear() { size_ = 0; }
  void swap(Burst& other) noexcept {
    std::swap(packets_, other.packets_);
    std::swap(size_, other.size_);
  }

 private:
  std::unique_ptr<Packet*[]> packets_ = std::make_unique_for_overwrite<Packet*[]>(capacity);
  std::size_t size_ = 0;
};

inline StepSet steps_in(Burst& burst) {
  StepSet steps;
  for (const auto* p : burst) steps.add(meta(*p).step);
  return steps;
}

}  // namespace culvert::dataplane
