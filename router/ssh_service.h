// SSH to this router: when it runs, on which sockets, with which keys.
//
// It runs while a terminal line lets users in by SSH. It is reached at every address of the router, by way of a network
// namespace of its own (host_stack.h), and at the management addresses that culvertd was started with. The first time
// it is wanted and there is no key, one is made; after `crypto key zeroize` only by `crypto key generate`.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "config-store/view.h"
#include "net/address.h"
#include "net/bytes.h"
#include "router/host_keys.h"
#include "router/host_stack.h"
#include "router/ssh_front.h"
#include "router/syslog.h"

namespace culvert::router {

struct SshOptions {
  std::string router_name;
  std::filesystem::path key_folder;
  std::vector<net::Endpoint> management;  // addresses of the namespace that culvertd was started in
};

class SshService {
 public:
  struct Hooks {
    std::function<void(int descriptor, std::string address)> visitor;  // takes the descriptor over
    std::function<void(const LogMessage&)> log;
    std::function<void(net::View packet)> inject;  // into the dataplane
    // Does `work` on a helper thread, then `done` on this one.
    std::function<void(std::function<void()> work, std::function<void()> done)> elsewhere;
  };
  SshService(boost::asio::io_context& loop, SshOptions options, Hooks hooks);

  // After every change; `own`: the router's addresses.
  void configure(const config::View& configuration, std::set<net::Address> own);
  // The router is about to end: `gone` is called when every visitor has heard of it and left. Their sessions have been
  // closed. Not called where somebody does not leave.
  void leave(std::function<void()> gone);
  // A TCP packet to an own address.
  void deliver(net::View packet) const;

  // Makes a key in the place of the one of its kind. `done` with an error that ends "%Error ", or "".
  void generate(cli::HostKeyKind kind, unsigned bits, const std::string& name, std::function<void(std::string)> done);
  void zeroize(std::optional<cli::HostKeyKind> kind);
  std::vector<cli::HostKeyFacts> keys() const;
  bool runs() const { return front_.runs(); }

  static constexpr unsigned rsa_bits = 3072;  // where nobody says otherwise

 private:
  void settle();
  void make_first_key();
  void open_stack();
  std::vector<int> open_listeners();
  void wait_for_packets();

  boost::asio::io_context& loop_;
  SshOptions options_;
  Hooks hooks_;
  HostKeys keys_;
  SshFront front_;
  std::optional<HostStack> stack_;
  std::optional<boost::asio::posix::stream_descriptor> packets_;
  std::set<net::Address> own_;
  bool wanted_ = false, stack_tried_ = false, generating_ = false, keys_changed_ = false, leaving_ = false;
  std::uint32_t time_out_s_ = 0, try_count_ = 0;
};

}  // namespace culvert::router
