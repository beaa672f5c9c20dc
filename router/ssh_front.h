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
  // Nobody comes in any more; `gone` is called once, when all who are there have left and the program has ended. To be
  // asked when their sessions have been closed, since nobody is turned out.
  void leave(std::function<void()> gone);
  bool runs() const { return channel_.has_value(); }
  const cli::ssh::FrontSettings& settings() const { return settings_; }

 private:
  void start();
  void end_process();
  void wait();
  void ended();
  void close_listeners();

  boost::asio::io_context& loop_;
  Hooks hooks_;
  cli::ssh::FrontSettings settings_;
  std::vector<int> listeners_;
  std::optional<boost::asio::posix::stream_descriptor> channel_;
  boost::asio::steady_timer pause_;
  int process_ = -1;
  std::function<void()> gone_;  // while it leaves
};

}  // namespace culvert::router
