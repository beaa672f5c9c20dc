#include "cli/commands/banner.h"

#include "config-store/long_command.h"

namespace culvert::config {

// The text stands between delimiters where it is typed and shown.
template <>
struct Codec<cli::BannerText> {
  static cli::BannerText decode(const parser::Arguments& arguments) {
    constexpr auto mark = LongCommand::delimiter;
    std::string_view text = arguments["text"];
    if (text.starts_with(mark)) text.remove_prefix(mark.size());
    if (text.ends_with(mark)) text.remove_suffix(mark.size());
    return {std::string(text)};
  }
  static parser::Arguments encode(const cli::BannerText& banner) {
    const std::string mark(LongCommand::delimiter);
    parser::Arguments arguments;
    arguments.add("text", mark + banner.text + mark);
    return arguments;
  }
};

}  // namespace culvert::config

namespace culvert::cli {
namespace {

config::Accepted check_banner(const config::LeafChange<BannerText>& change, const config::View&) {
  if (!change.after) return {};
  if (change.after->text.size() >= config::LongCommand::text_size_max)
    return std::unexpected(config::Refusal{"% The banner is too long"});
  if (change.after->text.find(config::LongCommand::delimiter) != std::string::npos)
    return std::unexpected(config::Refusal{"% A banner cannot have ^C in it"});
  return {};
}

}  // namespace

config::SectionDefinition banner_definition() {
  return config::global<Banner>(
      {.table = "banner",
       .leaves = {config::leaf("banner motd <text:line(lines)>", &Banner::motd,
                               {.help = {"Define a login banner", "Set Message of the Day banner",
                                         "c banner-text c, where 'c' is a delimiting character"},
                                .normalise = [](const BannerText& banner) { return banner; },
                                .order = config::section_order::banner,
                                .check = check_banner,
                                .column = "motd",
                                .examples = {"banner motd ^Cwelcome^C", "banner motd ^C two words ^C"}})}});
}

std::string motd(const config::View& configuration) {
  const auto banner = configuration.global<Banner>().motd;
  if (!banner) return {};
  std::string text(banner->text.starts_with('\n') ? "" : "\n");
  text += banner->text;
  if (!text.ends_with('\n')) text += '\n';
  return text;
}

}  // namespace culvert::cli
