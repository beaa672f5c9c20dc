// `crypto ikev2 proposal` and `crypto ikev2 policy`.
#include <fmt/format.h>

#include <algorithm>

#include "config-store/definition.h"
#include "ike/commands/definitions.h"
#include "ike/commands/weak_algorithms.h"

namespace culvert::ike {

namespace {

using Words = std::vector<std::string>;

constexpr const char* proposal_warning =
    "IKEv2 proposal MUST either have a set of an encryption algorithm other than aes-gcm, an integrity algorithm and a "
    "DH group configured or \n encryption algorithm aes-gcm, a prf algorithm and a DH group configured";
constexpr const char* policy_warning = "IKEv2 policy MUST have atleast one complete proposal attached";

config::Accepted refused(std::string text) { return std::unexpected(config::Refusal{std::move(text)}); }

// Every word must name an algorithm that is built; a word twice is a slip.
template <class Named>
auto known(const char* what, Named named) {
  return [what, named](const config::LeafChange<Words>& change, const config::View&) -> config::Accepted {
    if (!change.after) return {};
    for (auto word = change.after->begin(); word != change.after->end(); ++word) {
      if (!named(*word)) return refused(fmt::format("% {} {} is not supported", what, *word));
      if (std::find(change.after->begin(), word, *word) != word)
        return refused(fmt::format("% {} {} is given twice", what, *word));
    }
    return {};
  };
}

template <class Named>
auto warned(Named named, const char* warning) {
  return [named, warning](const config::LeafChange<Words>& change, const config::View&) -> std::string {
    return change.after ? weak_warning(*change.after, named, warning) : "";
  };
}

const std::string hashes = "(md5|sha1|sha256|sha384|sha512)...";
const Words hash_help{"Message Digest 5", "Secure Hash Standard", "Secure Hash Standard 2 (256 bit)",
                      "Secure Hash Standard 2 (384 bit)", "Secure Hash Standard 2 (512 bit)"};

Words with(std::string first, const Words& rest) {
  Words all{std::move(first)};
  all.insert(all.end(), rest.begin(), rest.end());
  return all;
}

config::LeafDefinition encryption_leaf() {
  return config::repeated(
      "encryption algorithm:(des|3des|aes-cbc-128|aes-cbc-192|aes-cbc-256|aes-ctr-128|aes-ctr-192|aes-ctr-256|"
      "aes-gcm-128|aes-gcm-192|aes-gcm-256|chacha20-poly1305)...",
      &ProposalRow::encryption,
      {.help = {"Set encryption algorithm(s) for proposal", "DES", "3DES", "AES-CBC-128", "AES-CBC-192", "AES-CBC-256",
                "AES-CTR-128", "AES-CTR-192", "AES-CTR-256", "Combined-mode,128 bit key", "Combined-mode,192 bit key",
                "Combined-mode,256 bit key", "Combined-mode,ChaCha20-Poly1305"},
       .order = 1,
       .check = known("Encryption", encryption_named),
       .notice = warned(encryption_named, weak_encryption_warning),
       .examples = {"encryption aes-cbc-256 3des", "encryption aes-gcm-256", "encryption aes-ctr-128",
                    "encryption chacha20-poly1305"}});
}

config::LeafDefinition group_leaf() {
  return config::repeated("group group:(1|2|5|14|15|16|19|20|21|24|31)...", &ProposalRow::group,
                          {.help = {"Set the Diffie-Hellman group(s)", "DH 768 MODP", "DH 1024 MODP", "DH 1536 MODP",
                                    "DH 2048 MODP", "DH 3072 MODP", "DH 4096 MODP", "DH 256 ECP", "DH 384 ECP",
                                    "DH 521 ECP", "DH 2048 (256 subgroup) MODP", "DH 255 X25519"},
                           .order = 4,
                           .check = known("Group", group_named),
                           .notice = warned(group_named, weak_group_warning),
                           .examples = {"group 2 5", "group 19", "group 24 31"}});
}

config::ModeDefinition proposal_mode() {
  return config::mode<ProposalRow>(
      {.enter = "crypto ikev2 proposal <name:word>",
       .help = {"Encryption module", "Internet Key Exchange (IKEv2) Configuration", "Define IKEv2 proposals",
                "Name of IKEv2 proposal"},
       .key = &ProposalRow::name,
       .prompt = "config-ikev2-proposal",
       .title = "IKEv2 Proposal commands:",
       .leaves = {encryption_leaf(),
                  config::repeated("integrity algorithm:" + hashes, &ProposalRow::integrity,
                                   {.help = with("Set integrity hash algorithm(s) for proposal", hash_help),
                                    .order = 2,
                                    .check = known("Integrity", integrity_named),
                                    .notice = warned(integrity_named, weak_hash_warning)}),
                  config::repeated("prf algorithm:" + hashes, &ProposalRow::prf,
                                   {.help = with("Set prf algorithm(s) for proposal", hash_help),
                                    .order = 3,
                                    .check = known("PRF", prf_named),
                                    .notice = warned(prf_named, weak_hash_warning)}),
                  group_leaf()},
       .order = config::section_order::crypto_ikev2_proposal,
       .trailing_space = true,
       .on_enter = [](const ProposalRow& row, const config::View&) -> std::string {
         return is_complete(proposal_of(row)) ? "" : proposal_warning;
       }});
}

bool has_complete_proposal(const PolicyRow& policy, const config::View& view) {
  return std::ranges::any_of(policy.proposals, [&](const std::string& name) {
    const auto row = view.find<ProposalRow>(name);
    return row ? is_complete(proposal_of(*row)) : name == default_proposal().name;
  });
}

config::ModeDefinition policy_mode() {
  return config::mode<PolicyRow>(
      {.enter = "crypto ikev2 policy <name:word>",
       .help = {"Encryption module", "Internet Key Exchange (IKEv2) Configuration", "Define IKEv2 policies",
                "Name of IKEv2 policy"},
       .key = &PolicyRow::name,
       .prompt = "config-ikev2-policy",
       .title = "IKEv2 Policy commands:",
       .leaves =
           {config::leaf(
                "match address local <address:ipv4>", &PolicyRow::match_local,
                {.help = {"Match values of fields", "Match address", "Match local address", "IP address"}, .order = 1}),
            config::leaf("proposal <name:word>", &PolicyRow::proposals,
                         {.help = {"Specify Proposal", "Specify the name of proposal to be attached"}, .order = 2})},
       .order = config::section_order::crypto_ikev2_policy,
       .trailing_space = true,
       .on_enter = [](const PolicyRow& row, const config::View& view) -> std::string {
         return has_complete_proposal(row, view) ? "" : policy_warning;
       }});
}

}  // namespace

void define_ikev2_proposals(config::Registry& registry) {
  registry.add(proposal_mode());
  registry.add(policy_mode());
}

Proposal proposal_of(const ProposalRow& row) {
  Proposal proposal{.name = row.name};
  for (const auto& word : row.encryption) proposal.encryption.push_back(*encryption_named(word));
  for (const auto& word : row.integrity) proposal.integrity.push_back(*integrity_named(word));
  for (const auto& word : row.prf) proposal.prf.push_back(*prf_named(word));
  for (const auto& word : row.group) proposal.groups.push_back(*group_named(word));
  return proposal;
}

bool is_complete(const Proposal& proposal) {
  if (proposal.encryption.empty() || proposal.groups.empty()) return false;
  return std::ranges::all_of(proposal.encryption, [&](Encryption e) {
    return is_aead(e) ? !proposal.prf.empty() || !proposal.integrity.empty() : !proposal.integrity.empty();
  });
}

}  // namespace culvert::ike
