#include "router/eigrp_debug.h"

#include <fmt/format.h>

#include <string>

#include "routing/interfaces/interface_table.h"

namespace culvert::router {

namespace {

namespace wire = routing::eigrp::wire;

std::string_view name_of(const wire::Packet& packet) {
  return packet.is_acknowledgment() ? "ACK" : wire::text(packet.opcode);
}

std::string flags_text(const wire::Flags& flags) {
  std::string words;
  const auto add = [&](bool set, const char* word) {
    if (set) words += fmt::format("{}{}", words.empty() ? "" : ",", word);
  };
  add(flags.init, "INIT");
  add(flags.conditional_receive, "CR");
  add(flags.restart, "RS");
  add(flags.end_of_table, "EOT");
  const auto bits = (flags.init ? 1 : 0) | (flags.conditional_receive ? 2 : 0) | (flags.restart ? 4 : 0) |
                    (flags.end_of_table ? 8 : 0);
  return fmt::format("0x{:X}:({})", bits, words.empty() ? "NULL" : words);
}

}  // namespace

void EigrpDebug::packet(std::string_view first, const wire::Packet& packet) {
  log_.debug(clock_.wall(), fmt::format("{}\n  AS {}, Flags {}, Seq {}/{}", first, packet.autonomous_system,
                                        flags_text(packet.flags), packet.sequence, packet.acknowledgment));
}

void EigrpDebug::received(const routing::eigrp::Arrival& arrival, const wire::Packet& one) {
  if (!flags.packets || !may_write()) return;
  packet(fmt::format("EIGRP: Received {} on {} nbr {}", name_of(one), routing::short_name(arrival.interface),
                     arrival.source),
         one);
}

void EigrpDebug::refused(const routing::eigrp::Arrival& arrival, unsigned opcode, std::string_view why) {
  if (!flags.packets || !may_write()) return;
  log_.debug(clock_.wall(), fmt::format("EIGRP: {}: ignored packet from {}, opcode = {} ({})",
                                        routing::short_name(arrival.interface), arrival.source, opcode, why));
}

void EigrpDebug::sent(std::string_view interface, const std::optional<net::Address>& destination,
                      const wire::Packet& one) {
  if (!flags.packets || !may_write()) return;
  const auto to = destination ? fmt::format(" nbr {}", *destination) : std::string();
  packet(fmt::format("EIGRP: Sending {} on {}{}", name_of(one), routing::short_name(interface), to), one);
}

void EigrpDebug::fsm(std::string_view line) {
  if (flags.fsm && may_write()) log_.debug(clock_.wall(), std::string(line));
}

}  // namespace culvert::router
