// The keys by which a router proves to SSH clients who it is.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace culvert::cli {

enum class HostKeyKind { rsa, ec };

// Slow, for RSA: a second and more. PEM text; wipe it when it is no longer needed.
std::string generate_host_key(HostKeyKind kind, unsigned bits);

struct HostKeyFacts {
  HostKeyKind kind;
  unsigned bits;
  std::string public_line;  // "ssh-rsa AAAA..."
};
// nullopt: `pem` is no key of these kinds.
std::optional<HostKeyFacts> host_key_facts(std::string_view pem);

}  // namespace culvert::cli
