// The lines of a router, and which session is on which: con 0, where any number of terminals may sit, and vty 0 to 15.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "config-store/view.h"
#include "net/time.h"

namespace culvert::cli {

class Session;

struct LineRow {        // one session, for `show users`
  unsigned number = 0;  // as `clear line` counts them: con 0 is 0, vty 0 is 2
  std::string name;     // "vty 0"
  std::string user, address;
  std::string cipher, mac;  // of an SSH connection
  bool busy = false;        // a command runs
  net::Duration idle{};
  const Session* session = nullptr;
};

class Lines {
 public:
  explicit Lines(std::function<net::Time()> now) : now_(std::move(now)) {}

  // Called by sessions as they begin and end.
  void add(Session& session) { sessions_.push_back(&session); }
  void remove(const Session& session);

  net::Time now() const { return now_(); }
  // The lowest terminal line that takes a session by SSH and has none.
  std::optional<unsigned> free_vty(const config::View& configuration) const;
  std::vector<LineRow> rows() const;  // by number
  // Ends the sessions on a line. The session that asks is ended last, as its command ends.
  void clear(unsigned number);
  // Ends the sessions that have been idle for too long.
  void tick();

  static constexpr unsigned first_vty = 2;  // by number; 1 is the auxiliary line, which no router here has

 private:
  std::function<net::Time()> now_;
  std::vector<Session*> sessions_;
};

}  // namespace culvert::cli
