#include "cli/password.h"

#include <gtest/gtest.h>

namespace culvert::cli {
namespace {

StoredPassword of(PasswordType type, const char* text) { return {type, text}; }

// The example hashes of hashcat's modes 500, 9200 and 9300, and the type 7 text that everybody knows.
TEST(Password, HashesOfOthersAreRead) {
  const struct {
    StoredPassword stored;
    const char* plain;
  } cases[]{
      {of(PasswordType::md5, "$1$28772684$iEwNOgGugqO9.bIz5sk8k/"), "hashcat"},
      {of(PasswordType::pbkdf2, "$8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk"), "hashcat"},
      {of(PasswordType::scrypt, "$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6"), "hashcat"},
      {of(PasswordType::hidden, "094F471A1A0A"), "cisco"},
      {of(PasswordType::plain, "two words"), "two words"},
  };
  for (const auto& c : cases) {
    ASSERT_TRUE(is_well_formed(c.stored)) << c.stored.text;
    EXPECT_TRUE(verifies(c.stored, c.plain)) << c.stored.text;
    EXPECT_FALSE(verifies(c.stored, std::string(c.plain) + "x")) << c.stored.text;
    EXPECT_FALSE(verifies(c.stored, std::string(c.plain).substr(1))) << c.stored.text;
    EXPECT_FALSE(verifies(c.stored, "")) << c.stored.text;
  }
}

TEST(Password, AHashIsOfTypeNineWithItsOwnSalt) {
  net::SeededRandom random(1);
  const auto one = hashed("s3cret", random), other = hashed("s3cret", random);
  EXPECT_EQ(one.type, PasswordType::scrypt);
  EXPECT_TRUE(is_well_formed(one));
  EXPECT_TRUE(verifies(one, "s3cret"));
  EXPECT_FALSE(verifies(one, "s3creT"));
  EXPECT_NE(one.text, other.text);
}

TEST(Password, NobodysPasswordIsComparedAndNeverFits) {
  EXPECT_TRUE(is_well_formed(nobodys_password()));
  EXPECT_FALSE(verifies(nobodys_password(), ""));
  EXPECT_FALSE(verifies(nobodys_password(), nobodys_password().text));
}

TEST(Password, WhatIsNoHashIsTold) {
  for (const auto& bad :
       {of(PasswordType::md5, "$1$$iEwNOgGugqO9.bIz5sk8k/"),
        of(PasswordType::md5, "$1$saltsalts$iEwNOgGugqO9.bIz5sk8k/"), of(PasswordType::md5, "$1$salt$short"),
        of(PasswordType::md5, "$6$salt$iEwNOgGugqO9.bIz5sk8k/"),
        of(PasswordType::scrypt, "$9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo"),
        of(PasswordType::scrypt, "$8$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6"),
        of(PasswordType::scrypt, "$9$2MJBozw/9R3Us!$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6"),
        of(PasswordType::hidden, "99AA"), of(PasswordType::hidden, "09"), of(PasswordType::hidden, "094"),
        of(PasswordType::hidden, "09XX"), of(PasswordType::plain, "")})
    EXPECT_FALSE(is_well_formed(bad)) << bad.text;
}

TEST(Password, HidingIsTakenBack) {
  for (unsigned seed = 0; seed < 16; ++seed)
    EXPECT_EQ(revealed(hidden("a long pass phrase, longer", seed)), "a long pass phrase, longer");
  EXPECT_EQ(hidden("cisco", 9), "094F471A1A0A");
}

}  // namespace
}  // namespace culvert::cli
