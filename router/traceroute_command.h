// `traceroute`: runs of it, several sessions at a time, over the dataplane.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "router/probe.h"
#include "router/traceroute.h"

namespace culvert::router {

class TracerouteCommand {
 public:
  explicit TracerouteCommand(ProbeHooks hooks) : hooks_(std::move(hooks)) {}

  void add_to(parser::ExecCommands& commands);
  // An ICMP packet that came to this router.
  void receive(net::View packet);
  void timeout();
  std::optional<net::Time> deadline() const;

 private:
  struct Run {
    Traceroute trace;
    std::shared_ptr<parser::Terminal> terminal;
  };
  void start(const parser::Arguments& arguments, const std::shared_ptr<parser::Terminal>& terminal);
  void advance_all();
  void advance(std::uint16_t port);
  void interrupt(std::uint16_t port);

  ProbeHooks hooks_;
  std::map<std::uint16_t, Run> runs_;  // by source port
  std::uint16_t last_port_ = 49151;
};

}  // namespace culvert::router
