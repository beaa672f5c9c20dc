#include "ike/wire/header.h"

#include "net/try.h"

namespace culvert::ike::wire {
namespace {

constexpr std::uint8_t major_version = 2;
constexpr std::uint8_t initiator_flag = 0x08;
constexpr std::uint8_t version_flag = 0x10;
constexpr std::uint8_t response_flag = 0x20;

}  // namespace

std::expected<Framed, WireError> Header::parse(net::View datagram) {
  constexpr WireError truncated{Fault::truncated, PayloadType::none};
  if (datagram.size() < size_octets) return std::unexpected(truncated);
  net::Reader reader(datagram);
  Framed framed;
  auto& header = framed.header;
  header.initiator_spi = TRY(reader.u64(), truncated);
  header.responder_spi = TRY(reader.u64(), truncated);
  framed.first = PayloadType{TRY(reader.u8(), truncated)};
  const auto version = TRY(reader.u8(), truncated);
  header.exchange = ExchangeType{TRY(reader.u8(), truncated)};
  const auto flags = TRY(reader.u8(), truncated);
  header.message_id = TRY(reader.u32(), truncated);
  const auto length = TRY(reader.u32(), truncated);
  header.minor_version = version & 0x0f;
  header.from_initiator = flags & initiator_flag;
  header.higher_version = flags & version_flag;
  header.is_response = flags & response_flag;
  framed.payloads = reader.rest();
  // The version comes first: what follows may mean something else in another one.
  if (version >> 4 < major_version) return std::unexpected(WireError{Fault::old_major_version, PayloadType::none});
  if (version >> 4 > major_version) return std::unexpected(WireError{Fault::newer_major_version, PayloadType::none});
  if (length > datagram.size()) return std::unexpected(truncated);
  if (length != datagram.size()) return std::unexpected(WireError{Fault::bad_length, PayloadType::none});
  if (header.initiator_spi == 0) return std::unexpected(WireError{Fault::bad_value, PayloadType::none});
  return framed;
}

void Header::emit(net::Bytes& out, PayloadType first, std::uint32_t length) const {
  net::Writer writer(out);
  writer.u64(initiator_spi);
  writer.u64(responder_spi);
  writer.u8(static_cast<std::uint8_t>(first));
  writer.u8(static_cast<std::uint8_t>(major_version << 4 | (minor_version & 0x0f)));
  writer.u8(static_cast<std::uint8_t>(exchange));
  writer.u8(static_cast<std::uint8_t>((from_initiator ? initiator_flag : 0) | (higher_version ? version_flag : 0) |
                                      (is_response ? response_flag : 0)));
  writer.u32(message_id);
  writer.u32(length);
}

}  // namespace culvert::ike::wire
