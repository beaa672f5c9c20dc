// Starts the program culvert-ssh and starts it again when it ends, and takes the visitors that it hands over.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/ssh/front_channel.h"

namespace culvert::router {

class SshFront {
 public:
  struct Hooks {
    std::function<void(int descriptor, std::string address)> visitor;  // takes the descriptor over
    std::function<void(std::string)> failed;                           // why it does not run, a sentence
  };
  SshFront(boost::asio::io_context& loop, Hooks hooks);
  ~SshFront() { stop(); }

  // Runs with these settings from now on, anew where others were in force. The listeners are taken over.
  void run(cli::ssh::FrontSettings settings, std::vector<int> listeners);
  // Visitors who are there stay.
  void stop();
  bool runs() const { return channel_.has_value(); }
  const cli::ssh::FrontSettings& settings() const { return settings_; }

 private:
  void start();
  void end_process();
  void wait();
  void close_listeners();

  boost::asio::io_context& loop_;
  Hooks hooks_;
  cli::ssh::FrontSettings settings_;
  std::vector<int> listeners_;
  std::optional<boost::asio::posix::stream_descriptor> channel_;
  boost::asio::steady_timer pause_;
  int process_ = -1;
};

}  // namespace culvert::router
