// ESP that nobody can open: an end that lost its state says so, and the other finds out early (RFC 7296 §1.5, §2.21.4).
//
// The packet itself proves nothing, since anybody may have sent it. So it causes what is cheap and rare, and harmless
// where it was a lie: a notify inside the IKE SA that stands, which the peer must answer and which therefore is a
// liveness check as well; or an attempt that was due anyway, now. What comes inside an IKE SA is believed.
#pragma once

#include <cstdint>
#include <span>

#include "ike/v2/core.h"

namespace culvert::ike::v2 {

// The dataplane has met ESP from `remote` under an SPI that it does not know.
void on_invalid_spi(Core& core, const net::Address& local, const net::Address& remote, std::uint32_t spi);
// The peer says inside the IKE SA that it cannot open what we send: those children are closed, and made anew.
void on_invalid_spi_notifies(Core& core, Sa& sa, std::span<const wire::Payload> payloads);

}  // namespace culvert::ike::v2
