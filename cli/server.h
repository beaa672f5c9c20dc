// The console socket of a router: a Unix stream socket of mode 0600, one session a connection, spoken to in frames.
#pragma once

#include <cstddef>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "cli/frame.h"
#include "cli/session.h"

namespace boost::asio {
class io_context;
}

namespace culvert::cli {

// Makes the session of a terminal that has said Hello. `emit` may be called until the session is destroyed.
using SessionFactory =
    std::function<std::unique_ptr<Session>(const Hello& hello, Session::Emit emit, const Visitor& visitor)>;

// Judges what a visitor has typed to log in from `address`, and answers later, once.
using LoginCheck = std::function<void(const std::string& user, net::Secret password, const std::string& address,
                                      std::function<void(bool)> answer)>;

class Server {
 public:
  // Binds `path`, making its folder (0700) where it is missing and taking the place of a dead router's socket.
  // The error is one line that says what is wrong and how to mend it. `io` must outlive the server.
  static std::expected<std::unique_ptr<Server>, std::string> open(boost::asio::io_context& io,
                                                                  const std::filesystem::path& path,
                                                                  SessionFactory factory);
  // Ends every session with Close::Reason::shutdown and removes the socket.
  ~Server();

  // Starts to answer; terminals that have connected before now have waited. To be called when the router is ready.
  void start();
  // Takes over a connected stream socket at whose other end somebody must log in before a session begins. Closed at
  // once where there are too many.
  void adopt(int descriptor, std::string address, LoginCheck check);
  // Lines of the system log for every session (Session::announce), "\n" line ends. A terminal that has
  // announce_size_max unread misses them, and is told how many it missed.
  void broadcast(std::string_view text, Audience audience = {});
  // Ends every session, telling its terminal why, removes the socket and accepts no more. What the terminals' buffers
  // take is written before this returns, so the process may end or execute itself anew right after.
  void close(Close::Reason reason);
  std::size_t session_count() const;

  // What a terminal may leave unread before it is closed.
  static constexpr std::size_t unread_size_max = 16 << 20;
  static constexpr std::size_t announce_size_max = 256 * 1024;

 private:
  class Listener;
  explicit Server(std::shared_ptr<Listener> listener);
  std::shared_ptr<Listener> listener_;
};

}  // namespace culvert::cli
