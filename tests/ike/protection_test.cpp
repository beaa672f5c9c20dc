// The Encrypted payload: sealed and opened, checked against a second reading of RFC 7296 §3.14 and RFC 5282, and
// tampered with octet by octet.
#include "ike/wire/protection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "ike/crypto/cipher.h"
#include "ike/crypto/mac.h"
#include "tests/ike/octets.h"
#include "tests/ike/samples.h"

namespace culvert::ike::wire {
namespace {

struct Suite {
  Encryption encryption;
  Integrity integrity;
};
std::vector<Suite> suites() {
  std::vector<Suite> all;
  for (const auto& cipher : encryptions())
    for (const auto& hash : integrities())
      if (cipher.algorithm != Encryption::null && is_aead(cipher.algorithm) == (hash.algorithm == Integrity::none))
        all.push_back({cipher.algorithm, hash.algorithm});
  return all;
}

ProtectionKeys keys_of(const Suite& suite) {
  const auto& cipher = traits(suite.encryption);
  net::SeededRandom random(11);
  ProtectionKeys keys{.encryption = suite.encryption, .integrity = suite.integrity};
  keys.encryption_key = net::Secret(random.bytes(cipher.key_octets + cipher.salt_octets));
  keys.integrity_key = net::Secret(random.bytes(traits(suite.integrity).key_octets));
  return keys;
}

constexpr Header header{.initiator_spi = 0x0a0b0c0d01020304,
                        .responder_spi = 0x1112131415161718,
                        .exchange = ExchangeType::ike_auth,
                        .from_initiator = true,
                        .message_id = 1};

class EverySuite : public ::testing::TestWithParam<Suite> {
 protected:
  Sealer sealer_{keys_of(GetParam())};
  Opener opener_{keys_of(GetParam())};
  net::SeededRandom random_{3};
};
INSTANTIATE_TEST_SUITE_P(Protection, EverySuite, ::testing::ValuesIn(suites()), [](const auto& given) {
  std::string name(traits(given.param.encryption).keyword);
  name += "_";
  name += traits(given.param.integrity).keyword;
  std::ranges::replace(name, '-', '_');
  return name;
});

TEST_P(EverySuite, OpensWhatItSealed) {
  const auto inner = testing::auth_payloads();
  for (std::size_t count = 0; count <= inner.size(); ++count) {
    const auto some = std::span(inner).first(count);
    const auto datagram = sealer_.seal(header, some, random_);
    const auto opened = opener_.open(datagram);
    ASSERT_TRUE(opened) << count << " payloads";
    EXPECT_EQ(*opened, Payloads(some.begin(), some.end()));
    const auto outer = Message::parse(datagram);
    ASSERT_TRUE(outer);
    EXPECT_EQ(outer->header, header);
    EXPECT_EQ(std::get<Encrypted>(outer->payloads.back()).first_inner, first_of(some));
  }
}

// Every length of plaintext, so every length of padding.
TEST_P(EverySuite, PaddingFillsBlocksAndNoMore) {
  const auto block = traits(GetParam().encryption).block_octets;
  for (std::size_t size = 0; size < 33; ++size) {
    const Payloads inner{VendorId{net::Bytes(size, std::byte{7})}};
    const auto datagram = sealer_.seal(header, inner, random_);
    const auto icv = traits(GetParam().encryption).icv_octets + traits(GetParam().integrity).icv_octets;
    const auto cipher = datagram.size() - Header::size_octets - 4 - traits(GetParam().encryption).iv_octets - icv;
    EXPECT_EQ(cipher, (size + 5 + block - 1) / block * block) << size;
    const auto opened = opener_.open(datagram);
    ASSERT_TRUE(opened);
    EXPECT_EQ(*opened, inner);
  }
}

TEST_P(EverySuite, AnyChangedBitIsForged) {
  const auto datagram = sealer_.seal(header, testing::auth_payloads(), random_);
  for (std::size_t bit = 0; bit < 8 * datagram.size(); bit += 3) {
    auto changed = datagram;
    changed[bit / 8] ^= std::byte{1} << bit % 8;
    const auto opened = opener_.open(changed);
    ASSERT_FALSE(opened) << "bit " << bit;
    EXPECT_FALSE(opened.error().authentic) << "bit " << bit;
  }
}

TEST_P(EverySuite, AnyShorterBodyIsForged) {
  const auto datagram = sealer_.seal(header, testing::auth_payloads(), random_);
  for (std::size_t size = 0; size < datagram.size() - Header::size_octets - 4; ++size) {
    auto message = *Message::parse(datagram);
    std::get<Encrypted>(message.payloads.back()).body.resize(size);
    const auto opened = opener_.open(message.emit());
    ASSERT_FALSE(opened) << size;
    EXPECT_FALSE(opened.error().authentic) << size;
  }
}

TEST_P(EverySuite, OtherKeysOpenNothing) {
  const auto datagram = sealer_.seal(header, testing::auth_payloads(), random_);
  auto keys = keys_of(GetParam());
  const bool aead = is_aead(GetParam().encryption);
  (aead ? keys.encryption_key : keys.integrity_key).writable().back() ^= std::byte{1};
  EXPECT_FALSE(Opener(std::move(keys)).open(datagram));
}

TEST_P(EverySuite, InitializationVectorsNeverRepeat) {
  const auto iv_octets = traits(GetParam().encryption).iv_octets;
  std::set<net::Bytes> seen;
  for (int i = 0; i < 500; ++i) {
    const auto datagram = sealer_.seal(header, {}, random_);
    const auto iv = net::View(datagram).subspan(Header::size_octets + 4, iv_octets);
    EXPECT_TRUE(seen.insert({iv.begin(), iv.end()}).second) << "message " << i;
  }
}

// A peer that holds the keys and seals nonsense.
TEST_P(EverySuite, AuthenticNonsenseIsToldApart) {
  const Payloads nested{Encrypted{PayloadType::none, net::Bytes(4)}};
  const auto opened = opener_.open(sealer_.seal(header, nested, random_));
  ASSERT_FALSE(opened);
  EXPECT_TRUE(opened.error().authentic);
  EXPECT_EQ(opened.error().error.answer(), NotifyType::invalid_syntax);
}

TEST_P(EverySuite, UnprotectedMessagesAreNotOpened) {
  const auto opened = opener_.open(testing::sa_init().emit());
  ASSERT_FALSE(opened);
  EXPECT_FALSE(opened.error().authentic);
}

// ---- a second reading of the RFCs

net::Bytes generic_header(PayloadType first, std::size_t length) {
  net::Bytes out{static_cast<std::byte>(first), std::byte{0}};
  net::Writer(out).u16(static_cast<std::uint16_t>(length));
  return out;
}

// IV | ciphertext | ICV, the ICV over all that comes before it, lengths final.
TEST(Layout, CbcWithHmac) {
  const auto keys = keys_of({Encryption::aes_cbc_256, Integrity::sha256});
  net::Bytes plain = testing::octets("000000080000402e");  // one Notify
  plain.resize(15);
  plain.push_back(std::byte{7});
  const auto iv = net::Bytes(16, std::byte{0x33});
  net::Bytes datagram;
  header.emit(datagram, PayloadType::encrypted, 28 + 4 + 16 + 16 + 16);
  net::Writer writer(datagram);
  writer.bytes(generic_header(PayloadType::notify, 4 + 16 + 16 + 16));
  writer.bytes(iv);
  writer.bytes(crypto::encrypt_cbc(keys.encryption, keys.encryption_key.view(), iv, plain));
  writer.bytes(crypto::mac(keys.integrity, keys.integrity_key.view(), datagram));
  const auto opened = Opener(keys).open(datagram);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, Payloads{Notify{.type = NotifyType::fragmentation_supported}});
}

// Nonce = salt | IV; associated data = header and generic header; 16 octets of tag (RFC 5282 §4, §5.1).
TEST(Layout, Gcm) {
  const auto keys = keys_of({Encryption::aes_gcm_256, Integrity::none});
  net::Bytes plain = testing::octets("000000080000402e 00");
  net::Bytes datagram;
  header.emit(datagram, PayloadType::encrypted, 28 + 4 + 8 + 9 + 16);
  net::Writer writer(datagram);
  writer.bytes(generic_header(PayloadType::notify, 4 + 8 + 9 + 16));
  const auto iv = testing::octets("00000000000000ff");
  const auto key = keys.encryption_key.view();
  net::Bytes nonce(key.end() - 4, key.end());
  net::Writer(nonce).bytes(iv);
  const auto sealed = crypto::seal_aead(keys.encryption, key.first(32), nonce, datagram, plain);
  writer.bytes(iv);
  writer.bytes(sealed);
  const auto opened = Opener(keys).open(datagram);
  ASSERT_TRUE(opened);
  EXPECT_EQ(*opened, Payloads{Notify{.type = NotifyType::fragmentation_supported}});
}

// RFC 7634, appendix B: an INFORMATIONAL request of the initiator with SET_WINDOW_SIZE 10.
TEST(Layout, ChaCha20Poly1305OfRfc7634) {
  const ProtectionKeys keys{
      .encryption = Encryption::chacha20_poly1305,
      .integrity = Integrity::none,
      .encryption_key =
          net::Secret(testing::octets("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f a0a1a2a3"))};
  const auto datagram = testing::octets(
      "c0c1c2c3c4c5c6c7 d0d1d2d3d4d5d6d7 2e202500 00000009 00000045 29000029 1011121314151617"
      "610394701f8d017f7c12924889 6b71bfe25236efd7cdc67066906315b2");
  const auto opened = Opener(keys).open(datagram);
  ASSERT_TRUE(opened);
  ASSERT_EQ(opened->size(), 1u);
  const auto& notify = std::get<Notify>(opened->front());
  EXPECT_EQ(notify.type, NotifyType::set_window_size);
  EXPECT_EQ(notify.data, testing::octets("0000000a"));
}

// Peers may pad as much as they like, with any octets; more padding than plaintext is malformed.
TEST(Layout, PaddingOfOthers) {
  const auto keys = keys_of({Encryption::aes_gcm_128, Integrity::none});
  struct Case {
    int line;
    std::string_view plain;
    bool opens;
  };
  constexpr Case cases[]{{1, "000000080000402e 00", true},  {2, "000000080000402e ffaa55 03", true}, {3, "00", false},
                         {4, "000000080000402e 01", false}, {5, "000000080000402e 09", false},       {6, "", false}};
  for (const auto& c : cases) {
    const auto plain = testing::octets(c.plain);
    net::Bytes datagram;
    header.emit(datagram, PayloadType::encrypted, static_cast<std::uint32_t>(28 + 4 + 8 + plain.size() + 16));
    net::Writer writer(datagram);
    writer.bytes(generic_header(PayloadType::notify, 4 + 8 + plain.size() + 16));
    const auto iv = net::Bytes(8, std::byte{1});
    const auto key = keys.encryption_key.view();
    net::Bytes nonce(key.end() - 4, key.end());
    net::Writer(nonce).bytes(iv);
    const auto sealed = crypto::seal_aead(keys.encryption, key.first(16), nonce, datagram, plain);
    writer.bytes(iv);
    writer.bytes(sealed);
    const auto opened = Opener(keys).open(datagram);
    EXPECT_EQ(opened.has_value(), c.opens) << "case " << c.line;
    if (c.opens) continue;
    EXPECT_TRUE(opened.error().authentic) << "case " << c.line;
  }
}

}  // namespace
}  // namespace culvert::ike::wire
