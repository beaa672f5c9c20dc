// Any line typed at a tree with every kind of token, access lists among them: match, `?` and Tab answer, and what Tab
// makes of a line still matches as far as the line did.
//
// links: culvert_parser culvert_access_lists_commands
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "access-lists/commands/grammar.h"
#include "parser/command_tree.h"

namespace {

using culvert::parser::CommandTree;
using culvert::parser::Spec;

CommandTree make_tree() {
  CommandTree tree;
  culvert::parser::CommandId id = 0;
  for (const auto* text :
       {"lifetime <seconds:u32(120-86400)>", "show ip route [<prefix:prefix>]", "hostname <name:word>",
        "description <text:line>", "ip address <address:ipv4> <mask:mask> [secondary]",
        "ip route <network:ipv4> <mask:mask> (<interface:interface> | <hop:ipv4>) [<distance:u32(1-255)>]",
        "encryption (3des | aes-cbc-128 | aes-cbc-256 | aes-gcm-256)...", "interface <name:interface>"}) {
    auto spec = Spec::compile(text);
    assert(spec);
    tree.add(id++, *std::move(spec), {.negatable = true});
  }
  for (const auto kind : {culvert::access_lists::Kind::standard, culvert::access_lists::Kind::extended})
    tree.add(id++, *Spec::compile(culvert::access_lists::numbered_rule(kind).text), {.negatable = true});
  return tree;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const auto tree = make_tree();
  const std::string line(reinterpret_cast<const char*>(data), size);
  const auto result = tree.match(line);
  if (const auto* invalid = std::get_if<culvert::parser::Invalid>(&result)) assert(invalid->column <= line.size());
  (void)error_text(result, line, 8);
  (void)help_text(tree.help(line));
  if (const auto completed = tree.complete(line)) assert(completed->size() >= 1 && completed->back() == ' ');
  return 0;
}
