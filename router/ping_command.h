// `ping`: runs of it, several sessions at a time, over the dataplane.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>

#include "net/address.h"
#include "net/bytes.h"
#include "net/time.h"
#include "parser/exec_command.h"
#include "router/ping.h"

namespace culvert::router {

class PingCommand {
 public:
  struct Hooks {
    std::function<net::Time()> now;
    std::function<void(net::View packet)> inject;
    // Our address towards a destination; the address of an interface by its name. nullopt = there is none.
    std::function<std::optional<net::Address>(net::Address destination)> source_towards;
    std::function<std::optional<net::Address>(const std::string& interface)> address_of;
    std::function<bool(net::Address)> is_ours;
    std::function<void()> wake;  // the deadline may be another
  };
  explicit PingCommand(Hooks hooks) : hooks_(std::move(hooks)) {}

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
  std::optional<net::Address> source_of(const parser::Arguments& arguments, net::Address destination) const;
  void advance(std::uint16_t identifier);
  void interrupt(std::uint16_t identifier);

  Hooks hooks_;
  std::map<std::uint16_t, Run> runs_;
  std::uint16_t last_identifier_ = 0;
};

}  // namespace culvert::router
