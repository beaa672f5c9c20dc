// `crypto ikev2 cookie-challenge` and `crypto ikev2 limit`: what newcomers may cost.
#include "config-store/definition.h"
#include "ike/commands/definitions.h"

namespace culvert::ike {

namespace {

const std::string encryption = "Encryption module", ikev2 = "Internet Key Exchange (IKEv2) Configuration",
                  limit = "Limit the number of maximum and negotiating sa", negotiating = "Limit sas in negotiation",
                  number = "Number of sas";

// Without a direction the number is that of each.
config::LeafDefinition negotiating_leaf(const std::string& direction, std::optional<std::uint32_t> LimitsRow::* member,
                                        const std::string& help) {
  std::vector<std::string> words{encryption, ikev2, limit, negotiating, number};
  if (!direction.empty()) words.push_back(help);
  const auto spec = "crypto ikev2 limit max-in-negotation-sa <number:u32(1-10000)>";
  return config::leaf(direction.empty() ? spec : spec + (" " + direction), member,
                      {.help = std::move(words),
                       .order = config::section_order::crypto_ikev2_global,
                       .column = "max_in_negotation_sa" + direction});
}

config::LeafDefinition number_leaf(const std::string& spec, std::optional<std::uint32_t> LimitsRow::* member,
                                   std::vector<std::string> help, std::string column) {
  help.insert(help.begin(), {encryption, ikev2});
  return config::leaf(
      spec, member,
      {.help = std::move(help), .order = config::section_order::crypto_ikev2_global, .column = std::move(column)});
}

}  // namespace

void define_ikev2_limits(config::Registry& registry) {
  registry.add(config::global<LimitsRow>(
      {.table = "ikev2_limits",
       .leaves = {
           number_leaf("crypto ikev2 cookie-challenge <number:u32(0-1000)>", &LimitsRow::cookie_challenge,
                       {"Set Cookie-challenge watermark", "Maximum number of half-open SAs"}, "cookie_challenge"),
           negotiating_leaf("", &LimitsRow::negotiating, ""),
           negotiating_leaf("incoming", &LimitsRow::negotiating_in, "Limit incoming sas in negotiation"),
           negotiating_leaf("outgoing", &LimitsRow::negotiating_out, "Limit outgoing sas in negotiation"),
           number_leaf("crypto ikev2 limit max-sa <number:u32(1-60000)>", &LimitsRow::max_sa,
                       {limit, "Limit total sas", number}, "max_sa")}}));
}

Limits limits_of(const config::View& view) {
  const auto& row = view.global<LimitsRow>();
  return {.cookie_challenge = row.cookie_challenge,
          .negotiating_in = row.negotiating_in ? row.negotiating_in : row.negotiating,
          .negotiating_out = row.negotiating_out ? row.negotiating_out : row.negotiating,
          .sas = row.max_sa};
}

}  // namespace culvert::ike
