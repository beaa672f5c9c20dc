// Hears from the kernel when a Linux interface gains or loses its carrier, so that routing turns away from a dead link
// at once and not at the next look.
#pragma once

#include <functional>
#include <optional>

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

namespace culvert::router {

class LinkWatch {
 public:
  // `changed` is called when some interface of this network namespace is another; which one, and whether it matters, is
  // for the listener to look up. Where the kernel gives no such socket, nothing is heard and the listener must look.
  LinkWatch(boost::asio::io_context& loop, std::function<void()> changed);

 private:
  void wait();
  void drain();

  std::optional<boost::asio::posix::stream_descriptor> socket_;
  std::function<void()> changed_;
};

}  // namespace culvert::router
