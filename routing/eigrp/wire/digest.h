// The two hashes of EIGRP, and a comparison that takes its time: the only file here that sees OpenSSL is digest.cpp.
#pragma once

#include <initializer_list>

#include "net/bytes.h"

namespace culvert::routing::eigrp::wire {

// md5 is over the octets of `parts`, as if they were joined. 16 and 32 octets come out.
net::Bytes md5(std::initializer_list<net::View> parts);
net::Bytes hmac_sha_256(net::View key, net::View data);

// In time that depends on the sizes only.
bool equal_constant_time(net::View a, net::View b);

}  // namespace culvert::routing::eigrp::wire
