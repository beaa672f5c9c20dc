// Where packets are shown to taps: at the ports, and on both sides of ESP.
#pragma once

#include "ipsec-dataplane/capture_tap.h"
#include "ipsec-dataplane/packet.h"
#include "ipsec-dataplane/tables.h"

namespace culvert::dataplane {

// What was just opened and goes on from its tunnel; and what is about to be sealed.
void tap_opened(Burst& burst, const Tables& tables);
void tap_to_seal(Burst& burst, const Tables& tables);

void tap_packet(const Tables& tables, InterfaceIndex interface, TapDirection direction, Packet& packet);

}  // namespace culvert::dataplane
