#include "parser/spec.h"

#include "trees.h"

namespace culvert::parser {
namespace {

TEST(Spec, TokensStandInTheOrderOfTheText) {
  const auto spec = compiled("ip address <address:ipv4> <mask:mask> [role:(secondary|virtual)] (a b|c)...",
                             {"IP", "Address", "The address", "Its mask", "Second", "Virtual"});
  std::string text;
  for (const auto* token : spec.tokens())
    text +=
        (token->is_keyword ? token->keyword : token->type.placeholder()) + "/" + token->name + "/" + token->help + " ";
  EXPECT_EQ(text,
            "ip//IP address//Address A.B.C.D/address/The address A.B.C.D/mask/Its mask secondary/role/Second "
            "virtual/role/Virtual a// b// c// ");
}

struct Refusal {
  int line;
  const char* text;
  const char* why;
};

TEST(Spec, RefusesWithTheReason) {
  constexpr Refusal refusals[]{{1, "", "column 0"},
                               {2, "show (a|b", "column 9: ')' is missing"},
                               {3, "show a)", "column 6: nothing of a specification"},
                               {4, "show <name>", "column 10: ':' is missing"},
                               {5, "show <name:u32(1-2>", "column 19: ')' is missing"},
                               {6, "show <name:colour>", "<name:colour> has no such type"},
                               {7, "show <name:u32(9-1)>", "no such type or range"},
                               {8, "[show]", "the whole specification is optional"},
                               {9, "say <text:line> loudly", "something follows a line value"},
                               {10, "say <text:line>...", "something follows a line value"},
                               {11, "side:(local <x:word>)", "')' is missing"},
                               {12, "show [", "column 6"},
                               {13, "show (a|)", "column 7"},
                               {14, "... show", "column 0"},
                               {15, "show (all|[detail])", "an alternative may be empty"}};
  for (const auto& r : refusals) {
    const auto spec = Spec::compile(r.text);
    ASSERT_FALSE(spec) << "case " << r.line;
    EXPECT_NE(spec.error().find(r.why), std::string::npos) << "case " << r.line << ": " << spec.error();
  }
  EXPECT_FALSE(Spec::compile("one two", {"1", "2", "3"})) << "help texts are for tokens";
}

struct Rendering {
  int line;
  const char* spec;
  const char* typed;
  const char* rendered;
};

TEST(Spec, RendersTheCanonicalLine) {
  constexpr Rendering renderings[]{
      {1, "crypto ikev2 profile <name:word>", "cry ike prof P1", "crypto ikev2 profile P1"},
      {2, "ip address <a:ipv4> <m:mask> [s:(secondary)]", "ip addr 10.0.0.01 255.0.0.0",
       "ip address 10.0.0.1 255.0.0.0"},
      {3, "ip address <a:ipv4> <m:mask> [s:(secondary)]", "ip addr 10.0.0.1 255.0.0.0 sec",
       "ip address 10.0.0.1 255.0.0.0 secondary"},
      {4, "key [side:(local|remote)] <key:line>", "key rem a  b ", "key remote a  b"},
      {5, "key [side:(local|remote)] <key:line>", "key a  b ", "key a  b"},
      {6, "encryption algorithm:(3des|aes)...", "enc a 3", "encryption aes 3des"},
      {7, "write [memory]", "wr mem", "write"},
      {8, "match (any|fqdn <n:word>|address <a:ipv4> [<m:mask>])", "match addr 1.1.1.1 255.0.0.0",
       "match address 1.1.1.1 255.0.0.0"},
      {9, "match (any|fqdn <n:word>|address <a:ipv4> [<m:mask>])", "match any", "match any"},
      {10, "set (a <x:u32>|b <y:u32>)...", "set b 1 a 2 b 3", "set b 1 a 2 b 3"},
      {11, "route <p:prefix> (<hop:ipv4>|<hop:interface>) [<d:u32>]", "route 1.0.0.0/8 tu 1 5",
       "route 1.0.0.0/8 Tunnel1 5"},
      {12, "[log] x <n:u32>", "log x 1", "x 1"}};
  for (const auto& r : renderings) {
    CommandTree tree;
    const auto spec = compiled(r.spec);
    tree.add(0, spec);
    const auto result = tree.match(r.typed);
    ASSERT_TRUE(std::holds_alternative<Matched>(result)) << "case " << r.line;
    EXPECT_EQ(spec.render(std::get<Matched>(result).arguments), r.rendered) << "case " << r.line;
  }
}

Arguments arguments(std::initializer_list<Argument> all) {
  Arguments result;
  for (const auto& argument : all) result.add(argument.name, argument.text);
  return result;
}

TEST(Spec, RendersArgumentsOfATableWhateverTheirOrder) {
  const auto spec = compiled("ip address <a:ipv4> <m:mask> [s:(secondary)]");
  EXPECT_EQ(spec.render(arguments({{"s", "secondary"}, {"m", "255.0.0.0"}, {"row", "7"}, {"a", "10.0.0.1"}})),
            "ip address 10.0.0.1 255.0.0.0 secondary");
}

TEST(Spec, RendersAPartialLineAsFarAsItsArgumentsGo) {
  const auto spec = compiled("ip address <a:ipv4> <m:mask>");
  EXPECT_EQ(spec.render({}), "ip address");
  EXPECT_EQ(spec.render(arguments({{"a", "10.0.0.1"}})), "ip address 10.0.0.1");
  EXPECT_EQ(spec.render(arguments({{"m", "255.0.0.0"}})), "") << "a mask without an address is no line";
  EXPECT_EQ(spec.render(arguments({{"a", "ten"}, {"m", "255.0.0.0"}})), "");
}

TEST(Arguments, FindsTheFirstAndEvery) {
  const auto found = arguments({{"a", "1"}, {"b", "2"}, {"a", "3"}});
  EXPECT_EQ(found["a"], "1");
  EXPECT_EQ(found.find("c"), nullptr);
  EXPECT_TRUE(found.has("b"));
  EXPECT_EQ(found.every("a"), (std::vector<std::string>{"1", "3"}));
}

}  // namespace
}  // namespace culvert::parser
