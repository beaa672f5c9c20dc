// Who may come in: what sessions ask, and what router/ answers from a helper thread.
#pragma once

#include <functional>
#include <string>

#include "cli/password.h"
#include "net/secret.h"

namespace culvert::cli {

// Compares what was typed with a stored password, elsewhere. `answer` is called later, on the control thread, and never
// after the router has gone; a wrong password is answered a while later than a right one, however long the comparison
// took, so that guessing is slow and its time tells nothing.
using Verify = std::function<void(StoredPassword stored, net::Secret typed, std::function<void(bool)> answer)>;

inline net::Secret as_secret(const std::string& text) { return net::Secret(net::as_view(text)); }
inline std::string_view as_text(const net::Secret& secret) {
  return {reinterpret_cast<const char*>(secret.view().data()), secret.view().size()};
}

// Who is at the other end before a session begins: nobody known at a console, a user who has logged in by SSH.
struct Visitor {
  std::string user;                   // empty: nobody has logged in
  std::string address;                // where the connection comes from; empty at a console
  std::string cipher = {}, mac = {};  // of an SSH connection
};

}  // namespace culvert::cli
