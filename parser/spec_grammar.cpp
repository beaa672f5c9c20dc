#include "parser/spec_grammar.h"

#include <fmt/format.h>

#include <boost/fusion/include/at_c.hpp>
#include <boost/fusion/include/std_pair.hpp>
#include <boost/spirit/home/x3.hpp>

namespace culvert::parser {
namespace {

namespace x3 = boost::spirit::x3;
using boost::fusion::at_c;

SpecNode keyword_node(std::string keyword, std::string label = {}) {
  SpecNode node{.kind = SpecNode::Kind::token, .token = {}, .children = {}};
  node.token.is_keyword = true;
  node.token.keyword = std::move(keyword);
  node.token.name = std::move(label);
  return node;
}

SpecNode value_node(std::string name, std::string type, std::string argument) {
  SpecNode node{.kind = SpecNode::Kind::token, .token = {}, .children = {}};
  node.token.is_keyword = false;
  node.token.name = std::move(name);
  node.token.type = {std::move(type), std::move(argument)};
  return node;
}

SpecNode parent_node(SpecNode::Kind kind, std::vector<SpecNode> children) {
  return {.kind = kind, .token = {}, .children = std::move(children)};
}

// A lone child needs no sequence or choice around it.
SpecNode joined(SpecNode::Kind kind, std::vector<SpecNode> children) {
  if (children.size() == 1) return std::move(children.front());
  return parent_node(kind, std::move(children));
}

SpecNode labelled_choice(const std::string& label, const std::vector<std::string>& keywords) {
  std::vector<SpecNode> alternatives;
  for (const auto& keyword : keywords) alternatives.push_back(keyword_node(keyword, label));
  return parent_node(SpecNode::Kind::choice, std::move(alternatives));
}

const x3::rule<struct SequenceRule, SpecNode> sequence = "a sequence";
const x3::rule<struct AlternativesRule, SpecNode> alternatives = "alternatives";
const x3::rule<struct ItemRule, SpecNode> item = "an item";
const x3::rule<struct SequenceItems, std::vector<SpecNode>> sequence_items = "items";
const x3::rule<struct AlternativeItems, std::vector<SpecNode>> alternative_items = "alternatives";
const x3::rule<struct KeywordRule, std::string> keyword = "a keyword";
const x3::rule<struct NameRule, std::string> name = "a name";
const x3::rule<struct LabelRule, std::string> label = "a label";
const x3::rule<struct ArgumentRule, std::string> argument = "the argument of a type";
const x3::rule<struct ValueRule, SpecNode> value = "a value";
const x3::rule<struct LabelledRule, SpecNode> labelled = "a labelled choice";

constexpr auto set = [](auto& ctx) { x3::_val(ctx) = std::move(x3::_attr(ctx)); };
constexpr auto set_sequence = [](auto& ctx) {
  x3::_val(ctx) = joined(SpecNode::Kind::sequence, std::move(x3::_attr(ctx)));
};
constexpr auto set_choice = [](auto& ctx) {
  x3::_val(ctx) = joined(SpecNode::Kind::choice, std::move(x3::_attr(ctx)));
};
constexpr auto set_optional = [](auto& ctx) {
  x3::_val(ctx) = parent_node(SpecNode::Kind::optional, {std::move(x3::_attr(ctx))});
};
constexpr auto set_keyword = [](auto& ctx) { x3::_val(ctx) = keyword_node(x3::_attr(ctx)); };
constexpr auto set_repeated = [](auto& ctx) { x3::_val(ctx).repeated = true; };
constexpr auto set_value = [](auto& ctx) {
  const auto& parts = x3::_attr(ctx);
  x3::_val(ctx) = value_node(at_c<0>(parts), at_c<1>(parts), at_c<2>(parts).value_or(""));
};
constexpr auto set_labelled = [](auto& ctx) {
  x3::_val(ctx) = labelled_choice(at_c<0>(x3::_attr(ctx)), at_c<1>(x3::_attr(ctx)));
};

const auto word_character = x3::char_("!-~") - x3::char_("<>()[]|");

const auto keyword_def = x3::lexeme[+(!x3::lit("...") >> word_character)];
const auto name_def = x3::lexeme[+(x3::alnum | x3::char_("_-"))];
const auto label_def = x3::lexeme[+(x3::alnum | x3::char_("_-")) >> x3::lit(":(")];
const auto argument_def = x3::lexeme[+(x3::char_ - x3::char_("()"))];
const auto value_def =
    (x3::lit('<') > name > x3::lit(':') > name > -(x3::lit('(') > argument > x3::lit(')')) > x3::lit('>'))[set_value];
const auto labelled_def = (label > (keyword % '|') > x3::lit(')'))[set_labelled];
const auto item_def = (labelled[set] | (x3::lit('(') > alternatives > x3::lit(')'))[set] |
                       (x3::lit('[') > alternatives > x3::lit(']'))[set_optional] | value[set] |
                       keyword[set_keyword]) >>
                      -x3::lit("...")[set_repeated];
const auto sequence_items_def = +item;
const auto sequence_def = sequence_items[set_sequence];
const auto alternative_items_def = sequence % '|';
const auto alternatives_def = alternative_items[set_choice];

BOOST_SPIRIT_DEFINE(sequence, alternatives, item, sequence_items, alternative_items, keyword, name, label, argument,
                    value, labelled)

}  // namespace

std::expected<SpecNode, std::string> parse_spec(std::string_view text) {
  SpecNode root;
  auto at = text.begin();
  try {
    const bool begun = x3::phrase_parse(at, text.end(), sequence, x3::blank, root);
    if (begun && at == text.end()) return root;
    return std::unexpected(fmt::format("column {}: nothing of a specification", at - text.begin()));
  } catch (const x3::expectation_failure<std::string_view::iterator>& failure) {
    return std::unexpected(fmt::format("column {}: {} is missing", failure.where() - text.begin(), failure.which()));
  }
}

}  // namespace culvert::parser
