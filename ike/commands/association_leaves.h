// What an ESP security association shall be like: the same settings for the whole router, under
// `crypto ipsec security-association`, and for one profile, under `set security-association`, which wins.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config-store/codec.h"
#include "config-store/definition.h"
#include "ike/commands/definitions.h"

template <>
struct culvert::config::Codec<culvert::ike::VolumeLimit> {
  using Value = culvert::ike::VolumeLimit;
  static Value decode(const parser::Arguments& a) {
    return {a.has("kilobytes") ? TextCodec<std::uint32_t>::decode(a["kilobytes"]) : 0};
  }
  static parser::Arguments encode(const Value& limit) {
    parser::Arguments a;
    limit.kilobytes == 0 ? a.add("state", "disable") : a.add("kilobytes", std::to_string(limit.kilobytes));
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::ike::ReplayCheck> {
  using Value = culvert::ike::ReplayCheck;
  static Value decode(const parser::Arguments& a) {
    return {a.has("size") ? TextCodec<std::uint32_t>::decode(a["size"]) : 0};
  }
  static parser::Arguments encode(const Value& check) {
    parser::Arguments a;
    check.window_packets == 0 ? a.add("state", "disable") : a.add("size", std::to_string(check.window_packets));
    return a;
  }
};

namespace culvert::ike {

// The leaves behind `keywords` (with their help), bound to the members of that name of a row. `order` is the first of
// four.
template <class Row>
std::vector<config::LeafDefinition> association_leaves(const std::string& keywords,
                                                       const std::vector<std::string>& help, int order,
                                                       bool one_block) {
  const auto after = [&](std::vector<std::string> more) {
    auto all = help;
    all.insert(all.end(), more.begin(), more.end());
    return all;
  };
  const auto place = [&](int nth) { return one_block ? order : order + nth; };
  const std::string lifetime = "Security association lifetime";
  return {
      config::leaf(
          keywords + " lifetime seconds <seconds:u32(120-2592000)>", &Row::lifetime_s,
          {.help = after({lifetime, "Time-based key duration in seconds", "Security association duration in seconds"}),
           .order = place(0)}),
      config::leaf(
          keywords + " lifetime kilobytes (<kilobytes:u32(2560-4294967295)>|state:(disable))", &Row::lifetime_kb,
          {.help = after({lifetime, "Volume-based key duration", "Security association duration in kilobytes encrypted",
                          "Disable volume-based rekeying"}),
           .order = place(1)}),
      config::leaf(keywords + " idle-time <seconds:u32(60-86400)>", &Row::idle_time_s,
                   {.help = after({"Automatically delete IPSec SAs after a given idle period.",
                                   "Idle time, after which an SA is deleted, in seconds"}),
                    .order = place(2)}),
      config::leaf(keywords + " replay (window-size size:(64|128|256|512|1024)|state:(disable))", &Row::replay,
                   {.help = after({"Set replay checking.", "Set replay window size.", "Window size of 64 (default)",
                                   "Window size of 128", "Window size of 256", "Window size of 512",
                                   "Window size of 1024", "Disable replay checking"}),
                    .order = place(3)}),
  };
}

}  // namespace culvert::ike
