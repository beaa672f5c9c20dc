#include "router/ssh_commands.h"

#include <fmt/format.h>

#include "cli/commands/hostname.h"
#include "cli/commands/ssh_settings.h"
#include "cli/ssh/algorithms.h"

namespace culvert::router {
namespace {

using cli::HostKeyKind;
using parser::Arguments;
using TerminalPtr = std::shared_ptr<parser::Terminal>;

std::string key_name(const config::View& configuration) {
  const auto domain = configuration.global<cli::DomainName>().name;
  const auto host = cli::hostname(configuration);
  return domain ? host + "." + *domain : host;
}

std::string host_key_algorithms(const std::vector<cli::HostKeyFacts>& keys) {
  std::string names;
  for (const auto& key : keys)
    names += (names.empty() ? "" : ",") + (key.kind == HostKeyKind::rsa ? std::string("rsa-sha2-512,rsa-sha2-256")
                                                                        : fmt::format("ecdsa-sha2-nistp{}", key.bits));
  return names;
}

std::string show_ip_ssh(const SshCommandHost& host) {
  auto& service = host.service();
  const auto& configuration = host.configuration();
  const auto settings = configuration.global<cli::SshSettings>();
  const auto keys = service.keys();
  auto text = fmt::format("SSH {} - version 2.0\n", service.runs() ? "Enabled" : "Disabled");
  if (keys.empty()) text += "%Please create RSA keys to enable SSH (crypto key generate rsa).\n";
  text += "Authentication methods:keyboard-interactive,password\n";
  text += fmt::format("Hostkey Algorithms:{}\nEncryption Algorithms:{}\nMAC Algorithms:{}\nKEX Algorithms:{}\n",
                      host_key_algorithms(keys), cli::ssh::ciphers, cli::ssh::macs, cli::ssh::key_exchanges);
  text += fmt::format("Authentication timeout: {} secs; Authentication retries: {}\n",
                      settings.time_out_s.value_or(cli::ssh_time_out_s), settings.retries.value_or(cli::ssh_retries));
  for (const auto& key : keys)
    text += fmt::format("IOS Keys in SECSH format({}, base64 encoded): {}\n{}\n",
                        key.public_line.substr(0, key.public_line.find(' ')), key_name(configuration), key.public_line);
  return text;
}

std::string show_ssh(const SshCommandHost& host) {
  std::string text;
  for (const auto& row : host.lines.rows()) {
    if (row.number < cli::Lines::first_vty || row.cipher.empty()) continue;
    for (const auto* direction : {"IN", "OUT"})
      text += fmt::format("{:<10} {:<7} {:<4} {:<30} {:<30} {:<18} {}\n", row.number - cli::Lines::first_vty, "2.0",
                          direction, row.cipher, row.mac, "Session started", row.user);
  }
  if (text.empty()) return "%No SSHv2 server connections running.\n";
  return fmt::format("{:<10} {:<7} {:<4} {:<30} {:<30} {:<18} {}\n", "Connection", "Version", "Mode", "Encryption",
                     "Hmac", "State", "Username") +
         text;
}

std::string show_keys(const SshCommandHost& host) {
  std::string text;
  for (const auto& key : host.service().keys())
    text += fmt::format("Key name: {}\nKey type: {} KEYS, {} bits\n Storage Device: not specified\n {}\n",
                        key_name(host.configuration()), key.kind == HostKeyKind::rsa ? "RSA" : "EC", key.bits,
                        key.public_line);
  return text;
}

void generate(const SshCommandHost& host, HostKeyKind kind, unsigned bits, const TerminalPtr& terminal) {
  const auto name = key_name(host.configuration());
  const auto* what = kind == HostKeyKind::rsa ? "RSA" : "EC";
  terminal->write(fmt::format("The name for the keys will be: {}\n\n", name));
  if (kind == HostKeyKind::rsa) terminal->write(fmt::format("% The key modulus size is {} bits\n", bits));
  terminal->write(fmt::format("% Generating {} bit {} keys, keys will be non-exportable...\n", bits, what));
  const auto begin = host.now();
  host.service().generate(kind, bits, name, [terminal, begin, now = host.now](const std::string& error) {
    if (error.empty())
      terminal->write(
          fmt::format("[OK] (elapsed time was {} seconds)\n\n", net::whole_seconds(now() - begin + net::Duration(1))));
    else
      terminal->write("%Error " + error + "\n");
    if (!error.empty()) terminal->fail();
    terminal->done();
  });
}

void zeroize(const SshCommandHost& host, std::optional<HostKeyKind> kind, const TerminalPtr& terminal) {
  if (host.service().keys().empty()) {
    terminal->write("% No Signature Keys found in configuration.\n\n");
    return terminal->done();
  }
  terminal->write("% All keys of this kind will be removed.\n% Clients of SSH will be told of another key.\n");
  terminal->ask("Do you really want to remove these keys? [yes/no]: ", true,
                [host, kind, terminal](const std::string& answer) {
                  if (!terminal->interrupted() && !answer.empty() && std::string_view("yes").starts_with(answer))
                    host.service().zeroize(kind);
                  terminal->done();
                });
}

unsigned number(const Arguments& arguments, const char* name, unsigned otherwise) {
  const auto* text = arguments.find(name);
  return text == nullptr ? otherwise : static_cast<unsigned>(std::stoul(*text));
}

void add_key_commands(parser::ExecCommands& commands, const SshCommandHost& host) {
  const std::string crypto = "Encryption module", key = "Long term key operations", make = "Generate new keys",
                    remove = "Remove keys";
  commands.add({.spec = "crypto key generate rsa [general-keys] [modulus <bits:u32(2048-4096)>]",
                .help = {crypto, key, make, "Generate RSA keys", "Generate a general purpose RSA key pair for signing",
                         "Provide number of modulus bits on the command line", "Size of the key modulus"},
                .privilege = 15,
                .run = [host](const Arguments& arguments, const TerminalPtr& terminal) {
                  generate(host, HostKeyKind::rsa, number(arguments, "bits", SshService::rsa_bits), terminal);
                }});
  commands.add({.spec = "crypto key generate ec [keysize bits:(256|384)]",
                .help = {crypto, key, make, "Generate EC keys for ECDSA", "Provide size of the key in bits", "256 bits",
                         "384 bits"},
                .privilege = 15,
                .run = [host](const Arguments& arguments, const TerminalPtr& terminal) {
                  generate(host, HostKeyKind::ec, number(arguments, "bits", 256), terminal);
                }});
  commands.add({.spec = "crypto key zeroize [kind:(rsa|ec)]",
                .help = {crypto, key, remove, "Remove RSA keys", "Remove EC keys"},
                .privilege = 15,
                .run = [host](const Arguments& arguments, const TerminalPtr& terminal) {
                  const auto* kind = arguments.find("kind");
                  if (kind == nullptr) return zeroize(host, std::nullopt, terminal);
                  zeroize(host, *kind == "rsa" ? HostKeyKind::rsa : HostKeyKind::ec, terminal);
                }});
}

}  // namespace

void add_ssh_commands(parser::ExecCommands& commands, const SshCommandHost& host) {
  add_key_commands(commands, host);
  const std::string show = "Show running system information";
  const auto text = [host](std::string (*shown)(const SshCommandHost&)) {
    return parser::text_command([host, shown](const Arguments&) { return shown(host); });
  };
  commands.add(
      {.spec = "show ip ssh", .help = {show, "IP information", "Information about ssh"}, .run = text(show_ip_ssh)});
  commands.add({.spec = "show ssh", .help = {show, "Status of SSH server connections"}, .run = text(show_ssh)});
  commands.add({.spec = "show crypto key mypubkey all",
                .help = {show, "Encryption module", "Show long term public keys",
                         "Show public keys associated with this router", "Show all public keys"},
                .privilege = 15,
                .run = text(show_keys)});
}

}  // namespace culvert::router
