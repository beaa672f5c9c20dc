// Keys on purpose: a file of every Child SA's keys, so that a test can decrypt what it captured.
//
// Written only where culvertd was started with --export-keys; the file is private to its owner. One line a direction:
//   esp <in|out> <spi> <source> <destination> <cipher> <key> <integrity> <key>      numbers and keys in hexadecimal
#pragma once

#include <expected>
#include <string>

#include "ike/engine.h"

namespace culvert::router {

class KeyLog {
 public:
  // An empty path makes a log that writes nothing. The error is one line.
  static std::expected<KeyLog, std::string> open(const std::string& path);
  KeyLog(KeyLog&& other) noexcept;
  KeyLog& operator=(KeyLog&&) = delete;
  ~KeyLog();

  void write(const ike::InstallSa& sa);

 private:
  explicit KeyLog(int file) : file_(file) {}
  int file_;
};

}  // namespace culvert::router
