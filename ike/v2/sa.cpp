#include "ike/v2/sa.h"

#include <utility>

namespace culvert::ike::v2 {

Channel Channel::open(const IkeSuite& suite, crypto::IkeKeys keys, bool initiator) {
  wire::ProtectionKeys from_initiator{suite.encryption, suite.integrity, keys.ei, keys.ai};
  wire::ProtectionKeys from_responder{suite.encryption, suite.integrity, keys.er, keys.ar};
  if (!initiator) std::swap(from_initiator, from_responder);
  return {suite, std::move(keys), wire::Sealer(std::move(from_initiator)), wire::Opener(std::move(from_responder))};
}

Channel* Sa::channel() {
  return std::visit(
      [](auto& current) -> Channel* {
        if constexpr (requires { current.channel; }) return &current.channel;
        return nullptr;
      },
      state);
}

bool Sa::negotiating_out() const {
  return std::holds_alternative<InitiatorMakingKey>(state) || std::holds_alternative<AwaitingInit>(state) ||
         std::holds_alternative<InitiatorDeriving>(state) || std::holds_alternative<AwaitingAuth>(state);
}

bool Sa::half_open() const {
  if (initiator) return false;
  if (const auto* closing = std::get_if<Closing>(&state)) return closing->unauthenticated;
  return std::holds_alternative<ResponderMakingKey>(state) || std::holds_alternative<HalfOpen>(state) ||
         std::holds_alternative<ResponderDeriving>(state) || std::holds_alternative<Authenticating>(state);
}

}  // namespace culvert::ike::v2
