// libedit as the keyboard half of an editor: it knows the keys and keeps the line and the cursor.
//
// It is used a key at a time, and what it would draw goes nowhere: LineDisplay draws instead, since libedit's own
// redisplay moves the cursor in ways that programs which drive a router by its terminal do not expect.
#pragma once

#include <histedit.h>

#include <cstdio>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace culvert::cli {

class LineEditor {
 public:
  enum class Key { edited, refused, enter, help, complete, control_z, interrupt, redraw, previous, next, no_input };

  // `next_character` blocks until there is one; nullopt ends read() with no_input. `tty` is the terminal, in whatever
  // mode: the editor leaves it in another, so the caller sets the mode it wants afterwards, and again at the end.
  LineEditor(int tty, std::function<std::optional<wchar_t>()> next_character);
  ~LineEditor();
  LineEditor(const LineEditor&) = delete;
  LineEditor& operator=(const LineEditor&) = delete;

  // Takes one key, which may be several characters.
  Key read();
  std::wstring line() const;
  std::size_t cursor() const;
  // The line anew, with the cursor at its end.
  void set(const std::wstring& line);
  void insert(wchar_t character);

 private:
  static int read_character(EditLine* edit, wchar_t* character);
  void bind_keys();

  std::function<std::optional<wchar_t>()> next_character_;
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> nowhere_;
  EditLine* edit_;
  Key key_ = Key::edited;
  std::size_t bells_ = 0;

  friend struct LineEditorKeys;
  static ssize_t swallow(void* cookie, const char* text, std::size_t size);
};

}  // namespace culvert::cli
