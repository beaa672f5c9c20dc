#include "routing/commands/key_chain.h"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "config-store/definition.h"
#include "net/hex.h"

namespace culvert::routing {

namespace {

struct KeyString {
  std::string format;  // "", or "7"
  std::string text;
  bool operator==(const KeyString&) const = default;
};

// A moment as it is typed, in UTC.
struct Moment {
  std::string time;   // hh:mm:ss
  std::string month;  // "January"
  std::uint32_t day = 1, year = 1993;
  bool operator==(const Moment&) const = default;
};

// `accept-lifetime 00:00:00 January 1 2026 infinite`
struct LifetimeLine {
  Moment from;
  std::optional<Moment> to;
  std::optional<std::uint32_t> duration_s;  // neither of the two: infinite
  bool operator==(const LifetimeLine&) const = default;
};

struct ChainRow {
  std::string name;
};
struct KeyRow {
  std::string chain;
  std::uint32_t id = 0;
  std::optional<KeyString> text;
  std::optional<LifetimeLine> accept, send;
};

constexpr std::array months{"January", "February", "March",     "April",   "May",      "June",
                            "July",    "August",   "September", "October", "November", "December"};

}  // namespace

}  // namespace culvert::routing

template <>
struct culvert::config::Codec<culvert::routing::KeyString> {
  using Value = culvert::routing::KeyString;
  static Value decode(const parser::Arguments& a) { return {a.has("format") ? a["format"] : "", a["key"]}; }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    if (!value.format.empty()) a.add("format", value.format);
    a.add("key", value.text);
    return a;
  }
};

template <>
struct culvert::config::Codec<culvert::routing::LifetimeLine> {
  using Value = culvert::routing::LifetimeLine;
  using Moment = culvert::routing::Moment;
  static Moment moment(const parser::Arguments& a, const std::string& prefix) {
    const auto number = [&](const char* name) { return TextCodec<std::uint32_t>::decode(a[prefix + name]); };
    return {.time = a[prefix + "time"], .month = a[prefix + "month"], .day = number("day"), .year = number("year")};
  }
  static void add(parser::Arguments& a, const std::string& prefix, const Moment& value) {
    a.add(prefix + "time", value.time);
    a.add(prefix + "month", value.month);
    a.add(prefix + "day", std::to_string(value.day));
    a.add(prefix + "year", std::to_string(value.year));
  }
  static Value decode(const parser::Arguments& a) {
    Value value{.from = moment(a, ""), .to = std::nullopt, .duration_s = std::nullopt};
    if (a.has("end_time")) value.to = moment(a, "end_");
    if (a.has("seconds")) value.duration_s = TextCodec<std::uint32_t>::decode(a["seconds"]);
    return value;
  }
  static parser::Arguments encode(const Value& value) {
    parser::Arguments a;
    add(a, "", value.from);
    if (value.to) add(a, "end_", *value.to);
    if (value.duration_s) a.add("seconds", std::to_string(*value.duration_s));
    if (!value.to && !value.duration_s) a.add("end", "infinite");
    return a;
  }
};

namespace culvert::routing {

namespace {

using config::Accepted;
using parser::Arguments;

Accepted refused(std::string text) { return std::unexpected(config::Refusal{std::move(text)}); }

// Type 7, which hides a password from the eye and from nobody else: two digits say where in the well-known word the
// octets that follow began to be mixed.
constexpr std::string_view type_7_word = "dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87";

std::optional<std::string> revealed(std::string_view text) {
  if (text.size() < 4 || text.size() % 2 != 0) return std::nullopt;
  const bool digits = '0' <= text[0] && text[0] <= '9' && '0' <= text[1] && text[1] <= '9';
  const auto octets = net::from_hex(text.substr(2));
  if (!digits || !octets) return std::nullopt;
  std::size_t at = static_cast<std::size_t>(text[0] - '0') * 10 + static_cast<std::size_t>(text[1] - '0');
  std::string plain;
  for (const auto octet : *octets)
    plain.push_back(static_cast<char>(std::to_integer<unsigned char>(octet) ^
                                      static_cast<unsigned char>(type_7_word[at++ % type_7_word.size()])));
  return plain;
}

Accepted check_string(const config::LeafChange<KeyString>& change, const config::View&) {
  if (!change.after || change.after->format != "7" || revealed(change.after->text)) return {};
  return refused("%Invalid encrypted keystring");
}

KeyString normalised(KeyString value) {
  if (value.format == "0") value.format.clear();
  return value;
}

std::chrono::year_month_day date_of(const Moment& moment) {
  const auto month = std::ranges::find(months, moment.month) - months.begin() + 1;
  return {std::chrono::year(static_cast<int>(moment.year)), std::chrono::month(static_cast<unsigned>(month)),
          std::chrono::day(moment.day)};
}

net::WallTime wall_of(const Moment& moment) {
  const auto part = [&](std::size_t at) { return std::stoi(moment.time.substr(at, 2)); };
  const auto days = std::chrono::sys_days(date_of(moment)).time_since_epoch();
  return net::WallTime(days + std::chrono::hours(part(0)) + std::chrono::minutes(part(3)) +
                       std::chrono::seconds(part(6)));
}

Lifetime lifetime_of(const LifetimeLine& line) {
  Lifetime lifetime{.from = wall_of(line.from), .to = std::nullopt};
  if (line.to) lifetime.to = wall_of(*line.to);
  if (line.duration_s) lifetime.to = lifetime.from + std::chrono::seconds(*line.duration_s);
  return lifetime;
}

Accepted check_lifetime(const config::LeafChange<LifetimeLine>& change, const config::View&) {
  if (!change.after) return {};
  if (!date_of(change.after->from).ok() || (change.after->to && !date_of(*change.after->to).ok()))
    return refused("% Invalid date");
  const auto lifetime = lifetime_of(*change.after);
  if (lifetime.to && *lifetime.to <= lifetime.from) return refused("% Lifetime ends before it begins");
  return {};
}

std::string month_choice(const std::string& name) { return fmt::format("{}month:({})", name, fmt::join(months, "|")); }

std::vector<std::string> lifetime_help(const std::string& what) {
  const std::vector<std::string> month_help(months.size(), "Month of the year");
  std::vector<std::string> help{what, "time to start"};
  help.insert(help.end(), month_help.begin(), month_help.end());
  for (const auto* const text : {"Day of the month to start", "Year to start", "never expires",
                                 "Set key lifetime duration", "Duration seconds", "time to stop"})
    help.emplace_back(text);
  help.insert(help.end(), month_help.begin(), month_help.end());
  help.emplace_back("Day of the month to stop");
  help.emplace_back("Year to stop");
  return help;
}

config::LeafDefinition lifetime_leaf(const std::string& keyword, std::optional<LifetimeLine> KeyRow::* member,
                                     int order) {
  const auto spec =
      keyword + " <time:time> " + month_choice("") +
      " <day:u32(1-31)> <year:u32(1993-2035)> (end:(infinite)|duration <seconds:u32(1-2147483646)>|<end_time:time> " +
      month_choice("end_") + " <end_day:u32(1-31)> <end_year:u32(1993-2035)>)";
  const auto* const what = order == 2 ? "Set accept lifetime of key" : "Set send lifetime of key";
  return config::leaf(
      spec, member,
      {.help = lifetime_help(what),
       .synopsis = keyword + " <time> <month> <day> <year> (infinite|duration <seconds>|<time> <month> <day> <year>)",
       .order = order,
       .check = check_lifetime,
       .examples = {keyword + " 00:00:00 January 1 2026 infinite", keyword + " 12:30:00 May 31 2026 duration 3600",
                    keyword + " 00:00:00 March 1 2026 00:00:00 April 1 2027"}});
}

std::vector<config::LeafDefinition> key_leaves() {
  std::vector<config::LeafDefinition> leaves;
  leaves.push_back(
      config::leaf("key-string [format:(0|7)] <key:line>", &KeyRow::text,
                   {.help = {"Set key string", "Specifies an UNENCRYPTED password will follow",
                             "Specifies a HIDDEN password will follow", "The UNENCRYPTED (cleartext) user password"},
                    .normalise = normalised,
                    .secret = {"key"},
                    .order = 1,
                    .check = check_string,
                    .examples = {"key-string MYKEY", "key-string 7 060506324F41", "key-string two words"}}));
  leaves.push_back(lifetime_leaf("accept-lifetime", &KeyRow::accept, 2));
  leaves.push_back(lifetime_leaf("send-lifetime", &KeyRow::send, 3));
  return leaves;
}

std::string shown(const std::optional<LifetimeLine>& line, net::WallTime now) {
  const auto moment = [](const Moment& m) {
    return fmt::format("{} UTC {} {} {}", m.time, m.month.substr(0, 3), m.day, m.year);
  };
  const auto lifetime = line ? std::optional(lifetime_of(*line)) : std::nullopt;
  const auto* const valid = !lifetime || lifetime->covers(now) ? " [valid now]" : "";
  if (!line) return fmt::format("(always valid) - (always valid){}", valid);
  const auto end = line->to           ? moment(*line->to)
                   : line->duration_s ? fmt::format("duration {}", *line->duration_s)
                                      : std::string("infinite");
  return fmt::format("({}) - ({}){}", moment(line->from), end, valid);
}

std::string show_chain(const KeyChainSources& sources, const std::string& name) {
  const auto now = sources.wall();
  auto text = fmt::format("Key-chain {}:\n", name);
  for (const auto& key : sources.configuration.rows<KeyRow>()) {
    if (key.chain != name) continue;
    text += fmt::format("    key {} -- text \"{}\"\n", key.id, key.text ? "<hidden>" : "");
    text += fmt::format("        accept lifetime {}\n", shown(key.accept, now));
    text += fmt::format("        send lifetime {}\n", shown(key.send, now));
  }
  return text;
}

std::string show_key_chain(const KeyChainSources& sources, const std::string* only) {
  std::string text;
  for (const auto& chain : sources.configuration.rows<ChainRow>())
    if (only == nullptr || chain.name == *only) text += show_chain(sources, chain.name);
  if (text.empty() && only != nullptr) return fmt::format("% Key-chain {} not found\n", *only);
  return text;
}

}  // namespace

std::vector<ChainKey> keys_of(const config::View& configuration, const std::string& chain) {
  std::vector<ChainKey> keys;
  const auto lifetime = [](const std::optional<LifetimeLine>& line) {
    return line ? std::optional(lifetime_of(*line)) : std::nullopt;
  };
  for (const auto& row : configuration.rows<KeyRow>()) {
    if (row.chain != chain || !row.text) continue;
    const auto plain = row.text->format == "7" ? revealed(row.text->text).value_or("") : row.text->text;
    keys.push_back({.id = row.id,
                    .text = net::Secret(net::to_bytes(plain)),
                    .accept = lifetime(row.accept),
                    .send = lifetime(row.send)});
  }
  std::ranges::sort(keys, {}, &ChainKey::id);
  return keys;
}

std::optional<net::WallTime> next_key_change(const config::View& configuration, net::WallTime now) {
  std::optional<net::WallTime> next;
  const auto consider = [&](const std::optional<LifetimeLine>& line) {
    if (!line) return;
    const auto lifetime = lifetime_of(*line);
    for (const auto& when : {std::optional(lifetime.from), lifetime.to})
      if (when && *when > now && (!next || *when < *next)) next = when;
  };
  for (const auto& row : configuration.rows<KeyRow>()) {
    consider(row.accept);
    consider(row.send);
  }
  return next;
}

void define_key_chains(config::Registry& registry) {
  registry.add(config::mode<ChainRow>({.enter = "key chain <name:word>",
                                       .help = {"Key management", "Key-chain management", "Key-chain name"},
                                       .key = &ChainRow::name,
                                       .prompt = "config-keychain",
                                       .title = "Key-chain configuration commands:",
                                       .exit_help = "Exit from key-chain configuration mode",
                                       .order = config::section_order::key_chain}));
  registry.add(config::mode<KeyRow>({.enter = "key <id:u32(0-2147483647)>",
                                     .help = {"Configure a key", "Key identifier"},
                                     .key = {&KeyRow::chain, &KeyRow::id},
                                     .parent = "key chain",
                                     .prompt = "config-keychain-key",
                                     .title = "Key-chain key configuration commands:",
                                     .exit_help = "Exit from key-chain key configuration mode",
                                     .leaves = key_leaves()}));
}

void add_key_chain_commands(parser::ExecCommands& commands, const KeyChainSources& sources) {
  commands.add(
      {.spec = "show key chain [<name:word>]",
       .help = {"Show running system information", "Key information", "Show key-chain", "Key-chain name"},
       .run = parser::text_command([sources](const Arguments& a) { return show_key_chain(sources, a.find("name")); })});
}

}  // namespace culvert::routing
