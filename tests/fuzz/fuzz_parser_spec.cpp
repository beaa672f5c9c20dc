// Any text as the specification of a command: it compiles or says why not, and a compiled one can be asked.
//
// links: culvert_parser
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "parser/command_tree.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  auto spec = culvert::parser::Spec::compile(text);
  if (!spec) {
    assert(!spec.error().empty());
    return 0;
  }
  (void)spec->tokens();
  (void)spec->render({});
  culvert::parser::CommandTree tree;
  tree.add(0, *std::move(spec));
  (void)tree.match(text);
  (void)tree.help("");
  return 0;
}
