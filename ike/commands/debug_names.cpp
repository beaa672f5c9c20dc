// The names of notifications in debug output.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ike/commands/debug_text.h"

namespace culvert::ike {

namespace {

using wire::NotifyType;

struct Name {
  NotifyType type;
  std::string_view name;
};

constexpr std::array names{
    Name{NotifyType::unsupported_critical_payload, "UNSUPPORTED_CRITICAL_PAYLOAD"},
    Name{NotifyType::invalid_ike_spi, "INVALID_IKE_SPI"},
    Name{NotifyType::invalid_major_version, "INVALID_MAJOR_VERSION"},
    Name{NotifyType::invalid_syntax, "INVALID_SYNTAX"},
    Name{NotifyType::invalid_message_id, "INVALID_MESSAGE_ID"},
    Name{NotifyType::invalid_spi, "INVALID_SPI"},
    Name{NotifyType::no_proposal_chosen, "NO_PROPOSAL_CHOSEN"},
    Name{NotifyType::invalid_ke_payload, "INVALID_KE_PAYLOAD"},
    Name{NotifyType::authentication_failed, "AUTHENTICATION_FAILED"},
    Name{NotifyType::single_pair_required, "SINGLE_PAIR_REQUIRED"},
    Name{NotifyType::no_additional_sas, "NO_ADDITIONAL_SAS"},
    Name{NotifyType::internal_address_failure, "INTERNAL_ADDRESS_FAILURE"},
    Name{NotifyType::failed_cp_required, "FAILED_CP_REQUIRED"},
    Name{NotifyType::ts_unacceptable, "TS_UNACCEPTABLE"},
    Name{NotifyType::invalid_selectors, "INVALID_SELECTORS"},
    Name{NotifyType::temporary_failure, "TEMPORARY_FAILURE"},
    Name{NotifyType::child_sa_not_found, "CHILD_SA_NOT_FOUND"},
    Name{NotifyType::initial_contact, "INITIAL_CONTACT"},
    Name{NotifyType::set_window_size, "SET_WINDOW_SIZE"},
    Name{NotifyType::additional_ts_possible, "ADDITIONAL_TS_POSSIBLE"},
    Name{NotifyType::ipcomp_supported, "IPCOMP_SUPPORTED"},
    Name{NotifyType::nat_detection_source_ip, "NAT_DETECTION_SOURCE_IP"},
    Name{NotifyType::nat_detection_destination_ip, "NAT_DETECTION_DESTINATION_IP"},
    Name{NotifyType::cookie, "COOKIE"},
    Name{NotifyType::use_transport_mode, "USE_TRANSPORT_MODE"},
    Name{NotifyType::http_cert_lookup_supported, "HTTP_CERT_LOOKUP_SUPPORTED"},
    Name{NotifyType::rekey_sa, "REKEY_SA"},
    Name{NotifyType::esp_tfc_padding_not_supported, "ESP_TFC_NO_SUPPORT"},
    Name{NotifyType::non_first_fragments_also, "NON_FIRST_FRAGS"},
    Name{NotifyType::mobike_supported, "MOBIKE_SUPPORTED"},
    Name{NotifyType::fragmentation_supported, "IKEV2_FRAGMENTATION_SUPPORTED"},
    Name{NotifyType::signature_hash_algorithms, "SIGNATURE_HASH_ALGORITHMS"},
};

}  // namespace

std::string notify_name(NotifyType type) {
  const auto* found = std::ranges::find(names, type, &Name::type);
  if (found != names.end()) return std::string(found->name);
  return fmt::format("Unknown - {}", static_cast<unsigned>(type));
}

}  // namespace culvert::ike
