#include "cli/ssh/front_channel.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "net/bytes.h"

namespace culvert::cli::ssh {
namespace {

constexpr std::size_t descriptor_count_max = 8, message_size_max = 64 * 1024, text_size_max = 32 * 1024;

struct Message {
  net::Bytes octets;
  std::vector<int> descriptors;
};

union Ancillary {
  cmsghdr header;
  std::array<char, CMSG_SPACE(descriptor_count_max * sizeof(int))> room;
};

bool send_message(int channel, const net::Bytes& octets, const std::vector<int>& descriptors) {
  Ancillary ancillary{};
  iovec part{const_cast<std::byte*>(octets.data()), octets.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    const auto size = descriptors.size() * sizeof(int);
    message.msg_control = ancillary.room.data();
    message.msg_controllen = CMSG_SPACE(size);
    auto* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(header), descriptors.data(), size);
  }
  return sendmsg(channel, &message, MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size());
}

std::vector<int> descriptors_of(msghdr& message) {
  std::vector<int> found;
  for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const auto count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    found.resize(count);
    memcpy(found.data(), CMSG_DATA(header), count * sizeof(int));
  }
  return found;
}

std::optional<Message> receive_message(int channel) {
  Message received{.octets = net::Bytes(message_size_max), .descriptors = {}};
  Ancillary ancillary{};
  iovec part{received.octets.data(), received.octets.size()};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = ancillary.room.data();
  message.msg_controllen = ancillary.room.size();
  const auto size = recvmsg(channel, &message, MSG_CMSG_CLOEXEC);
  if (size <= 0) return std::nullopt;
  received.octets.resize(static_cast<std::size_t>(size));
  received.descriptors = descriptors_of(message);
  return received;
}

void write_text(net::Writer& out, const std::string& text) {
  out.u32(static_cast<std::uint32_t>(text.size()));
  out.bytes(net::as_view(text));
}

std::optional<std::string> read_text(net::Reader& in) {
  const auto size = in.u32();
  const auto octets = size && *size <= text_size_max ? in.take(*size) : std::nullopt;
  if (!octets) return std::nullopt;
  return std::string(reinterpret_cast<const char*>(octets->data()), octets->size());
}

std::optional<FrontSettings> read_settings(net::Reader in) {
  FrontSettings settings;
  const auto name = read_text(in);
  const auto time_out = in.u16();
  const auto tries = in.u8(), key_count = in.u8();
  if (!name || !key_count) return std::nullopt;
  settings.router_name = *name;
  settings.time_out_s = *time_out;
  settings.try_count = *tries;
  for (unsigned i = 0; i < *key_count; ++i) {
    auto key = read_text(in);
    if (!key) return std::nullopt;
    settings.host_keys.push_back(std::move(*key));
  }
  return settings;
}

}  // namespace

bool send_settings(int channel, const FrontSettings& settings, const std::vector<int>& listeners) {
  net::Bytes octets;
  net::Writer out(octets);
  write_text(out, settings.router_name);
  out.u16(settings.time_out_s);
  out.u8(settings.try_count);
  out.u8(static_cast<std::uint8_t>(settings.host_keys.size()));
  for (const auto& key : settings.host_keys) write_text(out, key);
  const bool sent = send_message(channel, octets, listeners);
  explicit_bzero(octets.data(), octets.size());
  return sent;
}

std::optional<Start> receive_settings(int channel) {
  auto message = receive_message(channel);
  if (!message) return std::nullopt;
  auto settings = read_settings(net::Reader(message->octets));
  explicit_bzero(message->octets.data(), message->octets.size());
  if (!settings) return std::nullopt;
  return Start{std::move(*settings), std::move(message->descriptors)};
}

bool send_visitor(int channel, int descriptor, const std::string& address) {
  net::Bytes octets;
  net::Writer(octets).bytes(net::as_view(address));
  return send_message(channel, octets, {descriptor});
}

// The front is less trusted than who reads this: what is not as it should be ends the acquaintance.
std::optional<Visit> receive_visitor(int channel) {
  auto message = receive_message(channel);
  constexpr std::size_t address_size_max = 64;
  if (message && message->descriptors.size() == 1 && message->octets.size() <= address_size_max) {
    std::string address(reinterpret_cast<const char*>(message->octets.data()), message->octets.size());
    const auto fits = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || c == '.' || c == ':'; };
    if (std::ranges::all_of(address, fits)) return Visit{message->descriptors.front(), std::move(address)};
  }
  if (message)
    for (const auto descriptor : message->descriptors) close(descriptor);
  return std::nullopt;
}

}  // namespace culvert::cli::ssh
