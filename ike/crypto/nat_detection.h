// NAT_DETECTION_SOURCE_IP and NAT_DETECTION_DESTINATION_IP, RFC 7296 §2.23.
#pragma once

#include <cstdint>

#include "net/address.h"
#include "net/bytes.h"

namespace culvert::ike::crypto {

// SHA-1 over SPIi | SPIr | address | port: 20 octets. SPIs as in the header of the message that carries it.
net::Bytes nat_detection_hash(std::uint64_t initiator_spi, std::uint64_t responder_spi, const net::Endpoint& endpoint);

}  // namespace culvert::ike::crypto
