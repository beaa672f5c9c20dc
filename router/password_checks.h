// Compares passwords on a thread of its own, and is slow to say no.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <chrono>

#include "cli/authentication.h"

namespace culvert::router {

class PasswordChecks {
 public:
  // `loop` is the control thread's; both outlive every answer.
  explicit PasswordChecks(boost::asio::io_context& loop) : loop_(loop) {}

  // As cli::Verify.
  void verify(cli::StoredPassword stored, net::Secret typed, std::function<void(bool)> answer);

  // From the question to the answer that a password is wrong.
  static constexpr std::chrono::milliseconds refusal_delay{2000};

 private:
  boost::asio::io_context& loop_;
  boost::asio::thread_pool thread_{1};
};

}  // namespace culvert::router
