#include "cli/ssh/relay.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace culvert::cli::ssh {

bool Relay::run() {
  while (visitor_is_there()) {
    while (take_input()) pass_input();
    pass_input();
    wait();
    if (ssh_event_dopoll(event_, 0) == SSH_ERROR) return false;
    if (output_ready_ != 0) pass_output(program_.output, false);
    if (error_ready_ != 0) pass_output(program_.error, true);
    if (program_.output < 0 && program_.error < 0) return true;
  }
  return false;
}

bool Relay::visitor_is_there() const { return ssh_is_connected(session_) != 0 && ssh_channel_is_open(channel_) != 0; }

// Waits for either side. What the visitor cannot take now is left in the program's pipe.
void Relay::wait() {
  const bool has_window = ssh_channel_window_size(channel_) > 0;
  std::array<pollfd, 4> waits{{{ssh_get_fd(session_), POLLIN, 0},
                               {has_window ? program_.output : -1, POLLIN, 0},
                               {has_window ? program_.error : -1, POLLIN, 0},
                               {pending_.empty() ? -1 : program_.input, POLLOUT, 0}}};
  if (poll(waits.data(), waits.size(), -1) <= 0) return;
  output_ready_ = waits[1].revents;
  error_ready_ = waits[2].revents;
}

// True if there may be more.
bool Relay::take_input() {
  if (pending_.size() >= pending_size_max) return false;
  std::array<char, 16384> octets;
  const auto size = ssh_channel_read_nonblocking(channel_, octets.data(), octets.size(), 0);
  if (size > 0) {
    if (!input_closed_) pending_.append(octets.data(), static_cast<std::size_t>(size));
    return true;
  }
  const bool is_terminal = program_.input == program_.output;
  if (ssh_channel_is_eof(channel_) != 0 && pending_.empty() && !is_terminal && !std::exchange(input_closed_, true))
    close(program_.input);
  return false;
}

void Relay::pass_input() {
  while (!pending_.empty() && !input_closed_) {
    const auto written = write(program_.input, pending_.data(), pending_.size());
    if (written <= 0) return;
    pending_.erase(0, static_cast<std::size_t>(written));
  }
}

void Relay::pass_output(int& descriptor, bool is_error) {
  std::array<char, 16384> octets;
  const auto room = std::min<std::size_t>(octets.size(), ssh_channel_window_size(channel_));
  if (room == 0) return;
  const auto size = read(descriptor, octets.data(), room);
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (size <= 0) {
    close(descriptor);
    descriptor = -1;
    return;
  }
  const auto count = static_cast<std::uint32_t>(size);
  if (is_error)
    ssh_channel_write_stderr(channel_, octets.data(), count);
  else
    ssh_channel_write(channel_, octets.data(), count);
}

}  // namespace culvert::cli::ssh
