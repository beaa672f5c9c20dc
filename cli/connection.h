// The terminal's end of the console socket.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>

#include "cli/frame.h"

namespace culvert::cli {

class RouterConnection {
 public:
  // The error says what is wrong, without the router's name: "no router answers at /run/...".
  static std::expected<RouterConnection, std::string> open(const std::filesystem::path& path);
  // A connection that stands already; takes the descriptor over.
  static RouterConnection of(int descriptor);
  RouterConnection(RouterConnection&& other) noexcept;
  RouterConnection& operator=(RouterConnection&& other) noexcept;
  ~RouterConnection();

  // False where the router is gone.
  bool send(const ClientFrame& frame);
  // Readable when frames may have come.
  int descriptor() const { return descriptor_; }
  // Takes what has come; waits for something where nothing has. False where the router is gone.
  bool receive();
  // The next frame of what was received. A router that breaks the protocol looks like one that refuses the session.
  std::optional<ServerFrame> next();
  // The next frame, waited for; nullopt where the router is gone.
  std::optional<ServerFrame> wait();

 private:
  explicit RouterConnection(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
  FrameReader<ServerFrame> reader_;
};

}  // namespace culvert::cli
