#include "ike/v2/speak.h"

#include <cassert>

#include <fmt/core.h>

#include "ike/v2/ending.h"

namespace culvert::ike::v2 {

wire::Header header_of(const Sa& sa, wire::ExchangeType exchange, bool is_response, std::uint32_t message_id) {
  return {.initiator_spi = sa.initiator_spi(),
          .responder_spi = sa.responder_spi(),
          .exchange = exchange,
          .from_initiator = sa.initiator,
          .is_response = is_response,
          .message_id = message_id};
}

wire::Notify notify(wire::NotifyType type, net::Bytes data) {
  return {.type = type, .spi = {}, .data = std::move(data)};
}

std::string describe(wire::NotifyType type) {
  switch (type) {
    case wire::NotifyType::unsupported_critical_payload: return "UNSUPPORTED_CRITICAL_PAYLOAD";
    case wire::NotifyType::invalid_ike_spi: return "INVALID_IKE_SPI";
    case wire::NotifyType::invalid_major_version: return "INVALID_MAJOR_VERSION";
    case wire::NotifyType::invalid_syntax: return "INVALID_SYNTAX";
    case wire::NotifyType::no_proposal_chosen: return "NO_PROPOSAL_CHOSEN";
    case wire::NotifyType::authentication_failed: return "AUTHENTICATION_FAILED";
    case wire::NotifyType::internal_address_failure: return "INTERNAL_ADDRESS_FAILURE";
    case wire::NotifyType::failed_cp_required: return "FAILED_CP_REQUIRED";
    case wire::NotifyType::single_pair_required: return "SINGLE_PAIR_REQUIRED";
    case wire::NotifyType::ts_unacceptable: return "TS_UNACCEPTABLE";
    case wire::NotifyType::invalid_ke_payload: return "INVALID_KE_PAYLOAD";
    case wire::NotifyType::no_additional_sas: return "NO_ADDITIONAL_SAS";
    case wire::NotifyType::child_sa_not_found: return "CHILD_SA_NOT_FOUND";
    case wire::NotifyType::temporary_failure: return "TEMPORARY_FAILURE";
    default: return fmt::format("notify {}", static_cast<unsigned>(type));
  }
}

void send_request(Core& core, Sa& sa, wire::ExchangeType exchange, std::span<const wire::Payload> payloads,
                  Purpose purpose, Patience patience) {
  assert(sa.channel());
  const auto id = sa.requests.next();
  const auto header = header_of(sa, exchange, false, id);
  auto message = sa.channel()->sealer.seal(header, payloads, core.random);
  core.sent(&sa, sa.path, header, payloads, message.size());
  send_request(
      core, sa,
      {.id = id, .exchange = exchange, .purpose = purpose, .patience = patience, .message = std::move(message)});
}

void send_request(Core& core, Sa& sa, RequestWindow::InFlight request) {
  core.transmit(sa.path, request.message);
  sa.timers.set(Timer::retransmit, core.now + request.patience.wait(1, core.random));
  sa.requests.sent(std::move(request));
}

void send_response(Core& core, Sa& sa, wire::ExchangeType exchange, std::span<const wire::Payload> payloads,
                   const Path& path) {
  assert(sa.channel());
  const auto header = header_of(sa, exchange, true, sa.responses.due());
  auto message = sa.channel()->sealer.seal(header, payloads, core.random);
  core.sent(&sa, path, header, payloads, message.size());
  core.transmit(path, message);
  sa.responses.answered(std::move(message));
}

void answer_unprotected(Core& core, const Path& path, wire::Header request, wire::Notify answer, std::size_t octets) {
  if (request.is_response) return;
  request.is_response = true;
  request.from_initiator = !request.from_initiator;
  const wire::Message message{request, {std::move(answer)}};
  const auto sent = message.emit();
  if (sent.size() > octets) {
    ++core.statistics.unanswered;
    return;
  }
  core.sent(nullptr, path, message.header, message.payloads, sent.size());
  core.transmit(path, sent);
}

void refuse_unprotected(Core& core, const Path& path, const wire::Header& request, wire::Notify why,
                        std::size_t octets) {
  if (core.unprotected_replies.allow(core.now)) return answer_unprotected(core, path, request, std::move(why), octets);
  ++core.statistics.unanswered;
}

void on_retransmit_due(Core& core, Sa& sa) {
  auto* request = sa.requests.in_flight();
  if (!request) return;
  if (request->sent >= request->patience.sends) {
    const auto purpose = request->purpose;
    sa.requests.give_up();
    on_unanswered(core, sa, purpose);
    return;
  }
  ++request->sent;
  ++core.statistics.retransmitted;
  core.step(sa, "Retransmitting packet");
  core.transmit(sa.path, request->message);
  sa.timers.set(Timer::retransmit, core.now + request->patience.wait(request->sent, core.random));
}

Purpose on_request_answered(Sa& sa) {
  sa.timers.stop(Timer::retransmit);
  return sa.requests.answered();
}

}  // namespace culvert::ike::v2
