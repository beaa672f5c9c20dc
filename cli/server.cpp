#include "cli/server.h"

#include <fmt/core.h>
#include <fmt/std.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <cctype>
#include <functional>
#include <set>

namespace culvert::cli {
namespace {

namespace asio = boost::asio;
namespace fs = std::filesystem;
using Local = asio::local::stream_protocol;
using boost::system::error_code;

// What may be shown of what the front said.
std::string algorithm_name(const std::string& said) {
  std::string name;
  for (const auto c : said.substr(0, 64))
    if (std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-' || c == '@' || c == '.') name += c;
  return name;
}

}  // namespace

// One terminal: its socket, its session, and what waits to be written to it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Gone = std::function<void(const std::shared_ptr<Connection>&)>;

  Connection(Local::socket socket, const SessionFactory& factory, Gone gone)
      : socket_(std::move(socket)), factory_(factory), gone_(std::move(gone)) {
    socket_.non_blocking(true);
  }
  // Somebody from `address` must log in first.
  void guard(std::string address, LoginCheck check) {
    visitor_.address = std::move(address);
    check_ = std::move(check);
  }
  bool is_guarded() const { return check_ != nullptr; }

  void read() {
    socket_.async_read_some(asio::buffer(chunk_), [self = shared_from_this()](error_code error, std::size_t size) {
      if (error) return self->disappear();
      self->reader_.feed(net::View(self->chunk_).first(size));
      explicit_bzero(self->chunk_.data(), size);
      self->take_frames();
      if (!self->closing_) self->read();
    });
  }

  void broadcast(std::string_view text, Audience audience) {
    if (!session_) return;
    if (pending_.size() > Server::announce_size_max) {
      ++missed_;
      return;
    }
    if (const auto missed = std::exchange(missed_, 0); missed != 0)
      session_->announce(fmt::format("%SYS-3-LOGGER_DROPPED: {} messages dropped\n", missed), audience);
    session_->announce(text, audience);
  }

  void finish(Close::Reason reason) {
    if (closing_) return;
    if (session_) session_->lost();
    emit(Close{reason, 0, {}});
  }

  void disappear() {
    if (std::exchange(disappeared_, true)) return;
    const auto self = shared_from_this();
    closing_ = true;
    if (session_) session_->lost();
    error_code ignored;
    socket_.close(ignored);
    gone_(self);
  }

 private:
  void take_frames() {
    while (!closing_) {
      auto frame = reader_.next();
      if (!frame) return refuse("the terminal does not speak this protocol");
      if (!*frame) return;
      if (session_)
        session_->receive(std::move(**frame));
      else if (check_ && visitor_.user.empty())
        log_in(std::move(**frame));
      else
        greet(std::move(**frame));
    }
  }

  void log_in(ClientFrame frame) {
    auto* login = std::get_if<Login>(&frame);
    if (login == nullptr || login->user.empty() || std::exchange(checking_, true))
      return refuse("nobody has logged in");
    visitor_.cipher = algorithm_name(login->cipher);
    visitor_.mac = algorithm_name(login->mac);
    auto password = as_secret(login->password);
    explicit_bzero(login->password.data(), login->password.size());
    check_(login->user, std::move(password), visitor_.address,
           [weak = weak_from_this(), user = login->user](bool accepted) {
             const auto self = weak.lock();
             if (!self || self->closing_) return;
             self->checking_ = false;
             if (accepted) self->visitor_.user = user;
             self->emit(Verdict{accepted});
           });
  }

  void greet(ClientFrame frame) {
    const auto* hello = std::get_if<Hello>(&frame);
    if (hello == nullptr) return refuse("the terminal did not say hello");
    if (hello->version != protocol_version) {
      return refuse(
          fmt::format("the router speaks version {} of the console protocol, and this terminal version {}: "
                      "use the culvert program that was installed with culvertd",
                      protocol_version, hello->version));
    }
    session_ = factory_(*hello, [this](const ServerFrame& out) { emit(out); }, visitor_);
    session_->start();
  }

  void refuse(std::string why) { emit(Close{Close::Reason::refused, 1, std::move(why)}); }

  void emit(const ServerFrame& frame) {
    if (closing_) return;
    closing_ = std::holds_alternative<Close>(frame);
    encode(frame, pending_);
    if (!waits_) flush();
    if (pending_.size() > Server::unread_size_max) disappear_soon();
  }

  // Writes what the socket takes at once; the rest when it takes more.
  void flush() {
    error_code error;
    std::size_t sent = 0;
    while (!error && sent < pending_.size()) sent += socket_.write_some(asio::buffer(pending_) + sent, error);
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(sent));
    waits_ = error == asio::error::would_block || error == asio::error::try_again;
    if (waits_) {
      socket_.async_wait(Local::socket::wait_write, [self = shared_from_this()](error_code failed) {
        if (failed)
          self->disappear();
        else
          self->flush();
      });
    } else if (error || closing_) {
      disappear_soon();
    }
  }

  // Not at once: the session may be in the middle of a sentence.
  void disappear_soon() {
    closing_ = true;
    asio::post(socket_.get_executor(), [self = shared_from_this()] { self->disappear(); });
  }

  Local::socket socket_;
  const SessionFactory& factory_;
  Gone gone_;
  Visitor visitor_;
  LoginCheck check_;  // empty at a console
  bool checking_ = false;
  std::array<std::byte, 16384> chunk_{};
  FrameReader<ClientFrame> reader_;
  net::Bytes pending_;      // to be written
  std::size_t missed_ = 0;  // messages of the log, while too much was pending
  bool waits_ = false;      // for the socket to take more of it
  bool closing_ = false, disappeared_ = false;
  std::unique_ptr<Session> session_;
};

class Server::Listener : public std::enable_shared_from_this<Listener> {
 public:
  Listener(asio::io_context& io, fs::path path, SessionFactory factory)
      : path_(std::move(path)), factory_(std::move(factory)), acceptor_(io) {}

  error_code bind() {
    error_code error;
    acceptor_.open(Local(), error);
    if (!error) acceptor_.bind(Local::endpoint(path_.string()), error);
    if (!error && ::chmod(path_.c_str(), 0600) != 0) error.assign(errno, boost::system::system_category());
    bound_ = !error;
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    return error;
  }

  void accept() {
    acceptor_.async_accept([self = shared_from_this()](error_code error, Local::socket socket) {
      if (error == asio::error::operation_aborted || self->closed_) return;
      if (!error) self->welcome(std::move(socket));
      self->accept();
    });
  }

  void adopt(int descriptor, std::string address, LoginCheck check) {
    Local::socket socket(acceptor_.get_executor());
    error_code error;
    socket.assign(Local(), descriptor, error);
    if (error) ::close(descriptor);
    const auto is_guarded = [](const auto& one) { return one->is_guarded(); };
    if (error || closed_ || std::ranges::count_if(connections_, is_guarded) >= guarded_count_max) return;
    const auto connection = make(std::move(socket));
    connection->guard(std::move(address), std::move(check));
    connection->read();
  }

  void broadcast(std::string_view text, Audience audience) {
    for (const auto& connection : std::set(connections_)) connection->broadcast(text, audience);
  }

  void close(Close::Reason reason) {
    if (std::exchange(closed_, true)) return;
    error_code ignored;
    acceptor_.close(ignored);
    if (bound_) fs::remove(path_, ignored);
    for (const auto& connection : std::set(connections_)) connection->finish(reason);
  }

  void drop_all() {
    for (const auto& connection : std::exchange(connections_, {})) connection->disappear();
  }

  std::size_t size() const { return connections_.size(); }

 private:
  void welcome(Local::socket socket) {
    const auto is_guarded = [](const auto& one) { return one->is_guarded(); };
    const auto here = std::ranges::count_if(connections_, std::not_fn(is_guarded));
    if (here < connection_count_max) make(std::move(socket))->read();  // else the socket closes as it goes out of scope
  }

  std::shared_ptr<Connection> make(Local::socket socket) {
    auto connection =
        std::make_shared<Connection>(std::move(socket), factory_, [weak = weak_from_this()](const auto& gone) {
          if (const auto self = weak.lock()) self->connections_.erase(gone);
        });
    connections_.insert(connection);
    return connection;
  }

  // Strangers at the front cannot keep anybody from the console.
  static constexpr std::ptrdiff_t connection_count_max = 64, guarded_count_max = 32;
  fs::path path_;
  SessionFactory factory_;
  Local::acceptor acceptor_;
  std::set<std::shared_ptr<Connection>> connections_;
  bool bound_ = false, closed_ = false;
};

namespace {

bool somebody_listens(asio::io_context& io, const fs::path& path) {
  Local::socket probe(io);
  error_code error;
  probe.connect(Local::endpoint(path.string()), error);
  return !error;
}

// Whether nobody else can put a socket of theirs in the place of one in this folder.
bool is_safe(const fs::path& folder) {
  struct stat facts{};
  if (::stat(folder.c_str(), &facts) != 0) return false;
  const bool of_trusted_owner = facts.st_uid == ::geteuid() || facts.st_uid == 0;
  return of_trusted_owner && ((facts.st_mode & S_IWOTH) == 0 || (facts.st_mode & S_ISVTX) != 0);
}

}  // namespace

std::expected<std::unique_ptr<Server>, std::string> Server::open(asio::io_context& io, const fs::path& path,
                                                                 SessionFactory factory) {
  constexpr std::size_t path_size_max = sizeof(sockaddr_un{}.sun_path) - 1;
  if (path.string().size() > path_size_max) {
    return std::unexpected(
        fmt::format("The console socket {} has a name of more than {} characters; set CULVERT_RUN to "
                    "a shorter folder",
                    path.string(), path_size_max));
  }
  std::error_code folder_error;
  if (fs::create_directories(path.parent_path(), folder_error)) {
    fs::permissions(path.parent_path(), fs::perms::owner_all, folder_error);
  }
  const auto folder = path.parent_path();
  if (!folder_error && !(is_safe(folder) && is_safe(folder / ".."))) {
    return std::unexpected(fmt::format(
        "Others may write to {} or the folder above it; set CULVERT_RUN to a folder of your own", folder.string()));
  }
  std::error_code ignored;
  if (fs::is_socket(path, ignored)) {
    if (somebody_listens(io, path)) {
      return std::unexpected(fmt::format("A router already answers at {}; choose another --name", path.string()));
    }
    fs::remove(path, ignored);
  }
  auto listener = std::make_shared<Listener>(io, path, std::move(factory));
  if (const auto error = listener->bind()) {
    return std::unexpected(
        fmt::format("Cannot make the console socket {}: {}; set CULVERT_RUN to a folder that you "
                    "may write to",
                    path.string(), error.message()));
  }
  return std::unique_ptr<Server>(new Server(std::move(listener)));
}

Server::Server(std::shared_ptr<Listener> listener) : listener_(std::move(listener)) {}
Server::~Server() {
  close(Close::Reason::shutdown);
  listener_->drop_all();
}
void Server::start() { listener_->accept(); }
void Server::broadcast(std::string_view text, Audience audience) { listener_->broadcast(text, audience); }
void Server::adopt(int descriptor, std::string address, LoginCheck check) {
  listener_->adopt(descriptor, std::move(address), std::move(check));
}
void Server::close(Close::Reason reason) { listener_->close(reason); }
std::size_t Server::session_count() const { return listener_->size(); }

}  // namespace culvert::cli
