// The words and columns that the shows of routes share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "routing/commands/show.h"

namespace culvert::routing {

// The answer to a mask whose bits are not in a row.
inline constexpr const char* inconsistent_mask = "% Inconsistent address and mask\n";

// "C", "S*", "D EX"; at most four characters.
std::string code_of(const InstalledRoute& route);
// "connected", "eigrp 100".
std::string known_via(const Origin& origin);
// 00:01:02, 1d02h, 2w3d: as IOS tells how long something lasts.
std::string elapsed_text(net::Duration duration);
// How long a route is in use; empty where nobody tells the time.
std::string age_of(const ShowSources& sources, const InstalledRoute& route);
// The network of the class that the address belonged to before CIDR: the header under which IOS groups subnets.
net::Prefix classful(const net::Prefix& prefix);
bool is_subnet(const net::Prefix& prefix);
// The lines of one route, `indent` columns before the prefix.
std::string route_lines(const ShowSources& sources, const InstalledRoute& route, std::size_t indent);

}  // namespace culvert::routing
