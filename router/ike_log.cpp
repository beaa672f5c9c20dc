#include "router/ike_log.h"

#include <array>
#include <string_view>

#include <fmt/format.h>

namespace culvert::router {

namespace {

struct Kind {
  ike::EventKind kind;
  int severity;
  std::string_view mnemonic, text;
};

constexpr std::array kinds{
    Kind{ike::EventKind::sa_up, 5, "SA_UP", "SA UP"},
    Kind{ike::EventKind::sa_down, 5, "SA_DOWN", "SA DOWN"},
    Kind{ike::EventKind::child_up, 6, "CHILD_UP", "IPsec SA installed"},
    Kind{ike::EventKind::child_down, 6, "CHILD_DOWN", "IPsec SA removed"},
    Kind{ike::EventKind::neg_abort, 3, "NEG_ABORT", "Negotiation aborted due to ERROR"},
    Kind{ike::EventKind::child_failed, 3, "CHILD_FAILED", "IPsec SA refused"},
    Kind{ike::EventKind::dpd_dead, 4, "DPD_DEAD", "Peer is not answering"},
    Kind{ike::EventKind::hint, 6, "HINT", "Unprotected notification"},
    Kind{ike::EventKind::configuration, 4, "CONFIGURATION", "Configuration problem"},
    Kind{ike::EventKind::bad_datagram, 6, "BAD_DATAGRAM", "Datagram dropped"},
    Kind{ike::EventKind::half_open_limit, 4, "HALF_OPEN_LIMIT", "Too many negotiations in progress"},
    Kind{ike::EventKind::rekeyed, 6, "REKEYED", "IKE SA rekeyed"},
};

const Kind& find(ike::EventKind wanted) {
  for (const auto& kind : kinds)
    if (kind.kind == wanted) return kind;
  return kinds.back();
}

}  // namespace

std::string_view ike_words(ike::EventKind kind) { return find(kind).text; }

bool is_ike_error(ike::EventKind kind) {
  using Kind = ike::EventKind;
  return kind != Kind::sa_up && kind != Kind::sa_down && kind != Kind::child_up && kind != Kind::child_down &&
         kind != Kind::rekeyed;
}

LogMessage log_message(const ike::Event& event) {
  const auto& kind = find(event.kind);
  auto text = std::string(kind.text);
  if (!event.text.empty()) text += ": " + event.text;
  if (event.peer.port != 0) text += fmt::format(". Peer {}", event.peer);
  if (!event.tunnel.empty()) text += fmt::format(", {}", event.tunnel);
  return {"IKEV2", kind.severity, std::string(kind.mnemonic), std::move(text)};
}

}  // namespace culvert::router
