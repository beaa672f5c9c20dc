#include "ike/crypto/keys.h"

#include <cassert>

#include "ike/crypto/mac.h"

namespace culvert::ike::crypto {
namespace {

// Cuts key material from the front, in the order the RFC names.
class Cutter {
 public:
  explicit Cutter(const net::Secret& material) : rest_(material.view()) {}
  net::Secret take(std::size_t octets) {
    net::Secret key(rest_.first(octets));
    rest_ = rest_.subspan(octets);
    return key;
  }

 private:
  net::View rest_;
};

std::size_t salted_key_octets(Encryption algorithm) {
  return traits(algorithm).key_octets + traits(algorithm).salt_octets;
}

net::Bytes joined_nonces(net::View initiator, net::View responder) {
  net::Bytes nonces(initiator.begin(), initiator.end());
  nonces.insert(nonces.end(), responder.begin(), responder.end());
  return nonces;
}

// {SK_d | SK_ai | SK_ar | SK_ei | SK_er | SK_pi | SK_pr} = prf+(SKEYSEED, Ni | Nr | SPIi | SPIr)
IkeKeys expand(const IkeSuite& suite, const net::Secret& skeyseed, const Contributions& from) {
  assert(is_aead(suite.encryption) == (suite.integrity == Integrity::none));
  auto seed = joined_nonces(from.initiator_nonce, from.responder_nonce);
  net::Writer(seed).u64(from.initiator_spi);
  net::Writer(seed).u64(from.responder_spi);
  const auto prf_octets = traits(suite.prf).key_octets;
  const auto integrity_octets = traits(suite.integrity).key_octets;
  const auto encryption_octets = salted_key_octets(suite.encryption);
  const auto material =
      prf_plus(suite.prf, skeyseed.view(), seed, 3 * prf_octets + 2 * integrity_octets + 2 * encryption_octets);
  Cutter cut(material);
  return {.d = cut.take(prf_octets),
          .ai = cut.take(integrity_octets),
          .ar = cut.take(integrity_octets),
          .ei = cut.take(encryption_octets),
          .er = cut.take(encryption_octets),
          .pi = cut.take(prf_octets),
          .pr = cut.take(prf_octets)};
}

}  // namespace

IkeKeys ike_keys(const IkeSuite& suite, const Contributions& from, const net::Secret& shared_secret) {
  const auto nonces = joined_nonces(from.initiator_nonce, from.responder_nonce);
  return expand(suite, prf(suite.prf, nonces, {shared_secret.view()}), from);
}

IkeKeys rekeyed_ike_keys(const IkeSuite& suite, Prf old_prf, const net::Secret& old_d, const Contributions& from,
                         const net::Secret& shared_secret) {
  const auto skeyseed = prf(old_prf, old_d.view(), {shared_secret.view(), from.initiator_nonce, from.responder_nonce});
  return expand(suite, skeyseed, from);
}

ChildKeys child_keys(const EspSuite& suite, Prf prf, const net::Secret& sk_d, net::View initiator_nonce,
                     net::View responder_nonce, const net::Secret* shared_secret) {
  net::Bytes seed;
  net::Writer writer(seed);
  if (shared_secret) seed.reserve(shared_secret->size() + initiator_nonce.size() + responder_nonce.size());
  if (shared_secret) writer.bytes(shared_secret->view());
  writer.bytes(initiator_nonce);
  writer.bytes(responder_nonce);
  const net::Secret wiped_seed(std::move(seed));
  const auto encryption_octets = salted_key_octets(suite.encryption);
  const auto integrity_octets = traits(suite.integrity).key_octets;
  const auto material = prf_plus(prf, sk_d.view(), wiped_seed.view(), 2 * (encryption_octets + integrity_octets));
  Cutter cut(material);
  const auto direction = [&] {
    return DirectionKeys{.encryption = cut.take(encryption_octets), .integrity = cut.take(integrity_octets)};
  };
  return {.from_initiator = direction(), .from_responder = direction()};
}

net::Bytes signed_octets(Prf prf_algorithm, net::View first_message, net::View other_nonce, const net::Secret& sk_p,
                         net::View id_body) {
  net::Bytes octets(first_message.begin(), first_message.end());
  net::Writer writer(octets);
  writer.bytes(other_nonce);
  writer.bytes(prf(prf_algorithm, sk_p.view(), {id_body}).view());
  return octets;
}

net::Bytes shared_key_auth(Prf prf_algorithm, const net::Secret& pre_shared_key, net::View octets) {
  const auto padded = prf(prf_algorithm, pre_shared_key.view(), {net::as_view("Key Pad for IKEv2")});
  const auto auth = prf(prf_algorithm, padded.view(), {octets});
  return {auth.view().begin(), auth.view().end()};
}

}  // namespace culvert::ike::crypto
