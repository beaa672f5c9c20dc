// The numbers of RFC 7296 §3 that have names. A field may hold any value of its width: an enumerator not listed here is
// an unknown number, kept as it came.
#pragma once

#include <cstdint>

namespace culvert::ike::wire {

enum class Side : std::uint8_t { initiator, responder };  // tells IDi from IDr and TSi from TSr

enum class ExchangeType : std::uint8_t { ike_sa_init = 34, ike_auth = 35, create_child_sa = 36, informational = 37 };

enum class PayloadType : std::uint8_t {
  none = 0,
  security_association = 33,
  key_exchange = 34,
  identification_initiator = 35,
  identification_responder = 36,
  certificate = 37,
  certificate_request = 38,
  authentication = 39,
  nonce = 40,
  notify = 41,
  delete_ = 42,
  vendor_id = 43,
  traffic_selector_initiator = 44,
  traffic_selector_responder = 45,
  encrypted = 46,
  configuration = 47,
  eap = 48,
  encrypted_fragment = 53
};

enum class ProtocolId : std::uint8_t { none = 0, ike = 1, ah = 2, esp = 3 };

enum class TransformType : std::uint8_t { encryption = 1, prf = 2, integrity = 3, group = 4, sequence_numbers = 5 };

enum class IdType : std::uint8_t {
  ipv4_address = 1,
  fqdn = 2,
  email = 3,
  ipv6_address = 5,
  der_distinguished_name = 9,
  der_general_name = 10,
  key_id = 11
};

enum class AuthMethod : std::uint8_t { rsa_signature = 1, shared_key = 2, dss_signature = 3, digital_signature = 14 };

enum class CertificateEncoding : std::uint8_t { x509_signature = 4, hash_and_url = 12 };

enum class ConfigurationType : std::uint8_t { request = 1, reply = 2, set = 3, acknowledge = 4 };

// Below 16384 an error, from there on a status (RFC 7296 §3.10.1).
enum class NotifyType : std::uint16_t {
  unsupported_critical_payload = 1,
  invalid_ike_spi = 4,
  invalid_major_version = 5,
  invalid_syntax = 7,
  invalid_message_id = 9,
  invalid_spi = 11,
  no_proposal_chosen = 14,
  invalid_ke_payload = 17,
  authentication_failed = 24,
  single_pair_required = 34,
  no_additional_sas = 35,
  internal_address_failure = 36,
  failed_cp_required = 37,
  ts_unacceptable = 38,
  invalid_selectors = 39,
  temporary_failure = 43,
  child_sa_not_found = 44,
  initial_contact = 16384,
  set_window_size = 16385,
  additional_ts_possible = 16386,
  ipcomp_supported = 16387,
  nat_detection_source_ip = 16388,
  nat_detection_destination_ip = 16389,
  cookie = 16390,
  use_transport_mode = 16391,
  http_cert_lookup_supported = 16392,
  rekey_sa = 16393,
  esp_tfc_padding_not_supported = 16394,
  non_first_fragments_also = 16395,
  mobike_supported = 16396,
  fragmentation_supported = 16430,
  signature_hash_algorithms = 16431
};

constexpr bool is_error(NotifyType type) { return static_cast<std::uint16_t>(type) < 16384; }

}  // namespace culvert::ike::wire
