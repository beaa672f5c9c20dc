// `show crypto engine accelerator statistic`: what the ciphers did for the SAs that stand.
#include <fmt/format.h>

#include "ike/commands/show.h"

namespace culvert::ike {

std::string show_accelerator_statistic(const std::vector<IpsecSaRow>& sas) {
  DirectionCounters in, out;
  const auto add = [](DirectionCounters& to, const DirectionCounters& from) {
    to.packets += from.packets, to.octets += from.octets, to.ciphered += from.ciphered;
    to.authenticated += from.authenticated, to.bad_icv += from.bad_icv, to.replayed += from.replayed;
    to.failed += from.failed, to.no_room += from.no_room;
    to.bad_length += from.bad_length + from.malformed + from.wrong_protocol;
  };
  for (const auto& row : sas) add(in, row.in), add(out, row.out);
  return fmt::format(
      "Device:   Culvert software crypto (ipsec-mb)\n"
      "Statistics of the {} IPsec SAs that stand:\n"
      "                       Inbound             Outbound\n"
      "  packets       {:>14}       {:>14}\n"
      "  bytes         {:>14}       {:>14}\n"
      "  decrypted     {:>14}  encrypted {:>9}\n"
      "  verified      {:>14}  digested  {:>9}\n"
      "Errors:\n"
      "  ICV failures  {:>14}\n"
      "  replayed      {:>14}\n"
      "  bad format    {:>14}\n"
      "  no buffer     {:>14}       {:>14}\n"
      "  engine errors {:>14}       {:>14}\n",
      sas.size() * 2, in.packets, out.packets, in.octets, out.octets, in.ciphered, out.ciphered, in.authenticated,
      out.authenticated, in.bad_icv, in.replayed, in.bad_length, in.no_room, out.no_room, in.failed, out.failed);
}

}  // namespace culvert::ike
