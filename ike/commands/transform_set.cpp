// `crypto ipsec transform-set`: all of its words parse as in IOS; those without an implementation are refused by name.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config-store/definition.h"
#include "ike/commands/definitions.h"
#include "ike/commands/weak_algorithms.h"

namespace culvert::ike {

namespace {

struct Word {
  std::string_view keyword, help;
  enum class Role { cipher, integrity, other } role;
  Encryption encryption = Encryption::null;  // of a cipher; of esp-aes and esp-gcm with 128 bits
  Integrity integrity = Integrity::none;
  bool built = false;
};
using enum Word::Role;
constexpr std::array words{
    Word{"ah-md5-hmac", "AH-HMAC-MD5 transform", other},
    Word{"ah-sha-hmac", "AH-HMAC-SHA transform", other},
    Word{"ah-sha256-hmac", "AH-HMAC-SHA256 transform", other},
    Word{"ah-sha384-hmac", "AH-HMAC-SHA384 transform", other},
    Word{"ah-sha512-hmac", "AH-HMAC-SHA512 transform", other},
    Word{"comp-lzs", "IP Compression using the LZS compression algorithm", other},
    Word{"esp-3des", "ESP transform using 3DES(EDE) cipher (168 bits)", cipher, Encryption::triple_des, Integrity::none,
         true},
    Word{"esp-chacha20-poly1305", "ESP transform using ChaCha20-Poly1305 cipher", cipher, Encryption::chacha20_poly1305,
         Integrity::none, true},
    Word{"esp-des", "ESP transform using DES cipher (56 bits)", cipher, Encryption::des, Integrity::none, true},
    Word{"esp-md5-hmac", "ESP transform using HMAC-MD5 auth", integrity, Encryption::null, Integrity::md5, true},
    Word{"esp-null", "ESP transform w/o cipher", cipher, Encryption::null, Integrity::none, true},
    Word{"esp-seal", "ESP transform using SEAL cipher (160 bits)", other},
    Word{"esp-sha-hmac", "ESP transform using HMAC-SHA auth", integrity, Encryption::null, Integrity::sha1, true},
    Word{"esp-sha256-hmac", "ESP transform using HMAC-SHA256 auth", integrity, Encryption::null, Integrity::sha256,
         true},
    Word{"esp-sha384-hmac", "ESP transform using HMAC-SHA384 auth", integrity, Encryption::null, Integrity::sha384,
         true},
    Word{"esp-sha512-hmac", "ESP transform using HMAC-SHA512 auth", integrity, Encryption::null, Integrity::sha512,
         true},
    Word{"esp-aes", "ESP transform using AES cipher", cipher, Encryption::aes_cbc_128, Integrity::none, true},
    Word{"esp-ctr", "ESP transform using AES counter mode cipher", cipher, Encryption::aes_ctr_128, Integrity::none,
         true},
    Word{"esp-gcm", "ESP transform using GCM cipher", cipher, Encryption::aes_gcm_128, Integrity::none, true},
    Word{"esp-gmac", "ESP transform using GMAC cipher", other},
};
constexpr std::size_t sized_words = 4;  // the last ones may be followed by a key size
constexpr std::array sizes{"128", "192", "256"};

bool is_size(std::string_view word) { return std::ranges::find(sizes, word) != sizes.end(); }

// The cipher of a word with the key size after it; nullopt where that combination is not built.
std::optional<Encryption> sized(const Word& word, std::string_view size) {
  if (size == "128") return word.encryption;
  if (word.keyword == "esp-aes") return size == "192" ? Encryption::aes_cbc_192 : Encryption::aes_cbc_256;
  if (word.keyword == "esp-ctr") return size == "192" ? Encryption::aes_ctr_192 : Encryption::aes_ctr_256;
  if (word.keyword == "esp-gcm") return size == "192" ? Encryption::aes_gcm_192 : Encryption::aes_gcm_256;
  return std::nullopt;
}

std::string choice(bool with_sizes) {
  std::string text;
  const auto first = with_sizes ? words.size() - sized_words : std::size_t{0};
  const auto last = with_sizes ? words.size() : words.size() - sized_words;
  for (auto i = first; i < last; ++i) text += (text.empty() ? "" : "|") + std::string(words[i].keyword);
  return text;
}

std::string entering_line(const std::string& more_words) {
  return fmt::format(
      "crypto ipsec transform-set <name:word> (transform:({}{})|transform:({}) [transform:(128|192|256)])...",
      choice(false), more_words, choice(true));
}

std::vector<std::string> entering_help(const std::vector<std::string>& more_help) {
  std::vector<std::string> help{"Encryption module", "Configure IPSEC policy", "Define transform and settings",
                                "Transform set tag"};
  for (std::size_t i = 0; i < words.size() - sized_words; ++i) help.emplace_back(words[i].help);
  help.insert(help.end(), more_help.begin(), more_help.end());
  for (std::size_t i = words.size() - sized_words; i < words.size(); ++i) help.emplace_back(words[i].help);
  for (const auto* size : sizes) help.push_back(fmt::format("{} bit keys.", size));
  return help;
}

// `esp-sha` is how people write it; by abbreviation alone it would be ambiguous. A size of 128 is what none means.
parser::Arguments spelled_out(const parser::Arguments& typed) {
  parser::Arguments canonical;
  for (const auto& [name, text] : typed.all()) {
    if (name == "transform" && text == "esp-sha")
      canonical.add(name, "esp-sha-hmac");
    else if (name == "transform" && text == "esp-md5")
      canonical.add(name, "esp-md5-hmac");
    else
      canonical.add(name, text);
  }
  return canonical;
}

std::vector<std::string> normalised(const std::vector<std::string>& typed) {
  auto words_kept = typed;
  std::erase(words_kept, "128");
  return words_kept;
}

config::Accepted check_row(const config::RowChange<TransformSetRow>& change, const config::View&) {
  if (!change.after) return {};
  const auto set = transform_set_of(change.after->name, change.after->transforms);
  if (!set) return std::unexpected(config::Refusal{set.error()});
  return {};
}

std::string weak_transforms(const config::LeafChange<std::vector<std::string>>& change, const config::View&) {
  const auto set = change.after ? transform_set_of("", *change.after) : std::unexpected(std::string());
  if (!set) return "";
  if (is_weak(set->encryption)) return weak_encryption_warning;
  return is_weak(set->integrity) ? weak_hash_warning : "";
}

config::Accepted check_mode(const config::LeafChange<std::string>& change, const config::View&) {
  if (change.after == "transport")
    return std::unexpected(config::Refusal{"% Transport mode is not supported: use mode tunnel"});
  return {};
}

config::LeafDefinition mode_leaf() {
  return config::leaf("mode kind:(tunnel|transport)", &TransformSetRow::mode,
                      {.help = {"encapsulation mode (transport/tunnel)", "tunnel (datagram encapsulation) mode",
                                "transport (payload encapsulation) mode"},
                       .default_ = "tunnel",
                       .render_absent = "mode tunnel",
                       .check = check_mode,
                       .examples = {"mode tunnel"}});
}

}  // namespace

void define_transform_sets(config::Registry& registry) {
  registry.add(config::mode<TransformSetRow>(
      {.enter = entering_line(""),
       .help = entering_help({}),
       .key = &TransformSetRow::name,
       .prompt = "cfg-crypto-trans",
       .title = "Crypto transform configuration commands:",
       .exit_help = "Exit from crypto transform configuration mode",
       .entry = config::entered(&TransformSetRow::transforms,
                                {.normalise = normalised, .trailing_space = true, .notice = weak_transforms}),
       .leaves = {mode_leaf(), config::leaf("esn", &TransformSetRow::esn,
                                            {.help = {"Extended sequence number anti-replay"}, .order = 1})},
       .aliases = {{.spec = entering_line("|esp-sha|esp-md5"),
                    .help = entering_help({"ESP transform using HMAC-SHA auth", "ESP transform using HMAC-MD5 auth"}),
                    .map = spelled_out}},
       .order = config::section_order::crypto_ipsec_transform_set,
       .trailing_space = true,
       .check = check_row,
       .examples = {"crypto ipsec transform-set t esp-3des esp-md5-hmac", "crypto ipsec transform-set t esp-gcm 256",
                    "crypto ipsec transform-set t esp-aes 192 esp-sha512-hmac",
                    "crypto ipsec transform-set t esp-ctr esp-sha256-hmac",
                    "crypto ipsec transform-set t esp-chacha20-poly1305"}}));
}

std::expected<TransformSet, std::string> transform_set_of(const std::string& name,
                                                          const std::vector<std::string>& typed) {
  std::optional<Encryption> encryption;
  std::optional<Integrity> integrity_chosen;
  for (std::size_t i = 0; i < typed.size(); ++i) {
    const auto* word = std::ranges::find(words, std::string_view(typed[i]), &Word::keyword);
    if (word == words.end() || !word->built)
      return std::unexpected(fmt::format("% Transform {} is not supported", typed[i]));
    if (word->role == integrity) {
      if (integrity_chosen) return std::unexpected("% Only one ESP authentication transform can be selected");
      integrity_chosen = word->integrity;
      continue;
    }
    if (encryption) return std::unexpected("% Only one ESP encryption transform can be selected");
    const bool has_size = i + 1 < typed.size() && is_size(typed[i + 1]);
    encryption = has_size ? sized(*word, typed[i + 1]) : word->encryption;
    if (!encryption) return std::unexpected(fmt::format("% Transform {} {} is not supported", typed[i], typed[i + 1]));
    if (has_size) ++i;
  }
  if (!encryption) return std::unexpected("% An ESP encryption transform must be selected: esp-null for none");
  if (is_aead(*encryption) && integrity_chosen)
    return std::unexpected(
        "% This cipher authenticates by itself: no ESP authentication transform can be selected with it");
  if (*encryption == Encryption::null && !integrity_chosen)
    return std::unexpected("% esp-null needs an ESP authentication transform");
  if (!is_aead(*encryption) && !integrity_chosen)
    return std::unexpected("% Encryption without authentication is not safe: add esp-sha256-hmac or another");
  return TransformSet{name, *encryption, integrity_chosen.value_or(Integrity::none)};
}

}  // namespace culvert::ike
