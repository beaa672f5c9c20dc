// Real programs for end-to-end tests: a tiny router behind its socket, and `culvert` on a terminal of its own.
#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace culvert::cli::testing {

// A TinyRouter with a Server, run by a thread.
class ServedRouter {
 public:
  ServedRouter();
  ~ServedRouter();
  ServedRouter(const ServedRouter&) = delete;
  ServedRouter& operator=(const ServedRouter&) = delete;

  std::string socket_path() const;
  // Opens the socket; start() answers on it. serve() does both.
  void open();
  void start();
  void serve();
  // As a reload does: every session ends, the socket goes.
  void close_for_reload();
  void broadcast(std::string text);
  std::string hostname();
  // What a second router at the same socket would be told.
  std::string open_again();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

// How long anything may take before a test gives up; no test waits for it to pass.
constexpr int patience_ms = 60'000;

// `culvert` on a pseudo-terminal of 80 columns.
class PtyProgram {
 public:
  explicit PtyProgram(const std::vector<std::string>& arguments);
  ~PtyProgram();
  PtyProgram(const PtyProgram&) = delete;
  PtyProgram& operator=(const PtyProgram&) = delete;

  void type(std::string_view octets);
  // Reads on until `text` has come; everything up to and with it that was not returned before. A failure of the test,
  // and what has come instead, where the program ends or patience does.
  std::string expect(std::string_view text);
  // The rest of the output is read until the program ends; its exit status.
  int exit_status();
  // What has come and was not expected.
  const std::string& rest() const { return unread_; }

 private:
  bool read_more();
  pid_t pid_ = -1;
  int descriptor_ = -1;
  std::string unread_;
};

struct Finished {
  int status;
  std::string out, err;
};
// Runs `culvert` with pipes; `input` is its standard input.
Finished run_culvert(const std::vector<std::string>& arguments, std::string_view input = {});

}  // namespace culvert::cli::testing
