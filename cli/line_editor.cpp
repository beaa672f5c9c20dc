#include "cli/line_editor.h"

#include <array>
#include <cassert>
#include <string_view>

#ifdef __SANITIZE_ADDRESS__
// libedit never gives back the names of the functions that are added to it.
extern "C" const char* __lsan_default_suppressions() { return "leak:wcsdup"; }
#endif

namespace culvert::cli {

// What libedit calls for the keys that are not its own business.
struct LineEditorKeys {
  template <LineEditor::Key key>
  static unsigned char hit(EditLine* edit, int) {
    void* owner = nullptr;
    el_get(edit, EL_CLIENTDATA, &owner);
    static_cast<LineEditor*>(owner)->key_ = key;
    return CC_NORM;
  }
};

namespace {

using Key = LineEditor::Key;

struct OwnKey {
  const char* name;
  unsigned char (*function)(EditLine*, int);
  std::array<const char*, 4> keys;
};
constexpr std::array own_keys{
    OwnKey{"culvert-enter", &LineEditorKeys::hit<Key::enter>, {"^M", "^J"}},
    OwnKey{"culvert-help", &LineEditorKeys::hit<Key::help>, {"?"}},
    OwnKey{"culvert-complete", &LineEditorKeys::hit<Key::complete>, {"^I"}},
    OwnKey{"culvert-control-z", &LineEditorKeys::hit<Key::control_z>, {"^Z"}},
    OwnKey{"culvert-interrupt", &LineEditorKeys::hit<Key::interrupt>, {"^C", "^^"}},
    OwnKey{"culvert-redraw", &LineEditorKeys::hit<Key::redraw>, {"^L", "^R"}},
    OwnKey{"culvert-previous", &LineEditorKeys::hit<Key::previous>, {"^P", "\\e[A", "\\eOA"}},
    OwnKey{"culvert-next", &LineEditorKeys::hit<Key::next>, {"^N", "\\e[B", "\\eOB"}},
};

struct Binding {
  const char* key;
  const char* command;
};
constexpr std::array bindings{
    Binding{"^A", "ed-move-to-beg"},
    Binding{"^E", "ed-move-to-end"},
    Binding{"^B", "ed-prev-char"},
    Binding{"^F", "ed-next-char"},
    Binding{"^D", "ed-delete-next-char"},
    Binding{"^H", "ed-delete-prev-char"},
    Binding{"^?", "ed-delete-prev-char"},
    Binding{"^K", "ed-kill-line"},
    Binding{"^U", "vi-kill-line-prev"},
    Binding{"^X", "vi-kill-line-prev"},
    Binding{"^W", "ed-delete-prev-word"},
    Binding{"^Y", "em-yank"},
    Binding{"^T", "ed-transpose-chars"},
    Binding{"^V", "ed-quoted-insert"},
    Binding{"\\e[C", "ed-next-char"},
    Binding{"\\eOC", "ed-next-char"},
    Binding{"\\e[D", "ed-prev-char"},
    Binding{"\\eOD", "ed-prev-char"},
    Binding{"\\e[H", "ed-move-to-beg"},
    Binding{"\\e[F", "ed-move-to-end"},
    Binding{"\\e[1~", "ed-move-to-beg"},
    Binding{"\\e[4~", "ed-move-to-end"},
    Binding{"\\e[7~", "ed-move-to-beg"},
    Binding{"\\e[8~", "ed-move-to-end"},
    Binding{"\\eOH", "ed-move-to-beg"},
    Binding{"\\eOF", "ed-move-to-end"},
    Binding{"\\e[3~", "ed-delete-next-char"},
    Binding{"\\eb", "ed-prev-word"},
    Binding{"\\ef", "em-next-word"},
    Binding{"\\ed", "em-delete-next-word"},
    Binding{"^Q", "ed-unassigned"},
    Binding{"^S", "ed-unassigned"},
    Binding{"^O", "ed-unassigned"},
    Binding{"^G", "ed-unassigned"},
    Binding{"^\\", "ed-unassigned"},
    Binding{"^]", "ed-unassigned"},
    Binding{"^_", "ed-unassigned"},
    Binding{"^@", "ed-unassigned"},
};

}  // namespace

LineEditor::LineEditor(int tty, std::function<std::optional<wchar_t>()> next_character)
    : next_character_(std::move(next_character)), nowhere_(nullptr, &std::fclose) {
  cookie_io_functions_t functions{};
  functions.write = &LineEditor::swallow;
  nowhere_.reset(fopencookie(this, "w", functions));
  assert(nowhere_);
  std::setvbuf(nowhere_.get(), nullptr, _IONBF, 0);
  edit_ = el_init_fd("culvert", stdin, nowhere_.get(), nowhere_.get(), tty, tty, tty);
  assert(edit_ != nullptr);
  el_wset(edit_, EL_CLIENTDATA, this);
  el_wset(edit_, EL_TERMINAL, L"dumb");
  el_wset(edit_, EL_GETCFN, &LineEditor::read_character);
  bind_keys();
  el_wset(edit_, EL_UNBUFFERED, 1);
}

LineEditor::~LineEditor() { el_end(edit_); }

void LineEditor::bind_keys() {
  el_set(edit_, EL_EDITOR, "emacs");
  for (const auto& [key, command] : bindings) el_set(edit_, EL_BIND, key, command, nullptr);
  for (const auto& own : own_keys) {
    el_set(edit_, EL_ADDFN, own.name, own.name, own.function);
    for (const auto* key : own.keys) {
      if (key != nullptr) el_set(edit_, EL_BIND, key, own.name, nullptr);
    }
  }
}

ssize_t LineEditor::swallow(void* cookie, const char* text, std::size_t size) {
  const std::string_view written(text, size);
  if (written.find('\a') != std::string_view::npos) ++static_cast<LineEditor*>(cookie)->bells_;
  return static_cast<ssize_t>(size);
}

int LineEditor::read_character(EditLine* edit, wchar_t* character) {
  void* owner = nullptr;
  el_wget(edit, EL_CLIENTDATA, &owner);
  const auto next = static_cast<LineEditor*>(owner)->next_character_();
  if (next)
    *character = *next;
  else
    static_cast<LineEditor*>(owner)->key_ = Key::no_input;
  return next ? 1 : 0;
}

LineEditor::Key LineEditor::read() {
  key_ = Key::edited;
  bells_ = 0;
  int count = 0;
  el_wgets(edit_, &count);
  return key_ == Key::edited && bells_ > 0 ? Key::refused : key_;
}

std::wstring LineEditor::line() const {
  const auto* info = el_wline(edit_);
  return {info->buffer, info->lastchar};
}

std::size_t LineEditor::cursor() const {
  const auto* info = el_wline(edit_);
  return static_cast<std::size_t>(info->cursor - info->buffer);
}

void LineEditor::set(const std::wstring& line_now) {
  const auto size = static_cast<int>(line().size());
  el_cursor(edit_, size - static_cast<int>(cursor()));
  el_wdeletestr(edit_, size);
  if (!line_now.empty()) el_winsertstr(edit_, line_now.c_str());
}

void LineEditor::insert(wchar_t character) {
  const std::array text{character, L'\0'};
  el_winsertstr(edit_, text.data());
}

}  // namespace culvert::cli
