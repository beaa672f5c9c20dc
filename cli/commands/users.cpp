#include "cli/commands/users.h"

#include <algorithm>

namespace culvert::config {

template <>
struct Codec<cli::User> {
  static cli::User decode(const parser::Arguments& arguments) {
    cli::User user{.name = arguments["name"], .privilege = {}, .secret = {}, .password = {}};
    if (const auto* level = arguments.find("privilege")) user.privilege = TextCodec<std::uint32_t>::decode(*level);
    user.secret = decode_password(arguments, "secret_type", "secret");
    user.password = decode_password(arguments, "password_type", "password");
    return user;
  }
  static parser::Arguments encode(const cli::User& user) {
    parser::Arguments arguments;
    arguments.add("name", user.name);
    if (user.privilege) arguments.add("privilege", std::to_string(*user.privilege));
    encode_password(user.secret, "secret_type", "secret", arguments);
    encode_password(user.password, "password_type", "password", arguments);
    return arguments;
  }

 private:
  static std::optional<cli::StoredPassword> decode_password(const parser::Arguments& arguments, const char* type_name,
                                                            const char* text_name) {
    const auto *type = arguments.find(type_name), *text = arguments.find(text_name);
    if (text == nullptr) return std::nullopt;
    return cli::StoredPassword{type == nullptr ? cli::PasswordType::plain : cli::password_type(*type), *text};
  }
  static void encode_password(const std::optional<cli::StoredPassword>& password, const char* type_name,
                              const char* text_name, parser::Arguments& arguments) {
    if (!password) return;
    arguments.add(type_name, cli::type_text(password->type));
    arguments.add(text_name, password->text);
  }
};

}  // namespace culvert::config

namespace culvert::cli {
namespace {

constexpr const char* username_spec =
    "username <name:word> [privilege <privilege:u32(0-15)>] "
    "[secret [secret_type:(0|5|8|9)] <secret:line>|password [password_type:(0|7)] <password:line>]";
constexpr const char* scrypt_example = "9 $9$2MJBozw/9R3UsU$2lFhcKvpghcyw8deP25GOfyZaagyUOGBymkryvOdfo6";
constexpr const char* md5_example = "5 $1$28772684$iEwNOgGugqO9.bIz5sk8k/";
constexpr const char* pbkdf2_example = "8 $8$TnGX/fE4KGHOVU$pEhnEvxrvaynpi8j4f.EMHr6M.FzU8xnZnBr/tJdFWk";

// `algorithm-type scrypt` asks for what a plain secret becomes anyway.
constexpr const char *algorithm_help = "Algorithm to use for hashing the plain text secret",
                     *scrypt_help = "Encode the password using the SCRYPT algorithm";
parser::Arguments as_given(const parser::Arguments& arguments) { return arguments; }

// What is too long to be hashed is left to the check, which refuses it.
StoredPassword stored_secret(const StoredPassword& secret, net::Random& random) {
  return secret.type == PasswordType::plain && is_well_formed(secret) ? hashed(secret.text, random) : secret;
}

std::vector<std::string> username_help() {
  std::vector<std::string> help{"Establish User Name Authentication", "User name", "Set user privilege level",
                                "User privilege level", "Specify the secret for the user"};
  const auto add = [&help](const std::vector<std::string>& more) { help.insert(help.end(), more.begin(), more.end()); };
  add(secret_help());
  help.emplace_back("Specify the password for the user");
  add(password_help());
  return help;
}

// A line says something of a user; what it does not speak of stays.
std::expected<std::optional<User>, config::Refusal> place_user(const User& said, const config::Siblings& siblings) {
  using UserCodec = config::Codec<User>;
  const auto known = siblings.like(UserCodec::encode(said), {"name"});
  if (known.empty()) return said;
  const auto before = UserCodec::decode(known.front());
  auto after = before;
  if (said.privilege) after.privilege = said.privilege;
  if (said.secret || said.password) {
    after.secret = said.secret;
    after.password = said.password;
  }
  if (after == before) return std::nullopt;
  return after;
}

config::Accepted check_user(const config::LeafChange<User>& change, const config::View&) {
  if (!change.after) return {};
  if (change.after->name.size() > 64)
    return std::unexpected(config::Refusal{"% A user name has at most 64 characters"});
  return check_stored(password_of(*change.after));
}

}  // namespace

config::SectionDefinition users_definition(net::Random& random) {
  return config::global<Users>(
      {.table = "users",
       .leaves = {config::leaf(
           username_spec, &Users::all,
           {.help = username_help(),
            .normalise =
                [&random](const User& user) {
                  auto stored = user;
                  if (stored.secret) stored.secret = stored_secret(*stored.secret, random);
                  return stored;
                },
            .aliases = {{.spec = "username <name:word> [privilege <privilege:u32(0-15)>] algorithm-type scrypt secret "
                                 "<secret:line>",
                         .help = {"Establish User Name Authentication", "User name", "Set user privilege level",
                                  "User privilege level", algorithm_help, scrypt_help,
                                  "Specify the secret for the user", "The UNENCRYPTED (cleartext) secret"},
                         .map = as_given}},
            .identity = {"name"},
            .placement = {.place = place_user,
                          .removes = [](const User& user,
                                        const parser::Arguments& given) { return user.name == given["name"]; },
                          .merges = true},
            .secret = {"secret", "password"},
            .order = config::section_order::username,
            .check = check_user,
            .column = "username",
            .examples = {"username admin", "username admin privilege 15",
                         std::string("username admin privilege 15 secret ") + scrypt_example,
                         std::string("username admin secret ") + md5_example, "username operator password 0 two words",
                         "username operator password 7 094F471A1A0A"}})}});
}

config::SectionDefinition enable_definition(net::Random& random) {
  const auto help = [](const char* what, std::vector<std::string> rest) {
    rest.insert(rest.begin(), {"Modify enable password parameters", what});
    return rest;
  };
  return config::global<EnablePasswords>(
      {.table = "enable",
       .leaves = {
           config::leaf(std::string("enable secret ") + secret_spec, &EnablePasswords::secret,
                        {.help = help("Assign the privileged level secret", secret_help()),
                         .normalise = [&random](const StoredPassword& s) { return stored_secret(s, random); },
                         .aliases = {{.spec = "enable algorithm-type scrypt secret <text:line>",
                                      .help = help(algorithm_help, {scrypt_help, "Assign the privileged level secret",
                                                                    "The UNENCRYPTED (cleartext) secret"}),
                                      .map = as_given}},
                         .secret = {"text"},
                         .order = config::section_order::enable_secret,
                         .check = check_password,
                         .column = "secret",
                         .examples = {std::string("enable secret ") + scrypt_example,
                                      std::string("enable secret ") + pbkdf2_example,
                                      std::string("enable secret ") + md5_example}}),
           config::leaf(
               std::string("enable password ") + password_spec, &EnablePasswords::password,
               {.help = help("Assign the privileged level password", password_help()),
                .secret = {"text"},
                .order = config::section_order::enable_secret,
                .check = check_password,
                .column = "password",
                .examples = {"enable password cisco", "enable password 7 094F471A1A0A", "enable password 0 7 up"}}),
       }});
}

std::optional<User> find_user(const config::View& configuration, std::string_view name) {
  auto users = configuration.global<Users>().all;
  const auto found = std::ranges::find(users, name, &User::name);
  if (found == users.end()) return std::nullopt;
  return std::move(*found);
}

}  // namespace culvert::cli
