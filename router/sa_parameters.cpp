#include "router/sa_parameters.h"

#include <algorithm>
#include <utility>

namespace culvert::router {

namespace {

constexpr std::uint64_t octets_per_kilobyte = 1000;
// Of 32-bit sequence numbers: where a rekey is due, and where the SA ends. What is left after each lasts for minutes at
// any speed, longer than a new negotiation takes. Extended ones outlast any router.
constexpr std::uint64_t sequence_rekey = 0xe000'0000, sequence_end = 0xf000'0000;

dataplane::EspCipher cipher_of(ike::Encryption encryption) {
  switch (encryption) {
    case ike::Encryption::null: return dataplane::EspCipher::null;
    case ike::Encryption::des: return dataplane::EspCipher::des_cbc;
    case ike::Encryption::triple_des: return dataplane::EspCipher::des3_cbc;
    case ike::Encryption::aes_cbc_128:
    case ike::Encryption::aes_cbc_192:
    case ike::Encryption::aes_cbc_256: return dataplane::EspCipher::aes_cbc;
    case ike::Encryption::aes_ctr_128:
    case ike::Encryption::aes_ctr_192:
    case ike::Encryption::aes_ctr_256: return dataplane::EspCipher::aes_ctr;
    case ike::Encryption::aes_gcm_128:
    case ike::Encryption::aes_gcm_192:
    case ike::Encryption::aes_gcm_256: return dataplane::EspCipher::aes_gcm_16;
    case ike::Encryption::chacha20_poly1305: return dataplane::EspCipher::chacha20_poly1305;
  }
  std::unreachable();
}

dataplane::EspIntegrity integrity_of(ike::Integrity integrity) {
  switch (integrity) {
    case ike::Integrity::none: return dataplane::EspIntegrity::none;
    case ike::Integrity::md5: return dataplane::EspIntegrity::hmac_md5_96;
    case ike::Integrity::sha1: return dataplane::EspIntegrity::hmac_sha1_96;
    case ike::Integrity::sha256: return dataplane::EspIntegrity::hmac_sha256_128;
    case ike::Integrity::sha384: return dataplane::EspIntegrity::hmac_sha384_192;
    case ike::Integrity::sha512: return dataplane::EspIntegrity::hmac_sha512_256;
  }
  std::unreachable();
}

std::vector<dataplane::SaSelector> selectors_of(const std::vector<ike::TrafficSelector>& selectors) {
  std::vector<dataplane::SaSelector> out;
  for (const auto& s : selectors) out.push_back({s.start, s.end, s.start_port, s.end_port, s.protocol});
  return out;
}

dataplane::SaParameters common(const ike::InstallSa& sa, const ike::crypto::DirectionKeys& keys) {
  dataplane::SaParameters parameters;
  parameters.cipher = cipher_of(sa.encryption);
  parameters.cipher_key = keys.encryption;
  parameters.integrity = integrity_of(sa.integrity);
  parameters.integrity_key = keys.integrity;
  parameters.local = sa.local;
  parameters.remote = sa.remote;
  if (sa.udp) parameters.udp = dataplane::UdpEncapsulation{sa.udp->local_port, sa.udp->remote_port};
  parameters.local_selectors = selectors_of(sa.local_selectors);
  parameters.remote_selectors = selectors_of(sa.remote_selectors);
  parameters.extended_sequence_numbers = sa.extended_sequence_numbers;
  parameters.replay_window_packets = sa.replay_window_packets;
  return parameters;
}

}  // namespace

dataplane::SaParameters inbound_parameters(const ike::InstallSa& sa) {
  auto parameters = common(sa, sa.inbound);
  parameters.direction = dataplane::SaDirection::inbound;
  parameters.spi = sa.inbound_spi;
  return parameters;
}

dataplane::SaParameters outbound_parameters(const ike::InstallSa& sa) {
  auto parameters = common(sa, sa.outbound);
  parameters.direction = dataplane::SaDirection::outbound;
  parameters.spi = sa.outbound_spi;
  return parameters;
}

std::optional<ike::Expiry> used_up(const ike::InstallSa& sa, const dataplane::SaStatistics& received,
                                   const dataplane::SaStatistics& sent) {
  if (!sa.extended_sequence_numbers && sent.sequence >= sequence_end) return ike::Expiry::sequence_number;
  const auto kilobytes = std::max(received.octets, sent.octets) / octets_per_kilobyte;
  if (sa.lifetime_kb != 0 && kilobytes >= sa.lifetime_kb) return ike::Expiry::kilobytes_end;
  return std::nullopt;
}

bool rekey_due(const ike::InstallSa& sa, const dataplane::SaStatistics& received, const dataplane::SaStatistics& sent) {
  if (!sa.extended_sequence_numbers && sent.sequence >= sequence_rekey) return true;
  return sa.rekey_kb != 0 && std::max(received.octets, sent.octets) / octets_per_kilobyte >= sa.rekey_kb;
}

}  // namespace culvert::router
