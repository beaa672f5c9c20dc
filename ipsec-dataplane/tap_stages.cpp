#include "ipsec-dataplane/tap_stages.h"

namespace culvert::dataplane {

void tap_packet(const Tables& tables, InterfaceIndex interface, TapDirection direction, Packet& packet) {
  for (const auto& placed : tables.taps)
    if (placed.interface == interface) placed.tap->offer(direction, data(packet));
}

void tap_opened(Burst& burst, const Tables& tables) {
  if (tables.taps.empty()) [[likely]]
    return;
  for (auto* p : burst)
    if (meta(*p).step == Step::classify && has(*p, flag::decrypted))
      tap_packet(tables, meta(*p).interface, TapDirection::in, *p);
}

void tap_to_seal(Burst& burst, const Tables& tables) {
  if (tables.taps.empty()) [[likely]]
    return;
  for (auto* p : burst)
    if (meta(*p).step == Step::protect) tap_packet(tables, meta(*p).egress, TapDirection::out, *p);
}

}  // namespace culvert::dataplane
