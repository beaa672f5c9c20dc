// The exec commands themselves: which process is asked, and for what.
#include <fmt/format.h>

#include "routing/commands/eigrp_show.h"

namespace culvert::routing {

namespace {

using parser::Arguments;

const std::string show_help = "Show running system information", ip_help = "IP information",
                  eigrp_help = "Show IPv4 EIGRP", process_help = "Autonomous System";

std::optional<std::uint16_t> process_of(const Arguments& a) {
  if (!a.has("process")) return std::nullopt;
  return static_cast<std::uint16_t>(std::stoul(a["process"]));
}

// What `text` says of each process asked for, one after the other.
std::string of_each(const EigrpSources& sources, const Arguments& a,
                    const std::function<std::string(const eigrp::Engine&)>& text) {
  std::string all;
  const auto wanted = process_of(a);
  bool found = false;
  for (const auto* engine : sources.engines()) {
    if (wanted && engine->configuration().autonomous_system != *wanted) continue;
    found = true;
    all += text(*engine);
  }
  if (found) return all;
  return wanted ? fmt::format("% EIGRP: No router instance is running with AS {}\n", *wanted) : "";
}

class Adder {
 public:
  Adder(parser::ExecCommands& commands, const EigrpSources& sources) : commands_(commands), sources_(sources) {}

  // `show ip eigrp [PROCESS] WORDS`
  void show(const std::string& words, std::vector<std::string> help,
            const std::function<std::string(const EigrpSources&, const Arguments&)>& text) {
    help.insert(help.begin(), {show_help, ip_help, eigrp_help, process_help});
    commands_.add(
        {.spec = "show ip eigrp [<process:u32(1-65535)>] " + words,
         .help = std::move(help),
         .run = parser::text_command([sources = sources_, text](const Arguments& a) { return text(sources, a); })});
  }

 private:
  parser::ExecCommands& commands_;
  const EigrpSources& sources_;
};

net::Prefix prefix_of(const Arguments& a) {
  if (a.has("prefix")) return *net::Prefix::parse(a["prefix"]);
  const auto address = *net::Address::parse(a["address"]);
  const auto mask = a.has("mask") ? *net::Address::parse(a["mask"]) : net::Address::v4(0xffffffff);
  return net::Prefix::from_mask(address, mask).value_or(net::Prefix::host(address)).network();
}

// Of an address without a mask the longest prefix in the table that has it.
net::Prefix meant(const eigrp::Engine& engine, net::Time now, const Arguments& a) {
  const auto asked = prefix_of(a);
  if (a.has("prefix") || a.has("mask")) return asked;
  net::Prefix best = asked;
  bool found = false;
  for (const auto& entry : engine.topology(now))
    if (entry.prefix.contains(asked.address) && (!found || entry.prefix.length > best.length))
      best = entry.prefix, found = true;
  return best;
}

using EntryText = std::string(const eigrp::Engine&, net::Time, const net::Prefix&);

std::string of_prefix(const EigrpSources& s, const Arguments& a, EntryText* text) {
  const auto now = s.now();
  return of_each(s, a, [&](const eigrp::Engine& engine) {
    const auto prefix = meant(engine, now, a);
    auto found = text(engine, now, prefix);
    if (!found.empty()) return found;
    return fmt::format("{}\n%Entry {} not in topology table\n", topology_header(engine, "Entry"), prefix);
  });
}

const std::string prefix_spec = "(<prefix:prefix>|<address:ipv4> [<mask:mask>])";
const std::vector<std::string> prefix_help{"IP prefix <network>/<length>, e.g., 192.168.0.0/16",
                                           "IP address of the destination", "Mask of the destination"};

void add_tables(Adder& add) {
  add.show("neighbors [detail:(detail)] [<interface:interface>]",
           {"IPv4 EIGRP neighbors", "Show detailed peer information", "Interface"},
           [](const EigrpSources& s, const Arguments& a) {
             return of_each(s, a, [&](const eigrp::Engine& engine) {
               return show_eigrp_neighbors(engine, s.now(), a.has("detail"), a.find("interface"));
             });
           });
  add.show("interfaces [detail:(detail)] [<interface:interface>]",
           {"IPv4 EIGRP interfaces", "Show detailed interface information", "Interface"},
           [](const EigrpSources& s, const Arguments& a) {
             return of_each(s, a, [&](const eigrp::Engine& engine) {
               return show_eigrp_interfaces(engine, s.now(), a.has("detail"), a.find("interface"));
             });
           });
  add.show("topology summary", {"IPv4 EIGRP topology table", "Show a summary of the topology table"},
           [](const EigrpSources& s, const Arguments& a) {
             return of_each(s, a,
                            [&](const eigrp::Engine& engine) { return show_eigrp_topology_summary(engine, s.now()); });
           });
  add.show("topology [which:(active|all-links|zero-successors)]",
           {"IPv4 EIGRP topology table", "Show only active entries", "Show all links in topology table",
            "Show only zero successor entries"},
           [](const EigrpSources& s, const Arguments& a) {
             const auto which = a.has("which") ? a["which"] : std::string();
             return of_each(s, a,
                            [&](const eigrp::Engine& engine) { return show_eigrp_topology(engine, s.now(), which); });
           });
}

void add_entries(Adder& add) {
  auto help = prefix_help;
  help.insert(help.begin(), "IPv4 EIGRP topology table");
  add.show("topology " + prefix_spec, help,
           [](const EigrpSources& s, const Arguments& a) { return of_prefix(s, a, show_eigrp_entry); });
  help.front() = "Why the routes of a destination are what they are";
  add.show("why " + prefix_spec, help,
           [](const EigrpSources& s, const Arguments& a) { return of_prefix(s, a, show_eigrp_why); });
  add.show("traffic", {"IPv4 EIGRP traffic statistics"}, [](const EigrpSources& s, const Arguments& a) {
    auto text = of_each(s, a, [&](const eigrp::Engine& engine) { return show_eigrp_traffic(engine); });
    if (const auto strays = s.strays(); strays != 0 && !a.has("process"))
      text += fmt::format("Packets of no process of this router: {}\n", strays);
    return text;
  });
  add.show("events", {"IPv4 EIGRP logged events"}, [](const EigrpSources& s, const Arguments& a) {
    return of_each(s, a, [&](const eigrp::Engine& engine) { return show_eigrp_events(engine, s.now(), s.wall()); });
  });
}

void add_clear(parser::ExecCommands& commands, const EigrpSources& sources) {
  commands.add({.spec = "clear ip eigrp [<process:u32(1-65535)>] neighbors [<address:ipv4>|<interface:interface>]",
                .help = {"Reset functions", "IP", "Clear IP-EIGRP", process_help, "Clear IP-EIGRP neighbors",
                         "IP-EIGRP neighbor address", "Interface"},
                .privilege = 15,
                .run = parser::text_command([sources](const Arguments& a) {
                  const auto address = a.has("address") ? net::Address::parse(a["address"]) : std::nullopt;
                  const auto interface = a.has("interface") ? std::optional(a["interface"]) : std::nullopt;
                  const auto count = sources.clear(process_of(a), address, interface);
                  return count == 0 && address ? std::string("% Neighbor not found\n") : std::string();
                })});
}

}  // namespace

void add_eigrp_commands(parser::ExecCommands& commands, const EigrpSources& sources) {
  Adder add(commands, sources);
  add_tables(add);
  add_entries(add);
  add_clear(commands, sources);
}

}  // namespace culvert::routing
