// What stands on the screen behind a prompt, and what to write so that another line stands there.
//
// Only printable characters and backspaces are used, so that every terminal and every program that reads along
// understands them; a character added at the end is written as itself. A line wider than the screen scrolls sideways
// with a `$` where it is cut off, as on IOS.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace culvert::cli {

class LineDisplay {
 public:
  // Columns of a line, 0 = unlimited.
  void set_width(std::size_t columns) { width_ = columns; }
  // Writes a prompt at the start of a line of the screen, nothing behind it. The last line of `prompt` counts.
  std::string begin(std::string prompt);
  // Makes the screen show `line` with the cursor before its `cursor`th character.
  std::string show(std::wstring_view line, std::size_t cursor);
  // Puts the cursor behind everything shown.
  std::string to_end();
  // Prompt and line once more, on the line of the screen where the cursor is now, which is empty.
  std::string again();

 private:
  std::size_t room() const;  // columns behind the prompt, 0 = unlimited
  std::string move_to(std::size_t column);

  std::size_t width_ = 80;
  std::string prompt_;
  std::wstring shown_;        // as it stands on the screen, `$` included
  std::size_t column_ = 0;    // of the cursor in it
  std::size_t scrolled_ = 0;  // cells that have left on the left side
};

// UTF-8 of a line as libedit keeps it; characters that are none are left out.
std::string to_utf8(std::wstring_view text);
std::wstring to_wide(std::string_view utf8);

}  // namespace culvert::cli
