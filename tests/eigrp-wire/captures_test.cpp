// Captures of real routers, where they lie beside the repository: every packet decodes and comes out as it went in.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "net/checksum.h"
#include "routing/eigrp/wire/authentication.h"
#include "samples.h"

namespace culvert::routing::eigrp::wire {
namespace {

namespace fs = std::filesystem;

const fs::path shared = "../shared/data";

net::Bytes contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return net::to_bytes(text.str());
}

// A classic pcap file in either byte order, Ethernet frames.
class Capture {
 public:
  explicit Capture(net::Bytes file) : file_(std::move(file)), rest_(file_) {
    swapped_ = rest_.left() >= 4 && *rest_.u32() == 0xd4c3b2a1;
    rest_.take(20);
  }
  // The next frame that was captured whole.
  std::optional<net::View> next() {
    while (rest_.left() >= 16) {
      rest_.take(8);
      const auto captured = number(), length = number();
      const auto frame = rest_.take(captured);
      if (!frame) return std::nullopt;
      if (captured == length) return frame;
    }
    return std::nullopt;
  }

 private:
  std::uint32_t number() {
    const auto value = *rest_.u32();
    return swapped_ ? __builtin_bswap32(value) : value;
  }
  net::Bytes file_;
  net::Reader rest_;
  bool swapped_ = false;
};

struct Captured {
  net::Address source;
  net::View payload;
};

constexpr std::size_t ethernet_octets = 14, ipv6_octets = 40;

std::optional<Captured> eigrp_in(net::View frame) {
  if (frame.size() < ethernet_octets + 20) return std::nullopt;
  const auto packet = frame.subspan(ethernet_octets);
  const auto octet = [&](std::size_t at) { return std::to_integer<std::size_t>(packet[at]); };
  const auto number = [&](std::size_t at) { return octet(at) << 8 | octet(at + 1); };
  if (octet(0) >> 4 == 4 && octet(9) == ip_protocol) {
    const auto header = 4 * (octet(0) & 15);
    if (number(2) > packet.size() || number(2) < header) return std::nullopt;
    return Captured{*net::Address::from_octets(packet.subspan(12, 4)), packet.subspan(header, number(2) - header)};
  }
  if (octet(0) >> 4 == 6 && packet.size() >= ipv6_octets && octet(6) == ip_protocol)
    return Captured{*net::Address::from_octets(packet.subspan(8, 16)), packet.subspan(ipv6_octets, number(4))};
  return std::nullopt;
}

std::vector<fs::path> captures() {
  std::vector<fs::path> all;
  if (!fs::exists(shared / "pcaps")) return all;
  for (const auto& entry : fs::recursive_directory_iterator(shared / "pcaps")) {
    const auto name = entry.path().filename().string();
    const bool about_eigrp = name.find("EIGRP") != std::string::npos || name.find("eigrp") != std::string::npos;
    if (about_eigrp && name.find("oobr") == std::string::npos) all.push_back(entry.path());
  }
  return all;
}

TEST(EigrpCaptures, PacketsOfIosComeOutAsTheyWentIn) {
  if (captures().empty()) GTEST_SKIP() << "no captures in " << shared / "pcaps";
  std::size_t packets = 0;
  for (const auto& path : captures()) {
    Capture capture(contents(path));
    while (const auto frame = capture.next()) {
      const auto captured = eigrp_in(*frame);
      if (!captured) continue;
      const auto packet = Packet::decode(captured->payload);
      ASSERT_TRUE(packet) << path << ": " << text(packet.error()) << " " << net::to_hex(captured->payload);
      EXPECT_EQ(net::to_hex(packet->encode()), net::to_hex(captured->payload)) << path;
      ++packets;
    }
  }
  EXPECT_GT(packets, 100u);
}

TEST(Attacks, A29_CapturesThatOverranAnotherReader) {
  const auto path = shared / "pcaps/tcpdump/eigrp-tlv-oobr.pcap";
  if (!fs::exists(path)) GTEST_SKIP() << "no " << path;
  Capture capture(contents(path));
  while (const auto frame = capture.next())
    if (const auto captured = eigrp_in(*frame)) {
      net::Bytes bytes(captured->payload.begin(), captured->payload.end());
      set_checksum(bytes);
      EXPECT_FALSE(Packet::decode(bytes));
    }
}

// The text of the member `name` that follows `from` in flat JSON; `from` moves behind it.
std::string member(const std::string& json, std::string_view name, std::size_t& from) {
  const auto key = json.find(fmt::format("\"{}\": \"", name), from);
  if (key == std::string::npos) return from = key, "";
  const auto begin = key + name.size() + 5;
  from = json.find('"', begin);
  return json.substr(begin, from - begin);
}

TEST(Checklist34, Line11_RealSignedPackets) {
  const auto path = shared / "vectors/eigrp-auth/real-packets-dev.json";
  if (!fs::exists(path)) GTEST_SKIP() << "no " << path;
  const auto file = contents(path);
  const std::string json(reinterpret_cast<const char*>(file.data()), file.size());
  std::size_t verified = 0;
  for (std::size_t at = 0;; ++verified) {
    const auto source = member(json, "src", at);
    if (at == std::string::npos) break;
    const auto kind = member(json, "auth", at), hex = member(json, "packet", at),
               password = member(json, "password", at);
    const auto bytes = test::octets(hex);
    ASSERT_TRUE(Packet::decode(bytes)) << hex;
    const AuthenticationKey key{.kind = kind == "MD5" ? AuthenticationType::md5 : AuthenticationType::hmac_sha_256,
                                .password = net::Secret(net::to_bytes(password))};
    EXPECT_TRUE(verify(bytes, key, *net::Address::parse(source))) << hex;
  }
  EXPECT_GT(verified, 20u);
}

}  // namespace
}  // namespace culvert::routing::eigrp::wire
