// Fragments stay fragments: what DPDK's packet-socket driver asks of the kernel beyond our wish is taken back.
//
// The driver joins a fanout group with PACKET_FANOUT_FLAG_DEFRAG, so the kernel would reassemble fragments in transit
// and hand over datagrams that no port can carry. The driver has no switch for it; the link wraps setsockopt() instead
// (see CMakeLists.txt), and the flag is dropped on its way.
#include <linux/if_packet.h>
#include <sys/socket.h>

#include <cstring>

extern "C" {

int __real_setsockopt(int socket, int level, int name, const void* value, socklen_t size);

// NOLINTNEXTLINE(bugprone-reserved-identifier): the linker's name for it
int __wrap_setsockopt(int socket, int level, int name, const void* value, socklen_t size) {
  if (level != SOL_PACKET || name != PACKET_FANOUT || size != sizeof(unsigned))
    return __real_setsockopt(socket, level, name, value, size);
  unsigned fanout = 0;
  std::memcpy(&fanout, value, sizeof fanout);
  fanout &= ~(unsigned{PACKET_FANOUT_FLAG_DEFRAG} << 16);
  return __real_setsockopt(socket, level, name, &fanout, sizeof fanout);
}

}  // extern "C"
