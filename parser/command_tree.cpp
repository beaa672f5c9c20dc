#include "parser/command_tree.h"

namespace culvert::parser {

void CommandTree::add(CommandId id, Spec spec, CommandOptions options) { graph_.add(id, spec, options); }

}  // namespace culvert::parser
