// The way in: the greeting of a console, the banner, the questions for a name and a password, and the answer to them.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "cli/authentication.h"
#include "cli/commands/line_mode.h"
#include "net/secret.h"

namespace culvert::cli {

class CommandTerminal;
struct SessionHost;

// Whether `user` may come in with this password, by the `username` lines; logs how it went. A user that does not exist
// costs what others cost. `address`: where it is tried from, empty at the console.
void authenticate(SessionHost& host, const std::string& user, net::Secret typed, const std::string& address,
                  std::function<void(bool)> answer);

// What a session of `user` may do who came by a line with these settings.
unsigned privilege_of(const config::View& configuration, const std::string& user, const LineSettings& line);

struct EntranceOptions {
  bool greets = false;     // a console waits for RETURN before anything else
  bool logged_in = false;  // the user is known already
  bool shows_banner = false;
  LineSettings line;
};

// Plays the command that a session begins with; when it is done, the session prompts. Where the user does not get in,
// the session ends.
void come_in(SessionHost& host, EntranceOptions options, std::shared_ptr<CommandTerminal> terminal);

}  // namespace culvert::cli
