#include "cli/ssh/visit.h"

#include <libssh/callbacks.h>
#include <libssh/server.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>

#include "cli/connection.h"
#include "cli/ssh/algorithms.h"
#include "cli/ssh/program.h"
#include "cli/ssh/relay.h"

namespace culvert::cli::ssh {
namespace {

struct Release {
  void operator()(ssh_session session) const { ssh_free(session); }
  void operator()(ssh_bind bind) const { ssh_bind_free(bind); }
  void operator()(ssh_event event) const { ssh_event_free(event); }
};
template <class Handle>
using Owned = std::unique_ptr<std::remove_pointer_t<Handle>, Release>;

class Visitor {
 public:
  Visitor(const VisitSockets& sockets, const FrontSettings& settings)
      : sockets_(sockets), settings_(settings), router_(RouterConnection::of(dup(sockets.session))) {}

  int serve() {
    alarm(settings_.time_out_s);
    if (!shake_hands()) return 1;
    while (!logged_in_ && try_count_ < settings_.try_count)
      if (ssh_event_dopoll(event_.get(), -1) == SSH_ERROR) return 1;
    if (!logged_in_) return leave();
    alarm(0);
    while (!begun_ && ssh_is_connected(session_.get()) != 0)
      if (ssh_event_dopoll(event_.get(), -1) == SSH_ERROR) return 1;
    return begun_ ? play() : 1;
  }

 private:
  bool shake_hands();
  bool set_up_bind();
  void set_callbacks();
  int leave() const {
    ssh_disconnect(session_.get());
    return 0;
  }

  // Before the visitor hears of it: he may come again at once.
  void tell_front() const {
    const char news = 1;
    [[maybe_unused]] const auto told = write(sockets_.news, &news, sizeof news);
  }

  bool check(const std::string& user, const char* password) {
    ++try_count_;
    const auto text = [](const char* name) { return std::string(name == nullptr ? "" : name); };
    if (!router_.send(
            Login{user, password, text(ssh_get_cipher_in(session_.get())), text(ssh_get_hmac_in(session_.get()))}))
      return false;
    const auto answer = router_.wait();
    const auto* verdict = answer ? std::get_if<Verdict>(&*answer) : nullptr;
    logged_in_ = verdict != nullptr && verdict->accepted;
    if (logged_in_) tell_front();
    return logged_in_;
  }
  // Keyboard-interactive: one question, the password.
  int take(ssh_message message);
  int answer(ssh_message message, bool accepted) const {
    if (!accepted) return 1;
    ssh_message_auth_reply_success(message, 0);
    return 0;
  }

  ssh_channel open_channel();
  int play();
  void await_farewell() const;

  // What the callbacks of libssh, which knows `this` as its user data, are told.
  static Visitor& of(void* self) { return *static_cast<Visitor*>(self); }
  static int on_password(ssh_session, const char* user, const char* password, void* self) {
    return of(self).check(user, password) ? SSH_AUTH_SUCCESS : SSH_AUTH_DENIED;
  }
  static int on_message(ssh_session, ssh_message message, void* self) { return of(self).take(message); }
  static ssh_channel on_open(ssh_session, void* self) { return of(self).open_channel(); }
  static int on_pty(ssh_session, ssh_channel, const char*, int columns, int lines, int, int, void* self) {
    of(self).screen_ = Screen{static_cast<std::uint16_t>(columns), static_cast<std::uint16_t>(lines)};
    return 0;
  }
  static int on_window(ssh_session, ssh_channel, int columns, int lines, int, int, void* self) {
    resize(of(self).program_, {static_cast<std::uint16_t>(columns), static_cast<std::uint16_t>(lines)});
    return 0;
  }
  static int on_shell(ssh_session, ssh_channel, void* self) { return of(self).begin(std::nullopt); }
  static int on_exec(ssh_session, ssh_channel, const char* command, void* self) { return of(self).begin(command); }

  // The one program of this visit; 0 where it has begun.
  int begin(std::optional<std::string> command) {
    if (begun_) return 1;
    program_ = start_program({.screen = screen_,
                              .command = std::move(command),
                              .session = sockets_.session,
                              .router_name = settings_.router_name});
    begun_ = program_.process > 0;
    return begun_ ? 0 : 1;
  }

  VisitSockets sockets_;
  const FrontSettings& settings_;
  RouterConnection router_;
  Owned<ssh_bind> bind_;
  Owned<ssh_session> session_;
  Owned<ssh_event> event_;
  ssh_server_callbacks_struct server_{};
  ssh_channel_callbacks_struct requests_{};
  ssh_channel channel_ = nullptr;
  std::optional<Screen> screen_;
  Program program_;
  std::string user_;  // who was asked for a password
  unsigned try_count_ = 0;
  bool logged_in_ = false, begun_ = false;
};

bool Visitor::set_up_bind() {
  bind_.reset(ssh_bind_new());
  const bool off = false;
  const int rsa_bits_min = 2048;
  const auto set = [this](ssh_bind_options_e option, const void* value) {
    return ssh_bind_options_set(bind_.get(), option, value) == 0;
  };
  bool good = set(SSH_BIND_OPTIONS_PROCESS_CONFIG, &off) && set(SSH_BIND_OPTIONS_BANNER, "Culvert") &&
              set(SSH_BIND_OPTIONS_RSA_MIN_SIZE, &rsa_bits_min) && set(SSH_BIND_OPTIONS_KEY_EXCHANGE, key_exchanges) &&
              set(SSH_BIND_OPTIONS_CIPHERS_C_S, ciphers) && set(SSH_BIND_OPTIONS_CIPHERS_S_C, ciphers) &&
              set(SSH_BIND_OPTIONS_HMAC_C_S, macs) && set(SSH_BIND_OPTIONS_HMAC_S_C, macs);
  for (const auto& text : settings_.host_keys) {
    ssh_key key = nullptr;
    good = good && ssh_pki_import_privkey_base64(text.c_str(), nullptr, nullptr, nullptr, &key) == SSH_OK &&
           set(SSH_BIND_OPTIONS_IMPORT_KEY, key);
  }
  return good && set(SSH_BIND_OPTIONS_HOSTKEY_ALGORITHMS, host_key_algorithms);
}

bool Visitor::shake_hands() {
  if (!set_up_bind()) return false;
  session_.reset(ssh_new());
  set_callbacks();
  if (ssh_bind_accept_fd(bind_.get(), session_.get(), sockets_.connection) != SSH_OK) return false;
  ssh_set_auth_methods(session_.get(), SSH_AUTH_METHOD_PASSWORD | SSH_AUTH_METHOD_INTERACTIVE);
  if (ssh_handle_key_exchange(session_.get()) != SSH_OK) return false;
  event_.reset(ssh_event_new());
  return ssh_event_add_session(event_.get(), session_.get()) == SSH_OK;
}

void Visitor::set_callbacks() {
  server_.userdata = this;
  server_.auth_password_function = on_password;
  server_.channel_open_request_session_function = on_open;
  ssh_callbacks_init(&server_);
  ssh_set_server_callbacks(session_.get(), &server_);
  ssh_set_message_callback(session_.get(), on_message, this);
  requests_.userdata = this;
  requests_.channel_pty_request_function = on_pty;
  requests_.channel_pty_window_change_function = on_window;
  requests_.channel_shell_request_function = on_shell;
  requests_.channel_exec_request_function = on_exec;
  ssh_callbacks_init(&requests_);
}

// 0: dealt with; 1: to be answered by a refusal, which names the methods there are.
int Visitor::take(ssh_message message) {
  if (ssh_message_type(message) != SSH_REQUEST_AUTH || ssh_message_subtype(message) != SSH_AUTH_METHOD_INTERACTIVE)
    return 1;
  if (ssh_message_auth_kbdint_is_response(message) == 0) {
    const char* user = ssh_message_auth_user(message);
    user_ = user == nullptr ? "" : user;
    const char* questions[] = {"Password: "};
    char echo[] = {0};
    ssh_message_auth_interactive_request(message, "", "", 1, questions, echo);
    return 0;
  }
  if (ssh_userauth_kbdint_getnanswers(session_.get()) != 1) return 1;
  return answer(message, check(user_, ssh_userauth_kbdint_getanswer(session_.get(), 0)));
}

ssh_channel Visitor::open_channel() {
  if (!logged_in_ || channel_ != nullptr) return nullptr;
  channel_ = ssh_channel_new(session_.get());
  ssh_set_channel_callbacks(channel_, &requests_);
  return channel_;
}

// The visitor's client hangs up when it has seen the end; one that does not is left to itself.
void Visitor::await_farewell() const {
  constexpr unsigned patience_s = 5;
  alarm(patience_s);
  while (ssh_is_connected(session_.get()) != 0 && ssh_event_dopoll(event_.get(), -1) != SSH_ERROR) continue;
}

int Visitor::play() {
  close(sockets_.session);
  Relay relay(session_.get(), event_.get(), channel_, program_);
  if (relay.run()) {
    ssh_channel_request_send_exit_status(channel_, exit_status(program_));
    ssh_channel_send_eof(channel_);
    ssh_channel_close(channel_);
    await_farewell();
  }
  return leave();
}

}  // namespace

int serve(const VisitSockets& sockets, const FrontSettings& settings) {
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGALRM, SIG_DFL);
  return Visitor(sockets, settings).serve();
}

}  // namespace culvert::cli::ssh
