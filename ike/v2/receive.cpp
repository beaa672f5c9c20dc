#include "ike/v2/receive.h"

#include <algorithm>

#include <fmt/core.h>

#include "ike/v2/auth.h"
#include "ike/v2/child.h"
#include "ike/v2/create_child.h"
#include "ike/v2/dpd.h"
#include "ike/v2/ending.h"
#include "ike/v2/informational.h"
#include "ike/v2/init.h"
#include "ike/v2/speak.h"

namespace culvert::ike::v2 {
namespace {

using wire::ExchangeType;
using wire::NotifyType;

constexpr std::size_t marker_octets = 4;
constexpr std::size_t held_octets_max = 16384;  // of an IKE_AUTH request that waits for its keys

void count_bad(Core& core, std::uint64_t& counter, const Path& path, std::string text) {
  ++counter;
  core.event(EventKind::bad_datagram, path, std::move(text));
}

// The IKE message in a datagram; nullopt for what is none.
std::optional<net::View> unwrap(Core& core, const Path& path, net::View datagram) {
  if (datagram.size() == 1 && datagram.front() == std::byte{0xff}) {
    ++core.statistics.keepalives_in;
    return std::nullopt;
  }
  if (path.local.port != nat_port) return datagram;
  const auto is_zero = [](std::byte octet) { return octet == std::byte{0}; };
  if (datagram.size() < marker_octets || !std::ranges::all_of(datagram.first(marker_octets), is_zero)) {
    count_bad(core, core.statistics.malformed, path, "no non-ESP marker");
    return std::nullopt;
  }
  return datagram.subspan(marker_octets);
}

void on_unframed(Core& core, const Path& path, net::View message, const wire::WireError& error) {
  if (error.fault != wire::Fault::newer_major_version) {
    const auto& text = wire::text(error.fault);
    return count_bad(
        core, error.fault == wire::Fault::old_major_version ? core.statistics.wrong_version : core.statistics.malformed,
        path, std::string(text));
  }
  count_bad(core, core.statistics.wrong_version, path, "a newer major version");
  net::Reader reader(message);
  wire::Header header{.initiator_spi = *reader.u64(), .responder_spi = *reader.u64()};
  const auto flags = std::to_integer<unsigned>(message[19]);
  header.exchange = static_cast<ExchangeType>(message[18]);
  header.from_initiator = flags & 0x08;
  header.is_response = flags & 0x20;
  header.message_id = *net::Reader(message.subspan(20)).u32();
  refuse_unprotected(core, path, header, notify(NotifyType::invalid_major_version), message.size());
}

void receive_init(Core& core, const Path& path, const wire::Header& header, net::View octets) {
  const auto message = wire::Message::parse(octets);
  if (!message) {
    count_bad(core, core.statistics.malformed, path, std::string(wire::text(message.error().fault)));
    const auto why = message.error().answer();
    if (!why || header.responder_spi != 0 || !header.from_initiator) return;
    net::Bytes data;
    if (*why == NotifyType::unsupported_critical_payload)
      data.push_back(static_cast<std::byte>(message.error().payload));
    return refuse_unprotected(core, path, header, notify(*why, std::move(data)), octets.size());
  }
  core.received(header.is_response ? core.find(header.initiator_spi) : nullptr, path, header, message->payloads,
                octets.size());
  if (header.message_id != 0 || header.from_initiator == header.is_response) {
    count_bad(core, core.statistics.malformed, path, "an IKE_SA_INIT header that contradicts itself");
    return;
  }
  if (!header.is_response) {
    if (header.responder_spi == 0) return on_init_request(core, *message, octets, path);
    ++core.statistics.unknown_spi;
    return;
  }
  auto* sa = core.find(header.initiator_spi);
  if (!sa || !sa->initiator) {
    ++core.statistics.unknown_spi;
  } else if (!std::holds_alternative<AwaitingInit>(sa->state) || sa->path != path) {
    ++core.statistics.wrong_state;
  } else {
    core.touch(*sa);
    on_init_response(core, *sa, *message, octets, path);
  }
}

// The SA whose both SPIs and role the header names.
Sa* sa_of(Core& core, const wire::Header& header) {
  auto* sa = core.find(header.from_initiator ? header.responder_spi : header.initiator_spi);
  if (!sa || sa->initiator == header.from_initiator) return nullptr;
  const auto theirs = header.from_initiator ? header.initiator_spi : header.responder_spi;
  return sa->remote_spi == theirs ? sa : nullptr;
}

// The keys that the request before asked for are still being made; this is the same request again.
bool still_answering(const Sa& sa) {
  const auto* state = sa.established();
  return state && !std::holds_alternative<std::monostate>(state->answering);
}

// The peer holds the keys and yet its message is malformed: it is told, and the SA ends (§2.21.2, §2.21.3).
void on_malformed(Core& core, Sa& sa, const wire::Header& header, const wire::WireError& error, const Path& path) {
  ++core.statistics.malformed;
  core.event(EventKind::bad_datagram, path, fmt::format("authentic but malformed: {}", wire::text(error.fault)));
  if (header.is_response) {
    if (!sa.requests.awaits(header.message_id, header.exchange)) return;
    on_request_answered(sa);
    return sa.established() ? drop(core, sa, "a malformed response") : abort(core, sa, "a malformed response");
  }
  if (sa.responses.judge(header.message_id) != ResponseWindow::Verdict::due || still_answering(sa)) return;
  const bool critical = error.fault == wire::Fault::critical_payload;
  wire::Payload why = notify(critical ? NotifyType::unsupported_critical_payload : NotifyType::invalid_syntax);
  if (critical) std::get<wire::Notify>(why).data.push_back(static_cast<std::byte>(error.payload));
  send_response(core, sa, header.exchange, {&why, 1}, path);
  // A payload that we do not know ends the exchange, not the SA; in IKE_AUTH the two are one.
  if (!critical || header.exchange == ExchangeType::ike_auth) linger(core, sa, "a malformed request");
}

// An IKE SA that we are closing makes nothing new (§2.25.2).
void put_off(Core& core, Sa& sa, ExchangeType exchange, const Path& path) {
  const wire::Payload payload = notify(NotifyType::temporary_failure);
  send_response(core, sa, exchange, {&payload, 1}, path);
}

void on_request(Core& core, Sa& sa, const wire::Header& header, std::span<const wire::Payload> payloads,
                const Path& path) {
  if (still_answering(sa)) return;
  const bool established = sa.established();
  const bool closing = std::holds_alternative<Closing>(sa.state);
  if (header.exchange == ExchangeType::ike_auth && std::holds_alternative<Authenticating>(sa.state)) {
    on_auth_request(core, sa, payloads, path);
  } else if (header.exchange == ExchangeType::informational && (established || closing)) {
    on_informational(core, sa, payloads, path);
  } else if (header.exchange == ExchangeType::create_child_sa && established) {
    on_create_child_request(core, sa, payloads, path);
  } else if (header.exchange == ExchangeType::create_child_sa && closing) {
    put_off(core, sa, header.exchange, path);
  } else {
    ++core.statistics.wrong_state;
  }
}

void on_response(Core& core, Sa& sa, const wire::Header& header, std::span<const wire::Payload> payloads,
                 const Path& path) {
  if (!sa.requests.awaits(header.message_id, header.exchange)) {
    ++core.statistics.outside_window;
    return;
  }
  const auto purpose = on_request_answered(sa);
  if (std::holds_alternative<AwaitingAuth>(sa.state)) return on_auth_response(core, sa, payloads, path);
  if (std::holds_alternative<IkeFarewell>(purpose)) {
    sa.state = Gone{};
    return;
  }
  if (sa.established() && std::holds_alternative<Creation>(purpose)) on_create_child_response(core, sa, payloads);
  if (sa.established() && std::holds_alternative<ChildFarewell>(purpose)) on_retired(core, sa);
  send_farewell(core, sa);
  begin_what_is_due(core, sa);
}

void on_authentic(Core& core, Sa& sa, const wire::Header& header, std::span<const wire::Payload> payloads,
                  const Path& path) {
  core.touch(sa);
  on_sign_of_life(core, sa);
  if (header.is_response) return on_response(core, sa, header, payloads, path);
  switch (sa.responses.judge(header.message_id)) {
    case ResponseWindow::Verdict::due:
      follow(core, sa, path);
      on_request(core, sa, header, payloads, path);
      return begin_what_is_due(core, sa);
    case ResponseWindow::Verdict::repeated:
      ++core.statistics.repeated;
      core.step(sa, "Retransmitting response");
      return core.transmit(path, *sa.responses.response());
    case ResponseWindow::Verdict::outside: ++core.statistics.outside_window;
  }
}

void receive_for(Core& core, Sa& sa, const wire::Header& header, net::View message, const Path& path) {
  if (std::holds_alternative<HalfOpen>(sa.state)) {
    const bool first = header.exchange == ExchangeType::ike_auth && !header.is_response && header.message_id == 1;
    if (!first || message.size() > held_octets_max) {
      ++core.statistics.wrong_state;
      return;
    }
    core.touch(sa);
    return derive_for(core, sa, message, path);
  }
  if (!sa.channel()) {
    ++core.statistics.wrong_state;
    return;
  }
  receive_protected(core, sa, message, path);
}

}  // namespace

void receive_protected(Core& core, Sa& sa, net::View message, const Path& path) {
  const auto framed = wire::Header::parse(message);
  if (!framed || !sa.channel()) return;
  const auto payloads = sa.channel()->opener.open(message);
  if (payloads) core.received(&sa, path, framed->header, *payloads, message.size());
  if (payloads) return on_authentic(core, sa, framed->header, *payloads, path);
  if (!payloads.error().authentic)
    return count_bad(core, core.statistics.not_authentic, path, "failed its integrity check");
  core.touch(sa);
  on_malformed(core, sa, framed->header, payloads.error().error, path);
}

void receive(Core& core, const Path& path, net::View datagram) {
  ++core.statistics.datagrams_in;
  const auto message = unwrap(core, path, datagram);
  if (!message) return;
  const auto framed = wire::Header::parse(*message);
  if (!framed) return on_unframed(core, path, *message, framed.error());
  const auto& header = framed->header;
  if (header.exchange == ExchangeType::ike_sa_init) return receive_init(core, path, header, *message);
  if (auto* sa = sa_of(core, header)) return receive_for(core, *sa, header, *message, path);
  count_bad(core, core.statistics.unknown_spi, path, "unknown SPI");
  refuse_unprotected(core, path, header, notify(NotifyType::invalid_ike_spi), message->size());
}

}  // namespace culvert::ike::v2
