#include "benchmarks/support/esp_frames.h"

#include <array>
#include <cstdlib>
#include <fstream>
#include <string>

#include <fmt/core.h>

#include "net/checksum.h"

namespace culvert::bench {

namespace {

constexpr std::size_t frame_count = 240;
constexpr std::array imix{64, 570, 64, 64, 570, 64, 1500, 64, 570, 64, 570, 64};
constexpr std::uint32_t source_network = 0xc0a80100, destination_network = 0xc0a86900;

net::Bytes packet(std::size_t number, std::size_t octets) {
  net::Bytes bytes;
  net::Writer writer(bytes);
  writer.u16(0x4500);
  writer.u16(static_cast<std::uint16_t>(octets));
  writer.u16(static_cast<std::uint16_t>(number));
  writer.u16(0);
  writer.u16(64 << 8 | 17);
  writer.u16(0);
  writer.u32(source_network + 1 + static_cast<std::uint32_t>(number % 250));
  writer.u32(destination_network + 1 + static_cast<std::uint32_t>(number * 7 % 250));
  const auto sum = net::checksum(net::View(bytes));
  bytes[10] = static_cast<std::byte>(sum >> 8);
  bytes[11] = static_cast<std::byte>(sum);
  writer.u16(static_cast<std::uint16_t>(1024 + number));
  writer.u16(5000);
  writer.u16(static_cast<std::uint16_t>(octets - 20));
  writer.u16(0);
  while (bytes.size() < octets) writer.u8(static_cast<std::uint8_t>(number + bytes.size()));
  return bytes;
}

}  // namespace

std::vector<net::Bytes> plain_packets(std::string_view size) {
  std::vector<net::Bytes> all;
  for (std::size_t i = 0; i < frame_count; ++i) {
    const auto octets = size == "IMIX" ? imix[i % imix.size()] : std::atoi(std::string(size).c_str());
    all.push_back(packet(i, static_cast<std::size_t>(octets)));
  }
  return all;
}

void write_frames(const std::filesystem::path& file, const std::vector<net::Bytes>& packets, const dataplane::Mac& to) {
  std::ofstream out(file, std::ios::binary);
  const auto words = [&](std::initializer_list<std::uint32_t> values) {
    for (const auto value : values) out.write(reinterpret_cast<const char*>(&value), sizeof value);
  };
  words({0xa1b2c3d4, 4u << 16 | 2, 0, 0, 65535, 1});
  const std::array<char, 8> from_and_type{2, 0, 0, 0, 0, 2, 8, 0};
  for (const auto& packet : packets) {
    const auto octets = static_cast<std::uint32_t>(packet.size() + 14);
    words({0, 0, octets, octets});
    out.write(reinterpret_cast<const char*>(to.octets.data()), 6);
    out.write(from_and_type.data(), from_and_type.size());
    out.write(reinterpret_cast<const char*>(packet.data()), static_cast<std::streamsize>(packet.size()));
  }
  if (out.flush()) return;
  fmt::print(stderr, "cannot write {}\n", file.string());
  std::exit(1);
}

}  // namespace culvert::bench
