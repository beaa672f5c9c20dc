// Network namespaces without names: they exist while this process holds them, so a crash leaves nothing behind.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace culvert::test {

class NetworkNamespace {
 public:
  NetworkNamespace();  // a new one, its loopback down
  ~NetworkNamespace();
  NetworkNamespace(const NetworkNamespace&) = delete;
  NetworkNamespace& operator=(const NetworkNamespace&) = delete;

  // Runs `action` with the calling thread inside the namespace; sockets it opens stay there.
  void inside(const std::function<void()>& action) const;
  // `ip` with these words, inside. Throws if it fails.
  void ip(const std::string& words) const;
  // What `ip link set … netns` takes.
  std::string path() const;

 private:
  int fd_ = -1;
};

// Runs a program and waits; throws if it cannot be run or fails.
void run(const std::vector<std::string>& words);

// Root inside a user namespace of its own. Before the process has a second thread.
void enter_user_namespace();

}  // namespace culvert::test
