#include "cli/lines.h"

#include <algorithm>

#include "cli/commands/line_mode.h"
#include "cli/session.h"
#include "config-store/database_error.h"

namespace culvert::cli {

void Lines::remove(const Session& session) {
  std::erase_if(sessions_, [&](const auto* one) { return one == &session; });
}

std::optional<unsigned> Lines::free_vty(const config::View& configuration) const try {
  for (unsigned number = 0; number < vty_count; ++number) {
    const auto line = vty_settings(configuration, number);
    if (!line || !takes_ssh(*line)) continue;
    const auto sits_there = [&](const Session* one) { return one->vty() == number; };
    if (std::ranges::none_of(sessions_, sits_there)) return number;
  }
  return std::nullopt;
} catch (const config::DatabaseError&) {
  return std::nullopt;  // nobody new comes in while the configuration cannot be read
}

std::vector<LineRow> Lines::rows() const {
  std::vector<LineRow> rows;
  for (const auto* session : sessions_) rows.push_back(session->line_row(now()));
  std::ranges::stable_sort(rows, {}, &LineRow::number);
  return rows;
}

void Lines::clear(unsigned number) {
  for (auto* session : std::vector(sessions_))
    if (session->line_row(now()).number == number) session->hang_up();
}

void Lines::tick() {
  for (auto* session : std::vector(sessions_)) session->leave_if_idle(now());
}

}  // namespace culvert::cli
