// culvert-ssh: the SSH front of a router. Started by culvertd, which hands it its sockets; it keeps no right of its
// own.
#include <fcntl.h>
#include <fmt/core.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>

#include "cli/ssh/front.h"

namespace {

namespace ssh = culvert::cli::ssh;

// Root becomes nobody; where the system has nobody to become, at least nothing special can be done.
void give_up_rights() {
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);
  if (geteuid() == 0) {
    const auto* nobody = getpwnam("nobody");
    const gid_t group = nobody == nullptr ? 65534 : nobody->pw_gid;
    const uid_t user = nobody == nullptr ? 65534 : nobody->pw_uid;
    if (setgroups(0, nullptr) != 0 || setresgid(group, group, group) != 0 || setresuid(user, user, user) != 0)
      fmt::print(stderr, "culvert-ssh: there is no other user to run as\n");
  }
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_DUMPABLE, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct nothing[2]{};
  syscall(SYS_capset, &header, nothing);
}

}  // namespace

int main(int argc, char**) {
  if (argc != 1 || fcntl(ssh::channel_descriptor, F_GETFD) < 0) {
    fmt::print(stderr, "culvert-ssh: culvertd starts this program; nobody else does\n");
    return 2;
  }
  close_range(ssh::channel_descriptor + 1, ~0U, 0);
  std::signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  auto start = ssh::receive_settings(ssh::channel_descriptor);
  if (!start) return 1;
  give_up_rights();
  ssh::Front(ssh::channel_descriptor, std::move(*start)).run();
  return 0;
}
