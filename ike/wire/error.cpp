#include "ike/wire/error.h"

#include <array>

namespace culvert::ike::wire {
namespace {

struct FaultRow {
  Fault fault;
  std::string_view text;
  std::optional<NotifyType> answer;
};
constexpr std::array fault_table{
    FaultRow{Fault::truncated, "truncated", NotifyType::invalid_syntax},
    FaultRow{Fault::bad_length, "bad-length", NotifyType::invalid_syntax},
    FaultRow{Fault::bad_value, "bad-value", NotifyType::invalid_syntax},
    FaultRow{Fault::too_many, "too-many", NotifyType::invalid_syntax},
    FaultRow{Fault::misplaced, "misplaced", NotifyType::invalid_syntax},
    FaultRow{Fault::old_major_version, "old-major-version", std::nullopt},
    FaultRow{Fault::newer_major_version, "newer-major-version", NotifyType::invalid_major_version},
    FaultRow{Fault::critical_payload, "critical-payload", NotifyType::unsupported_critical_payload},
};
static_assert(fault_table.size() == static_cast<std::size_t>(Fault::count));
static_assert([] {
  for (std::size_t i = 0; i < fault_table.size(); ++i)
    if (static_cast<std::size_t>(fault_table[i].fault) != i) return false;
  return true;
}());

const FaultRow& row_of(Fault fault) { return fault_table.at(static_cast<std::size_t>(fault)); }

}  // namespace

std::optional<NotifyType> WireError::answer() const { return row_of(fault).answer; }

std::string_view text(Fault fault) { return row_of(fault).text; }

}  // namespace culvert::ike::wire
