#include "cli/tty.h"

#include <sys/ioctl.h>

namespace culvert::cli {

Tty::Tty(int descriptor) : descriptor_(descriptor) { tcgetattr(descriptor_, &before_); }
Tty::~Tty() { tcsetattr(descriptor_, TCSADRAIN, &before_); }

void Tty::make_raw() {
  auto raw = before_;
  cfmakeraw(&raw);
  tcsetattr(descriptor_, TCSADRAIN, &raw);
}

ScreenSize Tty::size() const {
  winsize screen{};
  ScreenSize size;
  if (ioctl(descriptor_, TIOCGWINSZ, &screen) != 0) return size;
  if (screen.ws_col != 0) size.columns = screen.ws_col;
  if (screen.ws_row != 0) size.lines = screen.ws_row;
  return size;
}

}  // namespace culvert::cli
