#include "ipsec-dataplane/fragment.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace culvert::dataplane {
namespace {

constexpr std::uint16_t offset_mask = RTE_IPV4_HDR_OFFSET_MASK;
constexpr std::byte option_copied{0x80};
constexpr std::byte option_end{0}, option_nop{1};

// A header as long as IPv4 has them.
struct Header {
  std::array<std::byte, 60> octets{};
  std::size_t length = 0;
  rte_ipv4_hdr& ip() { return *reinterpret_cast<rte_ipv4_hdr*>(octets.data()); }
};

Header first_header(std::span<const std::byte> packet, std::size_t length) {
  Header h;
  std::ranges::copy(packet.first(length), h.octets.begin());
  h.length = length;
  return h;
}

// The header of the fragments after the first: only the options that ask to be copied.
Header later_header(const Header& first) {
  Header h;
  h.length = sizeof(rte_ipv4_hdr);
  std::copy_n(first.octets.begin(), h.length, h.octets.begin());
  for (auto at = sizeof(rte_ipv4_hdr); at + 1 < first.length && first.octets[at] != option_end;) {
    const auto size = first.octets[at] == option_nop ? 1u : std::to_integer<std::size_t>(first.octets[at + 1]);
    if (size == 0 || at + size > first.length) break;
    if ((first.octets[at] & option_copied) != std::byte{0}) {
      std::copy_n(&first.octets[at], size, &h.octets[h.length]);
      h.length += size;
    }
    at += size;
  }
  h.length = (h.length + 3) / 4 * 4;
  h.ip().version_ihl = static_cast<std::uint8_t>(0x40 | h.length / 4);
  return h;
}

// One fragment in a fresh buffer, or nullptr.
Packet* make(Header& header, std::span<const std::byte> payload, const Packet& of, rte_mempool* pool) {
  auto* f = rte_pktmbuf_alloc(pool);
  if (f == nullptr) return nullptr;
  auto* to = rte_pktmbuf_append(f, static_cast<std::uint16_t>(header.length + payload.size()));
  if (to == nullptr) {
    rte_pktmbuf_free(f);
    return nullptr;
  }
  header.ip().hdr_checksum = 0;
  header.ip().hdr_checksum = static_cast<std::uint16_t>(~rte_raw_cksum(header.octets.data(), header.length));
  std::memcpy(to, header.octets.data(), header.length);
  std::memcpy(to + header.length, payload.data(), payload.size());
  meta(*f) = meta(of);
  meta(*f).header_length = static_cast<std::uint16_t>(header.length);
  return f;
}

Drop undo(Burst& out, std::size_t size, Drop why) {
  for (auto i = size; i < out.size(); ++i) rte_pktmbuf_free(&out[i]);
  out.shrink(size);
  return why;
}

}  // namespace

Drop fragment(const Packet& packet, std::uint16_t mtu, rte_mempool* pool, Burst& out, std::size_t reserve) {
  const auto all = data(const_cast<Packet&>(packet));
  auto header = first_header(all, meta(packet).header_length);
  auto payload = all.subspan(header.length);
  const auto field = rte_be_to_cpu_16(header.ip().fragment_offset);
  const auto kept = static_cast<std::uint16_t>(has(packet, flag::may_cut) ? field & RTE_IPV4_HDR_DF_FLAG : 0);
  const auto more_after = static_cast<std::uint16_t>(field & RTE_IPV4_HDR_MF_FLAG);
  auto offset_words = static_cast<std::uint16_t>(field & offset_mask);
  const auto before = out.size();
  while (!payload.empty()) {
    if (out.room() <= reserve) return undo(out, before, Drop::burst_full);
    const auto room = mtu - header.length;
    const auto take = payload.size() <= room ? payload.size() : room / 8 * 8;
    const auto more = take < payload.size() ? RTE_IPV4_HDR_MF_FLAG : more_after;
    header.ip().fragment_offset = rte_cpu_to_be_16(static_cast<std::uint16_t>(kept | more | offset_words));
    header.ip().total_length = rte_cpu_to_be_16(static_cast<std::uint16_t>(header.length + take));
    auto* f = make(header, payload.first(take), packet, pool);
    if (f == nullptr) return undo(out, before, Drop::no_buffer);
    out.push(f);
    payload = payload.subspan(take);
    offset_words = static_cast<std::uint16_t>(offset_words + take / 8);
    if (out.size() == before + 1) header = later_header(header);
  }
  return Drop::none;
}

}  // namespace culvert::dataplane
