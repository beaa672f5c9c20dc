// A small router's configuration for the tests of the store: one mode of every kind, with the irregularities of IOS.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config-store/registry.h"
#include "net/address.h"

namespace culvert::config::sample {

struct Proposal {
  std::string name;
  std::vector<std::string> encryption, integrity;
  bool operator==(const Proposal&) const = default;
};
struct Keyring {
  std::string name;
  bool operator==(const Keyring&) const = default;
};
struct PreSharedKey {
  std::optional<std::string> direction;
  std::string key;
  bool operator==(const PreSharedKey&) const = default;
};
struct Peer {
  std::string keyring, name;
  std::optional<net::Address> address;
  std::vector<PreSharedKey> keys;
  bool operator==(const Peer&) const = default;
};
struct RemoteMatch {
  std::optional<net::Address> address, mask;
  std::optional<std::string> fqdn;
  bool operator==(const RemoteMatch&) const = default;
};
struct Profile {
  std::string name;
  std::vector<RemoteMatch> match_remote;
  std::optional<std::uint32_t> lifetime_s;
  std::vector<std::string> proposals;
  bool config_exchange = true;
  bool operator==(const Profile&) const = default;
};
struct TransformSet {
  std::string name;
  std::vector<std::string> transforms;
  std::optional<std::string> mode;
  bool operator==(const TransformSet&) const = default;
};
struct Policy {
  std::uint32_t priority = 0;
  std::optional<std::string> hash;
  bool operator==(const Policy&) const = default;
};
struct Interface {
  std::string name;
  std::optional<std::string> description;
  bool shutdown = false;
  bool operator==(const Interface&) const = default;
};
struct InterfaceAddress {
  net::Address address, mask;
  bool secondary = false;
  bool operator==(const InterfaceAddress&) const = default;
};
struct InterfaceIp {  // the second room's part of an interface
  std::string name;
  std::optional<InterfaceAddress> address;
  std::vector<std::string> access_groups;
  bool operator==(const InterfaceIp&) const = default;
};
struct Host {
  std::optional<std::string> hostname;
  bool classless = true;
  bool operator==(const Host&) const = default;
};
struct Route {
  net::Address network, mask;
  std::string via;
  std::optional<std::uint32_t> distance;
  bool operator==(const Route&) const = default;
};
struct Routes {
  std::vector<Route> routes;
  bool operator==(const Routes&) const = default;
};

// Everything above, complete; the two rooms are added in an order in which extensions come first.
Registry registry();

}  // namespace culvert::config::sample
