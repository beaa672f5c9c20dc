// `test crypto ikev2 rekey` and `test crypto ipsec rekey`: a rekey before its time, to see that nobody notices.
#include <fmt/format.h>

#include "ike/commands/show.h"

namespace culvert::ike {
namespace {

struct RekeyWords {
  const char* subsystem;
  const char* subsystem_help;
  const char* rekey_help;
  const char* rekeyed;
  RekeyOf what;
};
constexpr RekeyWords all_words[]{
    {"ikev2", "IKEv2 tests", "Rekey IKEv2 SAs now", "IKEv2 SAs", RekeyOf::ike_sas},
    {"ipsec", "IPsec tests", "Rekey IPsec SAs now", "IPsec SA pairs", RekeyOf::child_sas},
};

}  // namespace

void add_rekey_commands(parser::ExecCommands& commands, const CryptoSources& sources) {
  for (const auto& words : all_words)
    commands.add(
        {.spec = fmt::format("test crypto {} rekey [remote <remote:ipv4>]", words.subsystem),
         .help = {"Test subsystems, memory, and interfaces", "Test the encryption subsystem", words.subsystem_help,
                  words.rekey_help, "Rekey those with this remote address", "IPv4 address"},
         .privilege = 15,
         .run = parser::text_command([sources, words](const parser::Arguments& a) {
           ClearFilter filter;
           if (a.has("remote")) filter.remote = net::Address::parse(a["remote"]);
           return fmt::format("{}: {} rekeyed\n", words.rekeyed, sources.rekey(words.what, filter));
         })});
}

}  // namespace culvert::ike
