#include "cli/entrance.h"

#include <fmt/core.h>
#include <string.h>

#include <utility>

#include "cli/command_terminal.h"
#include "cli/commands/banner.h"
#include "cli/commands/users.h"
#include "cli/session.h"

namespace culvert::cli {
namespace {

constexpr unsigned try_count_max = 3;

std::string greeting(const std::string& hostname) {
  return fmt::format("\n\n{} con0 is now available\n\n\n\n\n\nPress RETURN to get started.\n\n\n", hostname);
}

std::string origin(const std::string& address) {
  return address.empty() ? "[Source: LOCAL] [localport: 0]" : fmt::format("[Source: {}] [localport: 22]", address);
}

// A name that nobody has may be a password that was typed too early: it is not told.
void log_attempt(SessionHost& host, const std::string& user, bool known, const std::string& address, bool right) {
  const auto who = fmt::format("[user: {}] {}", known ? user : "", origin(address));
  if (right)
    host.log("%SEC_LOGIN-5-LOGIN_SUCCESS: Login Success " + who);
  else
    host.log(
        fmt::format("%SEC_LOGIN-4-LOGIN_FAILED: Login failed {} [Reason: {}]", who,
                    known ? "Login Authentication Failed - BadPassword" : "Login Authentication Failed - BadUser"));
}

class Entrance : public std::enable_shared_from_this<Entrance> {
 public:
  Entrance(SessionHost& host, EntranceOptions options, std::shared_ptr<CommandTerminal> terminal)
      : host_(host), options_(std::move(options)), terminal_(std::move(terminal)) {}

  void begin() {
    if (!options_.greets) return enter();
    terminal_->greet(greeting(host_.hostname()), [self = shared_from_this()](const std::string&) {
      self->terminal_->interrupted() ? self->terminal_->logout() : self->enter();
    });
  }

 private:
  void enter() {
    if (options_.shows_banner) terminal_->write(motd(host_.store));
    if (options_.logged_in || !options_.line.login) return let_in();
    if (*options_.line.login == LoginBy::password && !options_.line.password) {
      terminal_->write("\nPassword required, but none set\n");
      return terminal_->logout();
    }
    terminal_->write("\nUser Access Verification\n\n");
    ask();
  }

  void ask() {
    if (*options_.line.login == LoginBy::password) return ask_password();
    terminal_->ask("Username: ", true, [self = shared_from_this()](const std::string& user) {
      if (self->terminal_->interrupted()) return self->terminal_->logout();
      if (user.empty()) return self->ask();
      self->user_ = user;
      self->ask_password();
    });
  }

  void ask_password() {
    terminal_->ask("Password: ", false, [self = shared_from_this()](const std::string& typed) {
      if (self->terminal_->interrupted()) return self->terminal_->logout();
      self->judge(as_secret(typed));
    });
  }

  void judge(net::Secret typed) {
    auto answer = [self = shared_from_this()](bool right) { right ? self->let_in() : self->refuse(); };
    if (*options_.line.login == LoginBy::local)
      return authenticate(host_, user_, std::move(typed), {}, std::move(answer));
    host_.verify(*options_.line.password, std::move(typed), std::move(answer));
  }

  void refuse() {
    const bool over = ++try_count_ == try_count_max;
    if (*options_.line.login == LoginBy::local)
      terminal_->write("% Login invalid\n\n");
    else if (over)
      terminal_->write("% Bad passwords\n");
    over ? terminal_->logout() : ask();
  }

  void let_in() {
    if (!user_.empty()) terminal_->set_user(user_);
    const auto user = user_.empty() ? terminal_->user() : user_;
    terminal_->set_privilege(privilege_of(host_.store, user, options_.line));
    terminal_->done();
  }

  SessionHost& host_;
  EntranceOptions options_;
  std::shared_ptr<CommandTerminal> terminal_;
  std::string user_;
  unsigned try_count_ = 0;
};

}  // namespace

void authenticate(SessionHost& host, const std::string& user, net::Secret typed, const std::string& address,
                  std::function<void(bool)> answer) {
  const auto found = find_user(host.store, user);
  const auto stored = found ? password_of(*found) : std::nullopt;
  host.verify(stored.value_or(nobodys_password()), std::move(typed),
              [&host, user, address, known = found.has_value(), can = stored.has_value(),
               answer = std::move(answer)](bool right) {
                log_attempt(host, user, known, address, can && right);
                answer(can && right);
              });
}

unsigned privilege_of(const config::View& configuration, const std::string& user, const LineSettings& line) {
  const auto found = find_user(configuration, user);
  if (found && found->privilege) return *found->privilege;
  return line.privilege.value_or(1);
}

void come_in(SessionHost& host, EntranceOptions options, std::shared_ptr<CommandTerminal> terminal) {
  std::make_shared<Entrance>(host, std::move(options), std::move(terminal))->begin();
}

}  // namespace culvert::cli
