#include "cli/line_display.h"

#include <algorithm>

namespace culvert::cli {
namespace {

// The cells of a line, control characters as ^X; `cursor` becomes the cell before which it stands.
std::wstring to_cells(std::wstring_view line, std::size_t& cursor) {
  std::wstring cells;
  std::size_t cursor_cell = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (i == cursor) cursor_cell = cells.size();
    if (line[i] < 0x20 || line[i] == 0x7f) {
      cells += L'^';
      cells += static_cast<wchar_t>(line[i] ^ 0x40);
    } else {
      cells += line[i];
    }
  }
  cursor = cursor >= line.size() ? cells.size() : cursor_cell;
  return cells;
}

}  // namespace

std::string LineDisplay::begin(std::string prompt) {
  prompt_ = std::move(prompt);
  shown_.clear();
  column_ = 0;
  scrolled_ = 0;
  return prompt_;
}

std::size_t LineDisplay::room() const {
  constexpr std::size_t room_min = 10;
  if (width_ == 0) return 0;
  const auto last_line = prompt_.size() - (prompt_.rfind('\n') + 1);
  return width_ > last_line + 1 + room_min ? width_ - last_line - 1 : room_min;
}

std::string LineDisplay::show(std::wstring_view line, std::size_t cursor) {
  auto cells = to_cells(line, cursor);
  if (const auto room_now = room(); room_now != 0) {
    if (cells.size() < room_now) scrolled_ = 0;
    if (cursor < scrolled_ + (scrolled_ > 0 ? 1 : 0) || cursor > scrolled_ + room_now) {
      scrolled_ = cursor > room_now / 2 ? cursor - room_now / 2 : 0;
    }
    const bool cut_right = cells.size() > scrolled_ + room_now;
    cells = cells.substr(std::min(scrolled_, cells.size()), room_now);
    if (scrolled_ > 0 && !cells.empty()) cells.front() = L'$';
    if (cut_right && cursor < scrolled_ + room_now - 1) cells.back() = L'$';
    cursor -= scrolled_;
  }
  const auto same = static_cast<std::size_t>(std::ranges::mismatch(shown_, cells).in1 - shown_.begin());
  std::string out;
  if (same < std::max(shown_.size(), cells.size())) {
    out = move_to(same) + to_utf8(std::wstring_view(cells).substr(same));
    const auto left_over = shown_.size() > cells.size() ? shown_.size() - cells.size() : 0;
    out += std::string(left_over, ' ') + std::string(left_over, '\b');
    column_ = cells.size();
  }
  shown_ = std::move(cells);
  return out + move_to(cursor);
}

std::string LineDisplay::move_to(std::size_t column) {
  std::string out;
  if (column < column_) {
    out.assign(column_ - column, '\b');
  } else {
    out = to_utf8(std::wstring_view(shown_).substr(column_, column - column_));
  }
  column_ = column;
  return out;
}

std::string LineDisplay::to_end() { return move_to(shown_.size()); }

std::string LineDisplay::again() {
  const auto column = column_;
  column_ = shown_.size();
  auto out = prompt_ + to_utf8(shown_);
  out += move_to(column);
  return out;
}

std::string to_utf8(std::wstring_view text) {
  std::string out;
  const auto put = [&](std::uint32_t octet) { out += static_cast<char>(octet); };
  for (const auto wide : text) {
    const auto c = static_cast<std::uint32_t>(static_cast<std::make_unsigned_t<wchar_t>>(wide));
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xc0 | c >> 6), put(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
      put(0xe0 | c >> 12), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
    } else if (c < 0x110000) {
      put(0xf0 | c >> 18), put(0x80 | (c >> 12 & 0x3f)), put(0x80 | (c >> 6 & 0x3f)), put(0x80 | (c & 0x3f));
    }
  }
  return out;
}

std::wstring to_wide(std::string_view utf8) {
  std::wstring out;
  for (std::size_t at = 0; at < utf8.size();) {
    const auto first = static_cast<unsigned char>(utf8[at++]);
    const int more = first < 0x80 ? 0 : first >> 5 == 6 ? 1 : first >> 4 == 14 ? 2 : first >> 3 == 30 ? 3 : -1;
    if (more < 0) continue;
    std::uint32_t c = more == 0 ? first : first & (0x3fu >> more);
    int taken = 0;
    for (; taken < more && at < utf8.size() && (utf8[at] & 0xc0) == 0x80; ++taken) {
      c = c << 6 | (static_cast<unsigned char>(utf8[at++]) & 0x3f);
    }
    if (taken == more) out += static_cast<wchar_t>(c);
  }
  return out;
}

}  // namespace culvert::cli
