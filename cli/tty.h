// The terminal that `culvert` runs on: raw for the whole session, so that what is typed ahead is neither lost nor
// echoed twice.
#pragma once

#include <termios.h>

#include <cstdint>

namespace culvert::cli {

struct ScreenSize {
  std::uint16_t columns = 80, lines = 24;
};

class Tty {
 public:
  // Remembers the mode that `descriptor` is in, and goes back to it at the end.
  explicit Tty(int descriptor);
  ~Tty();
  Tty(const Tty&) = delete;
  Tty& operator=(const Tty&) = delete;

  // No echo, no lines, no signals, no translation in either direction.
  void make_raw();
  ScreenSize size() const;  // what the terminal says; 80 by 24 where it says nothing

 private:
  int descriptor_;
  termios before_{};
};

// A signalfd for what a terminal sends its program: SIGWINCH, SIGTERM, SIGHUP and SIGINT, which are blocked otherwise.
int watch_terminal_signals();

}  // namespace culvert::cli
