// The door of a router's SSH: takes connections, within bounds, and gives each a process of its own.
#pragma once

#include <poll.h>
#include <sys/types.h>

#include <string>
#include <vector>

#include "cli/ssh/front_channel.h"

namespace culvert::cli::ssh {

class Front {
 public:
  Front(int channel, Start start) : channel_(channel), start_(std::move(start)) {}
  // Until culvertd has said its last word or is gone, and all visitors have left; who has not logged in must.
  void run();

  // Visitors at a time, in all and before they have logged in, and of the latter from one address.
  static constexpr std::size_t visitor_count_max = 32, stranger_count_max = 10, stranger_count_per_address = 4;

 private:
  struct Visitor {
    pid_t process;
    int news;  // an octet when he has logged in; the end when his process has ended
    std::string address;
    bool stranger = true;
  };
  void welcome();
  void see_off();
  void hear_visitors(std::vector<pollfd>::const_iterator waits);
  void accept_one(int listener);
  bool has_room_for(const std::string& address) const;
  void receive(int connection, const std::string& address);
  void hear(Visitor& visitor);
  std::vector<pollfd> waits() const;

  int channel_;
  Start start_;
  std::vector<Visitor> visitors_;
};

}  // namespace culvert::cli::ssh
