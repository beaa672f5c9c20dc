// Messages for the tests of the wire: two exchanges as routers have them, and payloads drawn from a seed.
#pragma once

#include <vector>

#include "ike/wire/message.h"
#include "net/random.h"

namespace culvert::testing {

// IKE_SA_INIT as an initiator offers it: SA, KE, Ni, VID, N(NAT_DETECTION_*), N(COOKIE).
ike::wire::Message sa_init();
// The payloads inside IKE_AUTH: IDi, CERT, CERTREQ, AUTH, CP, SA, TSi, TSr, N.
ike::wire::Payloads auth_payloads();
// Every kind of payload that may stand in an unprotected chain, any value it allows.
ike::wire::Payload any_payload(net::Random& random);
ike::wire::Message any_message(net::Random& random);
// The seeds of mutation: whole datagrams, among them one with an Encrypted payload.
std::vector<net::Bytes> datagrams();

}  // namespace culvert::testing
