// The show and clear commands of the packet path: neighbors, stages and drops.
#pragma once

#include <functional>
#include <string>

#include "ipsec-dataplane/dataplane.h"
#include "parser/exec_command.h"

namespace culvert::dataplane {

// `plane` and `now` (the monotonic clock) are asked when a command runs.
void add_commands(parser::ExecCommands& commands, std::function<Dataplane&()> plane, std::function<net::Time()> now);

std::string show_arp(const std::vector<NeighborRow>& neighbors);
// IP statistics as far as this router counts them, in the layout of IOS.
std::string show_ip_traffic(const Dataplane& plane);
std::string show_packet_path(const std::vector<StageStatistics>& stages, const std::vector<DropCount>& drops);

}  // namespace culvert::dataplane
