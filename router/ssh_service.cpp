#include "router/ssh_service.h"

#include <fmt/format.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "cli/commands/line_mode.h"
#include "cli/commands/ssh_settings.h"

namespace culvert::router {
namespace {

constexpr std::uint16_t ssh_port = 22;

std::expected<int, std::string> listen_at(const net::Endpoint& endpoint) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(endpoint.port);
  address.sin_addr.s_addr = htonl(endpoint.address.v4_value());
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  const int on = 1;
  if (listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
      bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      listen(listener, SOMAXCONN) == 0)
    return listener;
  const auto error = fmt::format("cannot listen on {}:{}: {}", endpoint.address, endpoint.port, strerror(errno));
  if (listener >= 0) close(listener);
  return std::unexpected(error);
}

}  // namespace

SshService::SshService(boost::asio::io_context& loop, SshOptions options, Hooks hooks)
    : loop_(loop),
      options_(std::move(options)),
      hooks_(std::move(hooks)),
      keys_(options_.key_folder),
      front_(loop, {.visitor = hooks_.visitor,
                    .failed = [this](const std::string& why) { hooks_.log({"SSH", 3, "SERVER", why}); }}) {}

void SshService::configure(const config::View& configuration, std::set<net::Address> own) {
  const auto settings = configuration.global<cli::SshSettings>();
  time_out_s_ = settings.time_out_s.value_or(cli::ssh_time_out_s);
  try_count_ = settings.retries.value_or(cli::ssh_retries);
  wanted_ = cli::any_takes_ssh(configuration);
  own_ = std::move(own);
  if (wanted_ && !stack_tried_) open_stack();
  if (stack_) stack_->set_addresses(own_);
  settle();
}

void SshService::leave(std::function<void()> gone) {
  leaving_ = true;
  front_.leave(std::move(gone));
}

// Runs what is wanted and can be; stops what is not.
void SshService::settle() {
  if (leaving_) return;
  if (!wanted_) return front_.stop();
  const auto& now = front_.settings();
  if (front_.runs() && !keys_changed_ && now.time_out_s == time_out_s_ && now.try_count == try_count_) return;
  keys_changed_ = false;
  cli::ssh::FrontSettings settings{.router_name = options_.router_name,
                                   .host_keys = keys_.all(),
                                   .time_out_s = static_cast<std::uint16_t>(time_out_s_),
                                   .try_count = static_cast<std::uint8_t>(try_count_)};
  if (settings.host_keys.empty()) {
    front_.stop();
    return make_first_key();
  }
  const bool is_new = !front_.runs();
  front_.stop();
  auto listeners = open_listeners();
  if (listeners.empty()) return;
  front_.run(std::move(settings), std::move(listeners));
  if (is_new) hooks_.log({"SSH", 5, "ENABLED", "SSH 2.0 has been enabled"});
}

void SshService::make_first_key() {
  if (generating_ || keys_.is_zeroized()) return;
  generate(cli::HostKeyKind::rsa, rsa_bits, options_.router_name, [this](const std::string& error) {
    if (!error.empty()) hooks_.log({"SSH", 3, "SERVER", fmt::format("no key can be kept: Error {}", error)});
  });
}

void SshService::generate(cli::HostKeyKind kind, unsigned bits, const std::string& name,
                          std::function<void(std::string)> done) {
  generating_ = true;
  auto made = std::make_shared<std::string>();
  hooks_.elsewhere(
      [kind, bits, made] { *made = cli::generate_host_key(kind, bits); },
      [this, kind, name, made, done = std::move(done)] {
        generating_ = false;
        const auto kept = keys_.keep(kind, *made);
        keys_changed_ = true;
        explicit_bzero(made->data(), made->size());
        if (kept)
          hooks_.log({"CRYPTO_ENGINE", 5, "KEY_ADDITION",
                      fmt::format("A key named {} has been generated or imported by crypto-engine", name)});
        if (kept) settle();
        done(kept ? "" : kept.error());
      });
}

void SshService::zeroize(std::optional<cli::HostKeyKind> kind) {
  const bool ran = front_.runs();
  keys_.zeroize(kind);
  keys_changed_ = true;
  settle();
  if (ran && !front_.runs()) hooks_.log({"SSH", 5, "DISABLED", "SSH 2.0 has been disabled"});
}

std::vector<cli::HostKeyFacts> SshService::keys() const {
  std::vector<cli::HostKeyFacts> facts;
  for (auto& pem : keys_.all()) {
    facts.push_back(*cli::host_key_facts(pem));
    explicit_bzero(pem.data(), pem.size());
  }
  return facts;
}

void SshService::open_stack() {
  stack_tried_ = true;
  auto opened = HostStack::open();
  if (!opened) {
    hooks_.log({"SSH", 4, "NAMESPACE",
                fmt::format("{}; SSH is not reached at the addresses of the router's interfaces, only at those of "
                            "--ssh-listen",
                            opened.error())});
    return;
  }
  stack_.emplace(std::move(*opened));
  packets_.emplace(loop_, dup(stack_->descriptor()));
  wait_for_packets();
}

std::vector<int> SshService::open_listeners() {
  std::vector<int> listeners;
  const auto add = [&](const std::expected<int, std::string>& opened) {
    if (opened)
      listeners.push_back(*opened);
    else
      hooks_.log({"SSH", 3, "SERVER", opened.error()});
  };
  if (stack_) add(stack_->listen(ssh_port));
  for (const auto& endpoint : options_.management) add(listen_at(endpoint));
  return listeners;
}

void SshService::deliver(net::View packet) const {
  if (stack_) stack_->deliver(packet);
}

// A burst at a time, so that nobody else waits for long.
void SshService::wait_for_packets() {
  constexpr int burst = 64;
  packets_->async_wait(boost::asio::posix::stream_descriptor::wait_read,
                       [this](const boost::system::error_code& error) {
                         if (error) return;
                         for (int i = 0; i < burst; ++i) {
                           const auto packet = stack_->take();
                           if (!packet) break;
                           hooks_.inject(*packet);
                         }
                         wait_for_packets();
                       });
}

}  // namespace culvert::router
