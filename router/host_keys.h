// The router's SSH keys: files in nvram that only their owner may read, replaced whole or not at all.
#pragma once

#include <expected>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cli/ssh_key.h"

namespace culvert::router {

class HostKeys {
 public:
  explicit HostKeys(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // PEM texts; a file that holds no key is as if it were not there.
  std::vector<std::string> all() const;
  // In the place of the one of its kind. The error ends "%Error ".
  std::expected<void, std::string> keep(cli::HostKeyKind kind, const std::string& pem) const;
  // Both kinds, or one. Until a key is kept again, none is to be made without being asked for.
  void zeroize(std::optional<cli::HostKeyKind> kind) const;
  bool is_zeroized() const;

 private:
  std::filesystem::path path(cli::HostKeyKind kind) const;
  std::filesystem::path zeroized() const { return folder_ / "ssh-keys-zeroized"; }
  std::filesystem::path folder_;
};

}  // namespace culvert::router
