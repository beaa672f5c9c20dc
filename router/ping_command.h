// `ping`: runs of it, several sessions at a time, over the dataplane.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "router/ping.h"
#include "router/probe.h"

namespace culvert::router {

class PingCommand {
 public:
  explicit PingCommand(ProbeHooks hooks) : hooks_(std::move(hooks)) {}

  void add_to(parser::ExecCommands& commands);
  // An ICMP packet that came to this router.
  void receive(net::View packet);
  void timeout();
  std::optional<net::Time> deadline() const;

 private:
  struct Run {
    Ping ping;
    std::shared_ptr<parser::Terminal> terminal;
  };
  void start(const parser::Arguments& arguments, const std::shared_ptr<parser::Terminal>& terminal);
  void advance(std::uint16_t identifier);
  void interrupt(std::uint16_t identifier);

  ProbeHooks hooks_;
  std::map<std::uint16_t, Run> runs_;
  std::uint16_t last_identifier_ = 0;
};

}  // namespace culvert::router
