#include "cli/tty.h"

#include <sys/ioctl.h>
#include <sys/signalfd.h>

#include <csignal>
#include <initializer_list>

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

int watch_terminal_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const auto signal : {SIGWINCH, SIGTERM, SIGHUP, SIGINT}) sigaddset(&signals, signal);
  sigprocmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace culvert::cli
