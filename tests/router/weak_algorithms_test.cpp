// The status of algorithms: the tables of RFC 8247 and RFC 8221 once more, and that they alone decide who is warned.
#include "ike/commands/weak_algorithms.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config-store/store.h"
#include "ike/commands/definitions.h"
#include "ike/commands/show.h"
#include "router/router.h"

namespace culvert::router {
namespace {

using namespace ike;

// As the RFCs print them; "-" where they do not.
template <class Algorithm>
struct Row {
  Algorithm algorithm;
  std::string_view ike, esp;
};
constexpr Row<Encryption> encryption_rows[]{{Encryption::des, "MUST NOT", "MUST NOT"},
                                            {Encryption::triple_des, "MAY", "SHOULD NOT"},
                                            {Encryption::null, "MUST NOT", "MUST"},
                                            {Encryption::aes_cbc_128, "MUST", "MUST"},
                                            {Encryption::aes_cbc_192, "MAY", "MAY"},
                                            {Encryption::aes_cbc_256, "MUST", "MUST"},
                                            {Encryption::aes_ctr_128, "MAY", "MAY"},
                                            {Encryption::aes_gcm_128, "SHOULD", "MUST"},
                                            {Encryption::aes_gcm_192, "MAY", "MAY"},
                                            {Encryption::aes_gcm_256, "SHOULD", "MUST"},
                                            {Encryption::chacha20_poly1305, "SHOULD", "SHOULD"}};
constexpr Row<Integrity> integrity_rows[]{{Integrity::md5, "MUST NOT", "MUST NOT"},
                                          {Integrity::sha1, "MUST-", "MUST-"},
                                          {Integrity::sha256, "MUST", "MUST"},
                                          {Integrity::sha384, "-", "-"},
                                          {Integrity::sha512, "SHOULD", "SHOULD"}};
constexpr Row<Prf> prf_rows[]{{Prf::md5, "MUST NOT", "-"}, {Prf::sha1, "MUST-", "-"}, {Prf::sha256, "MUST", "-"}};
constexpr Row<Group> group_rows[]{{Group::modp_768, "MUST NOT", "-"},
                                  {Group::modp_1024, "SHOULD NOT", "-"},
                                  {Group::modp_1536, "SHOULD NOT", "-"},
                                  {Group::modp_2048_256, "SHOULD NOT", "-"},
                                  {Group::modp_2048, "MUST", "-"},
                                  {Group::ecp_256, "SHOULD", "-"},
                                  {Group::x25519, "-", "-"}};

void expect_standing(const auto& rows) {
  for (const auto& row : rows) {
    EXPECT_EQ(text(standing(row.algorithm).ike), row.ike) << traits(row.algorithm).shown;
    EXPECT_EQ(text(standing(row.algorithm).esp), row.esp) << traits(row.algorithm).shown;
  }
}

const config::Registry& registry() {
  static const auto* made = [] {
    auto* one = new config::Registry;
    define_configuration(*one, {"GigabitEthernet0/0"});
    return one;
  }();
  return *made;
}

// What a person is told who types `line` in the mode that `enter` opens.
std::vector<std::string> told(const std::string& enter, const std::string& line) {
  const auto store = config::Store::in_memory(registry());
  config::Context context;
  auto entered = store->execute(context, enter);
  EXPECT_TRUE(entered.ok()) << enter;
  return line.empty() ? entered.notices : store->execute(context, line).notices;
}

void expect_warning(const std::string& enter, const std::string& line, bool weak, const char* warning) {
  const auto expected = weak ? std::vector<std::string>{warning} : std::vector<std::string>{};
  EXPECT_EQ(told(enter, line), expected) << enter << ": " << line;
}

TEST(Checklist33, Line26_StatusOfTheRfcsDecidesWhoIsWarned) {
  expect_standing(encryption_rows);
  expect_standing(integrity_rows);
  expect_standing(prf_rows);
  expect_standing(group_rows);
  const std::string proposal = "crypto ikev2 proposal P", profile = "crypto ipsec profile I";
  for (const auto& row : encryptions())
    if (row.algorithm != Encryption::null)
      expect_warning(proposal, fmt::format("encryption {}", row.keyword), is_weak(row.algorithm),
                     weak_encryption_warning);
  for (const auto& row : integrities())
    if (row.algorithm != Integrity::none)
      expect_warning(proposal, fmt::format("integrity {}", row.keyword), is_weak(row.algorithm), weak_hash_warning);
  for (const auto& row : prfs())
    expect_warning(proposal, fmt::format("prf {}", row.keyword), is_weak(row.algorithm), weak_hash_warning);
  for (const auto& row : groups()) {
    expect_warning(proposal, fmt::format("group {}", row.keyword), is_weak(row.group), weak_group_warning);
    expect_warning(profile, fmt::format("set pfs group{}", row.keyword), is_weak(row.group), weak_group_warning);
  }
  const std::string set = "crypto ipsec transform-set T ";
  for (const auto* transforms : {"esp-des esp-sha-hmac", "esp-3des esp-md5-hmac", "esp-null esp-sha256-hmac"})
    expect_warning(set + transforms, "", true, weak_encryption_warning);
  expect_warning(set + "esp-aes esp-md5-hmac", "", true, weak_hash_warning);
  for (const auto* transforms : {"esp-aes esp-sha-hmac", "esp-ctr esp-sha256-hmac", "esp-gcm", "esp-chacha20-poly1305"})
    expect_warning(set + transforms, "", false, "");
}

TEST(WeakAlgorithms, AreNamedForTheLog) {
  Configuration c;
  c.proposals["OLD"] = {.name = "OLD",
                        .encryption = {Encryption::aes_cbc_256, Encryption::triple_des},
                        .integrity = {Integrity::sha1, Integrity::md5},
                        .prf = {},
                        .groups = {Group::modp_2048, Group::modp_1024}};
  c.proposals["NEW"] = {.name = "NEW",
                        .encryption = {Encryption::aes_gcm_256},
                        .integrity = {},
                        .prf = {Prf::sha256},
                        .groups = {Group::x25519}};
  c.transform_sets["T"] = {"T", Encryption::des, Integrity::sha1};
  c.ipsec_profiles["I"].pfs = Group::modp_1536;
  EXPECT_THAT(weak_uses(c),
              ::testing::ElementsAre("ikev2 proposal OLD: 3DES, MD596, DH_GROUP_1024_MODP/Group 2",
                                     "ipsec transform-set T: DES", "ipsec profile I: DH_GROUP_1536_MODP/Group 5"));
}

TEST(WeakAlgorithms, AreShownWithTheirStatus) {
  const auto shown = show_algorithms();
  const auto line = [](const char* keyword, const char* name, const char* status) {
    return fmt::format("\n  {:<19}{:<33}{}\n", keyword, name, status);
  };
  EXPECT_THAT(shown, ::testing::HasSubstr(line("3des", "3DES", "MAY         SHOULD NOT  weak")));
  EXPECT_THAT(shown, ::testing::HasSubstr(line("chacha20-poly1305", "CHACHA20-POLY1305", "SHOULD      SHOULD")));
  for (const auto& row : groups()) EXPECT_THAT(shown, ::testing::HasSubstr(std::string(row.shown)));
}

}  // namespace
}  // namespace culvert::router
