// What culvertd and its SSH front say to each other, over a pair of packet sockets that the front inherits.
//
// At its start the front is told its settings and handed the sockets on which it is to listen. For each visitor it
// hands back one end of a stream socket of its own making, over which the visitor logs in and has a session
// (cli/frame.h). It never learns a stored password, and has no other way to the router.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace culvert::cli::ssh {

constexpr int channel_descriptor = 3;  // where the front finds its end

struct FrontSettings {
  std::string router_name;
  std::vector<std::string> host_keys;  // PEM
  std::uint16_t time_out_s = 120;      // for a visitor to log in
  std::uint8_t try_count = 3;
  bool operator==(const FrontSettings&) const = default;
};

// Of the sender the descriptors stay its own. False where the other side is gone.
bool send_settings(int channel, const FrontSettings& settings, const std::vector<int>& listeners);
struct Start {
  FrontSettings settings;
  std::vector<int> listeners;  // the receiver's
};
std::optional<Start> receive_settings(int channel);

bool send_visitor(int channel, int descriptor, const std::string& address);
struct Visit {
  int descriptor;  // the receiver's
  std::string address;
};
// nullopt where the other side is gone. Requires: there is something to receive.
std::optional<Visit> receive_visitor(int channel);

}  // namespace culvert::cli::ssh
