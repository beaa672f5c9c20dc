#include "routing/commands/route_text.h"

#include <array>
#include <chrono>

#include <fmt/format.h>

namespace culvert::routing {

namespace {

struct SourceText {
  std::string_view code, name;
};
constexpr std::array<SourceText, 4> source_texts{{{"C", "connected"}, {"L", "local"}, {"S", "static"}, {"D", "eigrp"}}};

const SourceText& text_of(Source source) { return source_texts[static_cast<std::size_t>(source)]; }

// "[1/0] via 192.0.2.254", "is directly connected, GigabitEthernet2", "[90/3072] via 10.1.0.2, 00:00:12, Tunnel0".
std::string leads(const Path& path, const NextHop& hop, const std::string& age) {
  const auto learned = path.origin.source == Source::eigrp && !age.empty() ? ", " + age : "";
  if (path.type == RouteType::summary) return fmt::format("is a summary{}, {}", learned, hop.interface);
  if (!hop.gateway) return fmt::format("is directly connected, {}", hop.interface);
  const auto metric = hop.metric != 0 ? hop.metric : path.metric;
  const auto text = fmt::format("[{}/{}] via {}{}", path.distance, metric, *hop.gateway, learned);
  return hop.interface.empty() ? text : fmt::format("{}, {}", text, hop.interface);
}

}  // namespace

std::string code_of(const InstalledRoute& route) {
  const auto& path = route.path();
  const bool external = path.type == RouteType::external;
  const auto* const mark = route.prefix == net::Prefix{} ? "*" : external ? " " : "";
  return fmt::format("{}{}{}", text_of(path.origin.source).code, mark, external ? "EX" : "");
}

std::string known_via(const Origin& origin) {
  const auto name = std::string(text_of(origin.source).name);
  return origin.source != Source::eigrp ? name : fmt::format("{} {}", name, origin.process);
}

std::string elapsed_text(net::Duration duration) {
  const auto s = net::whole_seconds(duration);
  const auto days = s / 86400;
  if (days == 0) return fmt::format("{:02}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  if (days < 7) return fmt::format("{}d{:02}h", days, s / 3600 % 24);
  return fmt::format("{}w{}d", days / 7, days % 7);
}

std::string age_of(const ShowSources& sources, const InstalledRoute& route) {
  return sources.now ? elapsed_text(sources.now() - route.since) : "";
}

net::Prefix classful(const net::Prefix& prefix) {
  const auto first = prefix.address.v4_value() >> 24;
  const std::uint8_t length = first < 128 ? 8 : first < 192 ? 16 : 24;
  return net::Prefix{prefix.address, length}.network();
}

bool is_subnet(const net::Prefix& prefix) { return prefix.length > classful(prefix).length; }

std::string route_lines(const ShowSources& sources, const InstalledRoute& route, std::size_t indent) {
  const auto start = fmt::format("{:<{}}{} ", code_of(route), indent, route.prefix);
  const auto age = age_of(sources, route);
  std::string text;
  for (const auto* path : route.paths)
    for (const auto& hop : path->next_hops)
      text += fmt::format("{}{}\n", text.empty() ? start : std::string(start.size(), ' '), leads(*path, hop, age));
  return text;
}

}  // namespace culvert::routing
