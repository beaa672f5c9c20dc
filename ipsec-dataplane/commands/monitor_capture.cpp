#include "ipsec-dataplane/commands/monitor_capture.h"

#include <fmt/format.h>

#include "net/address.h"

namespace culvert::dataplane {

namespace {

using parser::Arguments;

const std::string monitor_help = "Monitor different system events", capture_help = "Packet capture",
                  name_help = "Name of the capture";

std::uint32_t number(const Arguments& a, std::string_view name) {
  return static_cast<std::uint32_t>(std::stoul(a[name]));
}

std::optional<std::uint8_t> protocol_of(const std::string& text) {
  if (text == "icmp") return 1;
  if (text == "tcp") return 6;
  if (text == "udp") return 17;
  if (text == "esp") return 50;
  return std::nullopt;
}

// One side of `match ipv4`: "any", "host A" or "A/n".
struct Side {
  std::uint32_t address = 0, mask = 0;
  std::string text = "any";
};
Side side_of(const std::string* host, const std::string* prefix) {
  if (host != nullptr) return {net::Address::parse(*host)->v4_value(), ~0u, *host};
  if (prefix == nullptr) return {};
  const auto parsed = *net::Prefix::parse(*prefix);
  const auto mask = parsed.length == 0 ? 0 : ~0u << (32 - parsed.length);
  return {parsed.address.v4_value(), mask, *prefix};
}

void match_ipv4(CapturePoint& point, const Arguments& a) {
  const auto source = side_of(a.find("source"), a.find("source-prefix"));
  const auto destination = side_of(a.find("destination"), a.find("destination-prefix"));
  const auto* protocol = a.find("protocol");
  point.filter = TapFilter{.everything = false,
                           .source = source.address,
                           .source_mask = source.mask,
                           .destination = destination.address,
                           .destination_mask = destination.mask,
                           .protocol = protocol != nullptr ? protocol_of(*protocol) : std::nullopt};
  point.source_text = source.text;
  point.destination_text = destination.text;
  point.protocol_text = protocol != nullptr ? *protocol : "any";
}

class Adder {
 public:
  Adder(parser::ExecCommands& commands, Captures& captures) : commands_(commands), captures_(captures) {}

  using Edit = std::function<void(CapturePoint&, const Arguments&)>;
  // `monitor capture NAME` and more words, which change a point that does not run.
  void edit(const std::string& words, std::vector<std::string> help, Edit change) {
    act(words, std::move(help), [change = std::move(change)](Captures& captures, const Arguments& a) -> std::string {
      const auto point = captures.edit(a["name"]);
      if (!point) return point.error();
      change(**point, a);
      return {};
    });
  }

  using Act = std::function<std::string(Captures&, const Arguments&)>;
  void act(const std::string& words, std::vector<std::string> help, Act act) {
    help.insert(help.begin(), {monitor_help, capture_help, name_help});
    add("monitor capture <name:word> " + words, std::move(help), 15, std::move(act));
  }

  // An answer that begins with '%' is a refusal.
  void add(const std::string& spec, std::vector<std::string> help, unsigned privilege, Act act) {
    commands_.add({.spec = spec,
                   .help = std::move(help),
                   .privilege = privilege,
                   .run = [&captures = captures_, act = std::move(act)](
                              const Arguments& arguments, const std::shared_ptr<parser::Terminal>& terminal) {
                     captures.service();
                     const auto text = act(captures, arguments);
                     terminal->write(text);
                     if (text.starts_with('%')) terminal->fail();
                     terminal->done();
                   }});
  }

 private:
  parser::ExecCommands& commands_;
  Captures& captures_;
};

void add_attachment(Adder& adder) {
  adder.edit("interface <interface:interface> direction:(both|in|out)",
             {"Interface to capture", "Interface name", "Both directions", "Inbound", "Outbound"},
             [](CapturePoint& point, const Arguments& a) {
               point.interface = a["interface"];
               point.in = a["direction"] != "out";
               point.out = a["direction"] != "in";
             });
  adder.edit("match any", {"Describe filters inline", "All packets"},
             [](CapturePoint& point, const Arguments&) { point.filter = TapFilter{}; });
  adder.edit(
      "match ipv4 [protocol protocol:(esp|icmp|tcp|udp)] (any|host <source:ipv4>|<source-prefix:prefix>) "
      "(any|host <destination:ipv4>|<destination-prefix:prefix>)",
      {"Describe filters inline", "IPv4 packets only", "Protocol", "ESP", "ICMP", "TCP", "UDP", "Any source",
       "A single source", "Source address", "Source network", "Any destination", "A single destination",
       "Destination address", "Destination network"},
      match_ipv4);
}

void add_sizes(Adder& adder) {
  adder.edit("buffer size <megabytes:u32(1-100)>", {"Buffer options", "Size of the buffer", "Megabytes"},
             [](CapturePoint& point, const Arguments& a) { point.buffer_mb = number(a, "megabytes"); });
  adder.edit("buffer circular", {"Buffer options", "The oldest packets give way"},
             [](CapturePoint& point, const Arguments&) { point.circular = true; });
  adder.edit("buffer linear", {"Buffer options", "What finds the buffer full is dropped"},
             [](CapturePoint& point, const Arguments&) { point.circular = false; });
  adder.edit("limit packets <packets:u32(1-1000000)>", {"Limit the capture", "Number of packets", "Packets"},
             [](CapturePoint& point, const Arguments& a) { point.limits.packets = number(a, "packets"); });
  adder.edit("limit duration <seconds:u32(1-1000000)>", {"Limit the capture", "Duration", "Seconds"},
             [](CapturePoint& point, const Arguments& a) { point.limits.duration_s = number(a, "seconds"); });
  adder.edit("limit packet-len <octets:u32(64-2048)>", {"Limit the capture", "What is kept of a packet", "Bytes"},
             [](CapturePoint& point, const Arguments& a) { point.limits.packet_octets = number(a, "octets"); });
}

std::string export_to(const CapturePoint& point, const std::string& name, const OpenExport& open) {
  auto file = open(name);
  if (!file) return file.error();
  (*file)->write(pcap_header(point.link, tap_octets_max));
  for (const auto& packet : point.packets) {
    (*file)->write(
        pcap_record_header(packet.when, static_cast<std::uint32_t>(packet.octets.size()), packet.size_octets));
    (*file)->write(packet.octets);
  }
  if (const auto done = (*file)->finish(); !done) return fmt::format("%Error writing {} ({})\n", name, done.error());
  return "Exported Successfully\n";
}

void add_actions(Adder& adder, const OpenExport& open) {
  adder.act("start", {"Start the capture"}, [](Captures& captures, const Arguments& a) {
    const auto started = captures.start(a["name"]);
    return started ? fmt::format("Started capture point : {}\n", a["name"]) : started.error();
  });
  adder.act("stop", {"Stop the capture"}, [](Captures& captures, const Arguments& a) {
    return captures.stop(a["name"]) ? fmt::format("Stopped capture point : {}\n", a["name"])
                                    : fmt::format("% Capture {} is not active\n", a["name"]);
  });
  adder.act("clear", {"Empty the buffer"}, [](Captures& captures, const Arguments& a) -> std::string {
    auto* point = captures.find(a["name"]);
    if (point == nullptr) return fmt::format("% Capture {} does not exist\n", a["name"]);
    point->packets.clear();
    point->octets = 0;
    return {};
  });
  adder.act("export <file:word>", {"Export the buffer as a pcap file", "flash:NAME"},
            [open](Captures& captures, const Arguments& a) -> std::string {
              const auto* point = captures.find(a["name"]);
              if (point == nullptr) return fmt::format("% Capture {} does not exist\n", a["name"]);
              return export_to(*point, a["file"], open);
            });
  adder.add("no monitor capture <name:word>",
            {"Negate a command or set its defaults", monitor_help, capture_help, name_help}, 15,
            [](Captures& captures, const Arguments& a) -> std::string {
              if (captures.find(a["name"]) == nullptr) return fmt::format("% Capture {} does not exist\n", a["name"]);
              captures.remove(a["name"]);
              return {};
            });
}

void add_shows(Adder& adder) {
  const std::vector<std::string> help{"Show running system information", "Monitoring different system events",
                                      "Packet capture"};
  adder.add("show monitor capture", help, 1, [](Captures& captures, const Arguments&) {
    std::string text;
    for (const auto& [name, point] : captures.all()) text += show_capture(name, point);
    return text;
  });
  using Show = std::string (*)(const CapturePoint&);
  const auto add = [&](const std::string& words, std::vector<std::string> more, Show show) {
    more.insert(more.begin(), help.begin(), help.end());
    adder.add("show monitor capture <name:word>" + words, std::move(more), 15,
              [show](Captures& captures, const Arguments& a) {
                const auto* point = captures.find(a["name"]);
                if (point == nullptr) return fmt::format("% Capture {} does not exist\n", a["name"]);
                return show != nullptr ? show(*point) : show_capture(a["name"], *point);
              });
  };
  add("", {name_help}, nullptr);
  add(" buffer", {name_help, "What was captured"}, show_capture_buffer);
  add(" buffer brief", {name_help, "What was captured", "A line a packet"}, show_capture_brief);
  add(" buffer dump", {name_help, "What was captured", "Packets in hexadecimal"}, show_capture_dump);
}

}  // namespace

void add_capture_commands(parser::ExecCommands& commands, Captures& captures, const OpenExport& open) {
  Adder adder(commands, captures);
  add_attachment(adder);
  add_sizes(adder);
  add_actions(adder, open);
  add_shows(adder);
}

}  // namespace culvert::dataplane
