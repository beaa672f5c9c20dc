// What a terminal and its session say to each other over the router's console socket.
//
// A frame is a 32-bit length of what follows, an 8-bit kind and a body; numbers are in network order, and a text is a
// 32-bit length and its octets. The first frame of a terminal is Hello, which carries the version of this protocol.
// Decoding is total: any octets are acceptable input, and nothing longer than frame_size_max is ever kept.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <variant>

#include "net/bytes.h"

namespace culvert::cli {

constexpr std::uint16_t protocol_version = 2;
constexpr std::size_t frame_size_max = 256 * 1024;  // kind and body; a longer Output is sent as several
constexpr std::size_t typed_size_max = 64 * 1024;   // of a text that a terminal sends

// How the terminal came to the router.
enum class LineKind : std::uint8_t {
  console,  // a person at the console: user mode first
  command,  // `culvert -c` or a script: privileged from the start
  ssh,
  telnet,
};

// From the terminal.
struct Hello {
  std::uint16_t version = protocol_version;
  LineKind kind = LineKind::console;
  std::uint16_t width = 80, height = 24;  // of the screen; 0 = unlimited
  bool interactive = true;                // somebody reads along: pages are held, questions wait for a key
  bool operator==(const Hello&) const = default;
};
struct Line {  // an answer to Prompt::Kind::command
  std::string text;
  bool control_z = false;  // ended by Ctrl-Z: run it, then leave configuration mode
  bool operator==(const Line&) const = default;
};
struct Help {  // the line before the question mark; answered by Output and Helped
  std::string line;
  bool operator==(const Help&) const = default;
};
struct Complete {  // answered by Completed
  std::string line;
  bool operator==(const Complete&) const = default;
};
struct Answer {  // to every other kind of Prompt
  std::string text;
  bool operator==(const Answer&) const = default;
};
struct Interrupt {  // Ctrl-C or Ctrl-Shift-6 while a command runs or asks
  bool operator==(const Interrupt&) const = default;
};
struct Resize {
  std::uint16_t width = 80, height = 24;
  bool operator==(const Resize&) const = default;
};
struct Login {  // where somebody must log in before Hello; answered by Verdict
  std::string user, password;
  std::string cipher, mac;  // of the connection
  bool operator==(const Login&) const = default;
};
using ClientFrame = std::variant<Hello, Line, Help, Complete, Answer, Interrupt, Resize, Login>;

// From the session.
struct Output {
  std::string text;    // "\n" line ends; a terminal makes them what it needs
  bool error = false;  // says why a line was refused
  bool operator==(const Output&) const = default;
};
struct Prompt {
  enum class Kind : std::uint8_t {
    command,   // the next Line
    question,  // an Answer of one line
    confirm,   // an Answer of one key; Enter is the empty text
    more,      // the same; the prompt is to be wiped from the screen when the key has come
    greeting,  // an empty Answer when RETURN has been pressed: a console that nobody has used yet
  };
  Kind kind = Kind::command;
  std::string text;
  bool echo = true;     // false: a password
  bool failed = false;  // the line before this prompt was refused, or its command failed
  bool secret = false;  // the line before this prompt held one, and is to be remembered nowhere
  bool operator==(const Prompt&) const = default;
};
struct Completed {  // nothing to complete: an empty text
  std::string line;
  bool operator==(const Completed&) const = default;
};
struct Helped {
  bool operator==(const Helped&) const = default;
};
struct Width {  // `terminal width`: the columns of a line before it scrolls, 0 = unlimited
  std::uint16_t columns = 80;
  bool operator==(const Width&) const = default;
};
struct Close {
  enum class Reason : std::uint8_t { logout, reload, refused, shutdown };
  Reason reason = Reason::logout;
  std::uint8_t status = 0;  // what a program that ran for this session alone exits with
  std::string text;         // for Reason::refused: why
  bool operator==(const Close&) const = default;
};
struct Verdict {
  bool accepted = false;
  bool operator==(const Verdict&) const = default;
};
using ServerFrame = std::variant<Output, Prompt, Completed, Helped, Width, Close, Verdict>;

// Appends one frame to `out`. Requires: it is no longer than frame_size_max.
void encode(const ClientFrame& frame, net::Bytes& out);
void encode(const ServerFrame& frame, net::Bytes& out);

enum class FrameError { too_long, unknown_kind, malformed };

// Cuts a stream of octets into frames. After an error the stream is of no more use.
template <class Frame>
class FrameReader {
 public:
  void feed(net::View octets);
  // The next whole frame; nullopt where more octets are needed.
  std::expected<std::optional<Frame>, FrameError> next();

 private:
  void forget(std::size_t size);
  net::Bytes buffer_;
};
extern template class FrameReader<ClientFrame>;
extern template class FrameReader<ServerFrame>;

}  // namespace culvert::cli
