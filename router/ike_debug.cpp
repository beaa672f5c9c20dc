#include "router/ike_debug.h"

#include <fmt/format.h>

#include "ike/commands/debug_text.h"
#include "router/ike_log.h"

namespace culvert::router {

void IkeDebug::message(const ike::TracedMessage& message) {
  if (!(flags.packet || flags.general) || !may_write()) return;
  log_.debug(clock_.wall(), flags.packet ? ike::message_details(message) : ike::message_summary(message));
}

void IkeDebug::step(ike::TracedSa sa, std::string_view text) {
  if (!flags.general || !may_write()) return;
  log_.debug(clock_.wall(), ike::debug_prefix(sa) + printable(text));
}

void IkeDebug::happened(ike::TracedSa sa, ike::EventKind kind, std::string_view text) {
  const bool is_error = is_ike_error(kind);
  if (!(flags.general || (flags.error && is_error)) || !may_write()) return;
  log_.debug(clock_.wall(), fmt::format("{}{}: {}", ike::debug_prefix(sa, is_error ? "-ERROR" : ""), ike_words(kind),
                                        printable(text)));
}

}  // namespace culvert::router
