#include "routing/eigrp/wire/error.h"

#include <array>
#include <cstddef>

namespace culvert::routing::eigrp::wire {
namespace {

// In the order of DecodeError.
constexpr std::array<std::string_view, static_cast<std::size_t>(DecodeError::count)> texts{
    "truncated-header",
    "bad-version",
    "bad-checksum",
    "unknown-opcode",
    "unknown-virtual-router",
    "tlv-length",
    "tlv-overrun",
    "bad-parameters",
    "bad-authentication-tlv",
    "bad-sequence-tlv",
    "bad-software-version",
    "bad-next-multicast-sequence",
    "bad-stub",
    "bad-peer-termination",
    "route-length",
    "route-family",
    "prefix-length",
};
static_assert(!texts.back().empty());

}  // namespace

std::string_view text(DecodeError error) { return texts.at(static_cast<std::size_t>(error)); }

}  // namespace culvert::routing::eigrp::wire
