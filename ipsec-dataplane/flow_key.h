// What a classifier is asked about a packet.
#pragma once

#include "ipsec-dataplane/classifier.h"
#include "ipsec-dataplane/packet.h"

namespace culvert::dataplane {

// Requires: parse has seen the packet, data at its IPv4 header and meta.header_length set.
FlowKey flow_key(Packet& packet);

}  // namespace culvert::dataplane
