#include "access-lists/commands/grammar.h"

#include <fmt/format.h>

#include "access-lists/names.h"

namespace culvert::access_lists {
namespace {

Phrase word(const std::string& keyword, const std::string& help) { return {keyword, {help}}; }
// A keyword that is captured under `name`.
Phrase captured(const std::string& name, const std::string& keyword, const std::string& help) {
  return {fmt::format("{}:({})", name, keyword), {help}};
}
Phrase value(const std::string& name, const std::string& type, const std::string& help) {
  return {fmt::format("<{}:{}>", name, type), {help}};
}

template <class Names>
Phrase one_of(const std::string& name, const Names& names) {
  Phrase phrase;
  for (const auto& one : names) {
    phrase.text += fmt::format("{}{}", phrase.text.empty() ? "" : "|", one.word);
    phrase.help.emplace_back(one.help);
  }
  phrase.text = fmt::format("{}:({})", name, phrase.text);
  return phrase;
}

Phrase several(Phrase phrase) {
  phrase.text += "...";
  return phrase;
}

Phrase address(const std::string& side) {
  const auto what = side == "source" ? "Source" : "Destination";
  return either({captured(side, "any", fmt::format("Any {} host", side)),
                 word("host", fmt::format("A single {} host", side)) +
                     value(side + "-host", "ipv4", fmt::format("{} address", what)),
                 value(side, "ipv4", fmt::format("{} address", what)) +
                     value(side + "-wildcard", "wildcard", fmt::format("{} wildcard bits", what))});
}

Phrase ports(const std::string& side, std::span<const Named> names) {
  const auto op = [&](const char* keyword, const char* help) { return captured(side + "-operator", keyword, help); };
  const auto port = either({value(side + "-port", "u32(0-65535)", "Port number"), one_of(side + "-port", names)});
  return maybe(either({op("eq", "Match only packets on a given port number") + several(port),
                       op("neq", "Match only packets not on a given port number") + several(port),
                       op("gt", "Match only packets with a greater port number") + port,
                       op("lt", "Match only packets with a lower port number") + port,
                       op("range", "Match only packets in the range of port numbers") + port + port}));
}

Phrase icmp_message() {
  return maybe(either({value("icmp-type", "u32(0-255)", "ICMP message type") +
                           maybe(value("icmp-code", "u32(0-255)", "ICMP message code")),
                       one_of("icmp-name", icmp_messages())}));
}

Phrase signed_flags() {
  Phrase phrase;
  for (const auto* sign : {"+", "-"})
    for (const auto& flag : tcp_flags()) {
      phrase.text += fmt::format("{}{}{}", phrase.text.empty() ? "" : "|", sign, flag.word);
      phrase.help.push_back(fmt::format("{} {}", flag.help, sign[0] == '+' ? "set" : "not set"));
    }
  phrase.text = fmt::format("flag:({})...", phrase.text);
  return phrase;
}

// `match` stands before every `flag` in the text, as its argument must.
Phrase flags() {
  return maybe(captured("established", "established", "Match established connections")) +
         maybe(either({captured("match", "match-all", "Match if all specified flags are present") + signed_flags(),
                       captured("match", "match-any", "Match if any specified flag is present") + signed_flags(),
                       several(one_of("flag", tcp_flags()))}));
}

Phrase log() {
  return maybe(either({captured("log", "log", "Log matches against this entry"),
                       captured("log", "log-input", "Log matches against this entry, including input interface")}));
}

Phrase tail() {
  return maybe(word("dscp", "Match packets with given dscp value") +
               either({value("dscp", "u32(0-63)", "Differentiated services codepoint value"),
                       one_of("dscp", dscp_values())})) +
         maybe(captured("fragments", "fragments", "Check non-initial fragments")) + log();
}

Phrase protocol_word(const char* name, const char* help) { return captured("protocol", name, help); }

Phrase extended_match() {
  const auto both = address("source") + address("destination");
  const auto between_ports = [](std::span<const Named> names) {
    return address("source") + ports("source", names) + address("destination") + ports("destination", names);
  };
  const auto others = either({value("protocol", "u32(0-255)", "An IP protocol number"), one_of("protocol", protocols()),
                              protocol_word("ip", "Any Internet Protocol")});
  return either({protocol_word("tcp", "Transmission Control Protocol") + between_ports(tcp_ports()) + flags(),
                 protocol_word("udp", "User Datagram Protocol") + between_ports(udp_ports()),
                 protocol_word("icmp", "Internet Control Message Protocol") + both + icmp_message(), others + both}) +
         tail();
}

Phrase standard_match() {
  return either({captured("source", "any", "Any source host"),
                 word("host", "A single host address") + value("source-host", "ipv4", "Host address"),
                 value("source", "ipv4", "Address to match") +
                     maybe(value("source-wildcard", "wildcard", "Wildcard bits"))}) +
         log();
}

}  // namespace

Phrase operator+(Phrase first, const Phrase& second) {
  first.text += " " + second.text;
  first.help.insert(first.help.end(), second.help.begin(), second.help.end());
  return first;
}

Phrase either(std::initializer_list<Phrase> phrases) {
  Phrase all;
  for (const auto& phrase : phrases) {
    all.text += (all.text.empty() ? "" : "|") + phrase.text;
    all.help.insert(all.help.end(), phrase.help.begin(), phrase.help.end());
  }
  all.text = "(" + all.text + ")";
  return all;
}

Phrase maybe(const Phrase& phrase) { return {"[" + phrase.text + "]", phrase.help}; }

Phrase rule(Kind kind) {
  const Phrase action{"action:(deny|permit)", {"Specify packets to reject", "Specify packets to forward"}};
  return either({captured("action", "remark", "Access list entry comment") + value("remark", "line", "Comment"),
                 action + (kind == Kind::standard ? standard_match() : extended_match())});
}

Phrase numbered_rule(Kind kind) {
  return maybe(value("sequence", "u32(1-2147483647)", "Sequence Number")) + rule(kind);
}

std::string synopsis(Kind kind) {
  if (kind == Kind::standard)
    return "(permit|deny) (any|host <source:ipv4>|<source:ipv4> [<wildcard>]) [log|log-input] | remark <text:line>";
  return "(permit|deny) <protocol> SOURCE [PORTS] DESTINATION [PORTS | icmp message] [established] "
         "[FLAG... | match-all ±FLAG... | match-any ±FLAG...] [dscp <value>] [fragments] [log|log-input] | "
         "remark <text:line>, where SOURCE and DESTINATION are (any|host <address>|<address> <wildcard>) and PORTS "
         "are (eq|neq) <port>... | (gt|lt) <port> | range <port> <port>";
}

}  // namespace culvert::access_lists
