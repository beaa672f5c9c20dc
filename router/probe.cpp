#include "router/probe.h"

namespace culvert::router {

std::optional<net::Address> probe_source(const ProbeHooks& hooks, const parser::Arguments& arguments,
                                         net::Address destination) {
  if (const auto* interface = arguments.find("interface")) return hooks.address_of(*interface);
  if (const auto* text = arguments.find("source")) {
    const auto address = net::Address::parse(*text);
    return address && hooks.is_ours(*address) ? address : std::nullopt;
  }
  return hooks.source_towards(destination);
}

bool asks_for_source(const parser::Arguments& arguments) {
  return arguments.has("interface") || arguments.has("source");
}

std::uint32_t number_of(const parser::Arguments& arguments, const char* name, std::uint32_t fallback) {
  const auto* text = arguments.find(name);
  return text != nullptr ? static_cast<std::uint32_t>(std::stoul(*text)) : fallback;
}

void fail_with(const std::shared_ptr<parser::Terminal>& terminal, std::string_view text) {
  terminal->write(text);
  terminal->fail();
  terminal->done();
}

}  // namespace culvert::router
