#include "access-lists/commands/line.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "access-lists/commands/grammar.h"
#include "access-lists/names.h"
#include "net/address.h"

namespace culvert::access_lists {
namespace {

using parser::Arguments;

template <class T>
T number(const std::string& text) {
  T value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::uint32_t v4(const std::string& text) { return net::Address::parse(text)->v4_value(); }
std::string quad(std::uint32_t value) { return net::Address::v4(value).to_string(); }

WildcardAddress read_address(const Arguments& a, const std::string& side) {
  if (const auto* host = a.find(side + "-host")) return WildcardAddress::host(v4(*host));
  const auto* address = a.find(side);
  if (address == nullptr || *address == "any") return {0, 0xffffffff};
  const auto* wildcard = a.find(side + "-wildcard");
  const auto bits = wildcard == nullptr ? 0 : v4(*wildcard);
  return {v4(*address) & ~bits, bits};
}

void write_address(Arguments& a, Kind kind, const std::string& side, const WildcardAddress& address) {
  if (address.is_any()) return a.add(side, "any");
  if (address.is_host()) return a.add(kind == Kind::standard ? side : side + "-host", quad(address.address));
  a.add(side, quad(address.address));
  a.add(side + "-wildcard", quad(address.wildcard));
}

std::span<const Named> ports_of(std::optional<std::uint8_t> protocol) {
  return protocol == protocol::udp ? udp_ports() : tcp_ports();
}

PortMatch read_ports(const Arguments& a, const std::string& side, std::span<const Named> names) {
  constexpr std::string_view operators[]{"", "eq", "neq", "lt", "gt", "range"};
  const auto* op = a.find(side + "-operator");
  if (op == nullptr) return {};
  PortMatch match{.op = static_cast<PortOperator>(std::ranges::find(operators, *op) - operators), .ports = {}};
  for (const auto& port : a.every(side + "-port")) match.ports.push_back(number_of(names, port));
  if (match.op == PortOperator::range) std::ranges::sort(match.ports);
  return match;
}

void write_ports(Arguments& a, const std::string& side, const PortMatch& match, std::span<const Named> names) {
  if (match.op == PortOperator::any) return;
  constexpr const char* operators[]{"", "eq", "neq", "lt", "gt", "range"};
  a.add(side + "-operator", operators[static_cast<std::size_t>(match.op)]);
  for (const auto port : match.ports) a.add(side + "-port", shown(names, port));
}

std::optional<std::uint8_t> read_protocol(const Arguments& a) {
  const auto* text = a.find("protocol");
  if (text == nullptr || *text == "ip" || *text == "0") return std::nullopt;
  if (*text == "icmp") return protocol::icmp;
  if (*text == "tcp") return protocol::tcp;
  if (*text == "udp") return protocol::udp;
  return static_cast<std::uint8_t>(number_of(protocols(), *text));
}

std::string protocol_text(std::optional<std::uint8_t> number) {
  if (!number) return "ip";
  switch (*number) {
    case protocol::icmp: return "icmp";
    case protocol::tcp: return "tcp";
    case protocol::udp: return "udp";
    default: return shown(protocols(), *number);
  }
}

std::optional<IcmpMatch> read_icmp(const Arguments& a) {
  if (const auto* name = a.find("icmp-name")) {
    const auto found = std::ranges::find(icmp_messages(), *name, &NamedIcmp::word);
    return IcmpMatch{found->type, found->code};
  }
  if (!a.has("icmp-type")) return std::nullopt;
  IcmpMatch match{.type = number<std::uint8_t>(a["icmp-type"]), .code = std::nullopt};
  if (const auto* code = a.find("icmp-code")) match.code = number<std::uint8_t>(*code);
  return match;
}

void write_icmp(Arguments& a, const IcmpMatch& match) {
  const auto found = std::ranges::find_if(
      icmp_messages(), [&](const NamedIcmp& named) { return named.type == match.type && named.code == match.code; });
  if (found != icmp_messages().end()) return a.add("icmp-name", std::string(found->word));
  a.add("icmp-type", std::to_string(match.type));
  if (match.code) a.add("icmp-code", std::to_string(*match.code));
}

TcpFlagMatch read_flags(const Arguments& a) {
  TcpFlagMatch match{.established = a.has("established")};
  const auto* how = a.find("match");
  match.all = how != nullptr && *how == "match-all";
  for (const auto& flag : a.every("flag")) {
    const bool is_signed = flag[0] == '+' || flag[0] == '-';
    const auto bit = static_cast<std::uint8_t>(number_of(tcp_flags(), flag.substr(is_signed ? 1 : 0)));
    (flag[0] == '-' ? match.clear : match.set) |= bit;
  }
  return match;
}

// match-any of nothing but set flags is what a bare `syn` says, and is shown so.
void write_flags(Arguments& a, const TcpFlagMatch& match) {
  if (match.established) a.add("established", "established");
  if (match.set == 0 && match.clear == 0) return;
  const bool bare = !match.all && match.clear == 0;
  if (!bare) a.add("match", match.all ? "match-all" : "match-any");
  for (const auto& flag : tcp_flags())
    if ((match.set & flag.number) != 0) a.add("flag", fmt::format("{}{}", bare ? "" : "+", flag.word));
  for (const auto& flag : tcp_flags())
    if ((match.clear & flag.number) != 0) a.add("flag", fmt::format("-{}", flag.word));
}

void write_extended(Arguments& a, const Entry& entry) {
  const auto names = ports_of(entry.protocol);
  a.add("protocol", protocol_text(entry.protocol));
  write_address(a, Kind::extended, "source", entry.source);
  write_ports(a, "source", entry.source_port, names);
  write_address(a, Kind::extended, "destination", entry.destination);
  write_ports(a, "destination", entry.destination_port, names);
  if (entry.icmp) write_icmp(a, *entry.icmp);
  write_flags(a, entry.tcp);
  if (entry.dscp) a.add("dscp", shown(dscp_values(), *entry.dscp));
  if (entry.fragments) a.add("fragments", "fragments");
}

Entry read_entry(Kind kind, const Arguments& a) {
  Entry entry{.source = read_address(a, "source")};
  if (const auto* action = a.find("action")) entry.action = *action == "permit" ? Action::permit : Action::deny;
  if (const auto* log = a.find("log")) entry.log = *log == "log" ? Log::log : Log::log_input;
  if (kind == Kind::standard) return entry;
  entry.protocol = read_protocol(a);
  entry.destination = read_address(a, "destination");
  entry.source_port = read_ports(a, "source", ports_of(entry.protocol));
  entry.destination_port = read_ports(a, "destination", ports_of(entry.protocol));
  entry.icmp = read_icmp(a);
  entry.tcp = read_flags(a);
  if (const auto* dscp = a.find("dscp")) entry.dscp = static_cast<std::uint8_t>(number_of(dscp_values(), *dscp));
  entry.fragments = a.has("fragments");
  return entry;
}

const parser::Spec& rule_spec(Kind kind) {
  const auto compile = [](Kind of) { return *parser::Spec::compile(rule(of).text); };
  static const auto standard = compile(Kind::standard), extended = compile(Kind::extended);
  return kind == Kind::standard ? standard : extended;
}

}  // namespace

Line read_line(Kind kind, const Arguments& a) {
  Line line;
  if (const auto* sequence = a.find("sequence")) line.sequence = number<std::uint32_t>(*sequence);
  const auto* action = a.find("action");
  if (action != nullptr && *action == "remark")
    line.remark = a.has("remark") ? a["remark"] : "";
  else
    line.entry = read_entry(kind, a);
  return line;
}

Arguments write_line(Kind kind, const Line& line) {
  Arguments a;
  if (line.sequence != 0) a.add("sequence", std::to_string(line.sequence));
  if (line.remark) {
    a.add("action", "remark");
    a.add("remark", *line.remark);
    return a;
  }
  a.add("action", line.entry.action == Action::permit ? "permit" : "deny");
  if (kind == Kind::standard)
    write_address(a, kind, "source", line.entry.source);
  else
    write_extended(a, line.entry);
  if (line.entry.log != Log::none) a.add("log", line.entry.log == Log::log ? "log" : "log-input");
  return a;
}

std::string text_of(Kind kind, const Line& line) { return rule_spec(kind).render(write_line(kind, line)); }

std::string shown(Kind kind, const Entry& entry) {
  if (kind == Kind::extended) return text_of(kind, {.entry = entry});
  auto text = fmt::format("{:<6} ", entry.action == Action::permit ? "permit" : "deny");
  if (entry.source.is_any())
    text += "any";
  else
    text += quad(entry.source.address);
  if (!entry.source.is_any() && !entry.source.is_host())
    text += fmt::format(", wildcard bits {}", quad(entry.source.wildcard));
  if (entry.log != Log::none) text += entry.log == Log::log ? " log" : " log-input";
  return text;
}

}  // namespace culvert::access_lists
