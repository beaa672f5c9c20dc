// One visitor: the SSH handshake, the login, and a session on a terminal or a pipe.
#pragma once

#include "cli/ssh/front_channel.h"

namespace culvert::cli::ssh {

struct VisitSockets {
  int connection;  // to the visitor
  int session;     // to culvertd
  int news;        // to the front
};

// In a process of its own, for as long as the visitor stays; the exit status.
int serve(const VisitSockets& sockets, const FrontSettings& settings);

}  // namespace culvert::cli::ssh
