#include "config-store/store.h"

#include <algorithm>
#include <cassert>

#include <fmt/format.h>

#include "config-store/execute.h"
#include "config-store/long_command.h"
#include "config-store/render.h"
#include "config-store/store_impl.h"
#include "net/overloaded.h"

namespace culvert::config {
namespace {

Outcome mistaken(parser::MatchResult result) {
  Outcome outcome;
  if (std::holds_alternative<parser::Empty>(result)) return outcome;
  outcome.kind = Outcome::Kind::mistaken;
  outcome.mistake = std::move(result);
  return outcome;
}

Outcome refused(std::string text) {
  Outcome outcome;
  outcome.kind = Outcome::Kind::refused;
  outcome.refusal = {std::move(text)};
  return outcome;
}

// The lines of a block whose first line was refused: without it they would land in the block before.
class RefusedBlock {
 public:
  bool holds(std::string_view line) {
    const auto depth = line.find_first_not_of(" \t");
    if (depth == std::string_view::npos || line[depth] == '!') return false;
    if (depth <= begin_) begin_ = none;
    return begin_ != none;
  }
  void begin(std::string_view line) { begin_ = line.find_first_not_of(" \t"); }

 private:
  static constexpr auto none = std::string_view::npos;
  std::size_t begin_ = none;  // the indentation of the refused line
};

// What is wrong with a line that no mode knows. At the start of a line of a file stands what belongs to the global
// mode.
parser::MatchResult judged(const Registry& registry, std::string_view line, parser::MatchResult result) {
  if (line.starts_with(' ') || line.starts_with('\t')) return result;
  auto found = find_command(registry, {}, line, 15);
  auto* global = std::get_if<parser::MatchResult>(&found);
  return global ? std::move(*global) : std::move(result);
}

Outcome not_stored(const DatabaseError& error) {
  return refused(fmt::format("% The configuration cannot be stored: {}", error.what()));
}

// Takes the first line off `text`.
std::string_view first_line(std::string_view& text) {
  const auto end = std::min(text.find('\n'), text.size());
  auto line = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

// The command that `line` begins, with those lines of `rest` that belong to it; `number` counts them. One that never
// ends is no command.
std::string whole_command(std::string_view line, std::string_view& rest, std::size_t& number) {
  auto command = LongCommand::begin(line);
  if (!command) return std::string(line);
  for (; !command->done() && !rest.empty(); ++number) command->add(first_line(rest));
  return command->done() ? command->line() : "banner motd";
}

}  // namespace

std::string RefusedLine::message() const {
  if (outcome.kind == Outcome::Kind::refused) return outcome.refusal.text;
  return std::visit(
      net::overloaded{[](const parser::Incomplete&) -> std::string { return "% Incomplete command."; },
                      [&](const parser::Ambiguous&) { return fmt::format("% Ambiguous command:  \"{}\"", line); },
                      [](const parser::Invalid& invalid) {
                        return fmt::format("% Invalid input detected at column {}.", invalid.column + 1);
                      },
                      [](const auto&) { return std::string(); }},
      outcome.mistake);
}

Store::Store(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) { assert(impl_->registry.is_complete()); }
Store::~Store() = default;

std::expected<std::unique_ptr<Store>, std::string> Store::open(const Registry& registry,
                                                               const std::filesystem::path& folder) {
  try {
    return std::unique_ptr<Store>(new Store(std::make_unique<Impl>(registry, folder / "running.db")));
  } catch (const DatabaseError& error) {
    return std::unexpected(
        fmt::format("the running configuration cannot be stored in {}: {}", folder.string(), error.what()));
  }
}

bool Store::keep_bad(const std::filesystem::path& folder) {
  const auto file = folder / "running.db";
  if (!Database::is_damaged(file)) return false;
  std::error_code error;
  std::filesystem::rename(file, folder / "running.db.bad", error);
  return !error;
}

std::unique_ptr<Store> Store::in_memory(const Registry& registry) {
  return std::unique_ptr<Store>(new Store(std::make_unique<Impl>(registry, std::filesystem::path())));
}

const Registry& Store::registry() const { return impl_->registry; }

bool Store::holds_secret(const Context& context, std::string_view line) const {
  const auto found = find_command(impl_->registry, context, line, 15);
  const auto* command = std::get_if<Found>(&found);
  if (command == nullptr || command->command->kind != Command::Kind::leaf) return false;
  const auto& leaf = impl_->registry.section(command->command->section).leaves[command->command->leaf];
  return std::ranges::any_of(leaf.secret, [&](const auto& capture) { return command->arguments.has(capture); });
}

const std::string& Store::prompt(const Context& context) const {
  return impl_->registry.mode(context.mode()).definition.prompt;
}

void Store::tell(const Changeset& changeset) const {
  if (changeset.empty() || impl_->subscribers.empty()) return;
  const CommittedChanges changes(impl_->registry, impl_->owners, impl_->tables, *this, changeset);
  for (const auto& subscriber : impl_->subscribers) subscriber(changes);
}

Outcome Store::execute(Context& context, std::string_view line, unsigned privilege) {
  auto found = find_command(impl_->registry, context, line, privilege);
  if (auto* result = std::get_if<parser::MatchResult>(&found)) return mistaken(std::move(*result));
  try {
    Transaction transaction(impl_->database);
    auto moved = context;
    auto outcome = impl_->executor(*this).run(moved, std::get<Found>(found));
    if (!outcome.ok()) return outcome;
    const auto changeset = transaction.commit();
    context = std::move(moved);
    tell(changeset);
    return outcome;
  } catch (const DatabaseError& error) {
    return not_stored(error);
  }
}

std::vector<RefusedLine> Store::load(std::string_view text) { return load_as(text, true); }

std::vector<RefusedLine> Store::fill(std::string_view text) { return load_as(text, false); }

std::vector<RefusedLine> Store::load_as(std::string_view text, bool journalled) {
  std::vector<RefusedLine> all;
  try {
    Transaction transaction(impl_->database, journalled);
    impl_->tables.remember(true);
    all = load_lines(text);
    impl_->tables.remember(false);
    tell(transaction.commit());
  } catch (const DatabaseError& error) {
    impl_->tables.remember(false);
    all.assign(1, RefusedLine{0, "", not_stored(error)});
  }
  return all;
}

// Where a text is being read, and what was refused of it so far.
struct Store::Loading {
  std::string_view text;
  std::size_t number = 1;
  Context context = {};
  RefusedBlock block = {};
  std::vector<RefusedLine> refused = {};
};

// Many lines share a savepoint; where one of them is refused, they are taken back and executed again, one by one.
std::vector<RefusedLine> Store::load_lines(std::string_view text) {
  Loading loading{.text = text};
  auto executor = impl_->executor(*this);
  while (!loading.text.empty()) {
    auto attempt = loading;
    Query(impl_->database, "SAVEPOINT lines").run();
    const bool accepted = load_some(executor, attempt, false);
    if (!accepted) take_back_to("lines");
    Query(impl_->database, "RELEASE lines").run();
    if (accepted)
      loading = std::move(attempt);
    else
      load_some(executor, loading, true);
  }
  return std::move(loading.refused);
}

// False where a line was refused and the others of this savepoint must be taken back.
bool Store::load_some(Executor& executor, Loading& loading, bool one_by_one) {
  constexpr int lines_together = 256;
  for (int i = 0; i < lines_together && !loading.text.empty(); ++i, ++loading.number) {
    const auto line = first_line(loading.text);
    const auto refuse = [&, number = loading.number](Outcome outcome) {
      loading.refused.push_back({number, std::string(line), std::move(outcome)});
    };
    if (loading.block.holds(line)) {
      refuse(refused("% The line that begins this block was refused"));
      continue;
    }
    const auto whole = whole_command(line, loading.text, loading.number);
    auto outcome = run_line(executor, loading.context, whole, one_by_one);
    if (outcome.kind == Outcome::Kind::ended) loading.text = {};
    if (outcome.ok()) continue;
    if (!one_by_one) return false;
    loading.block.begin(line);
    refuse(std::move(outcome));
  }
  return true;
}

Outcome Store::run_line(Executor& executor, Context& context, std::string_view line, bool saved) {
  auto found = find_command(impl_->registry, context, line, 15);
  if (auto* result = std::get_if<parser::MatchResult>(&found))
    return mistaken(judged(impl_->registry, line, std::move(*result)));
  auto& command = std::get<Found>(found);
  return saved ? run_saved(executor, context, command) : executor.run(context, command);
}

void Store::take_back_to(const std::string& savepoint) {
  Query(impl_->database, "ROLLBACK TO " + savepoint).run();
  impl_->tables.forget();
}

// A savepoint a line: a refusal in the middle of a command leaves nothing of it.
Outcome Store::run_saved(Executor& executor, Context& context, const Found& found) {
  Query(impl_->database, "SAVEPOINT line").run();
  auto outcome = executor.run(context, found);
  if (!outcome.ok()) take_back_to("line");
  Query(impl_->database, "RELEASE line").run();
  return outcome;
}

Accepted Store::add_permanent(std::string_view mode, const Key& key) {
  const auto id = impl_->registry.find(mode).value();
  try {
    impl_->tables.insert_row(own_section(impl_->registry.mode(id)), key);
  } catch (const DatabaseError& error) {
    return std::unexpected(not_stored(error).refusal);
  }
  impl_->permanent.emplace(id, key);
  return {};
}

std::string Store::render_running(RenderOptions options) const {
  return Renderer(impl_->registry, impl_->tables, options).everything();
}

std::string Store::render_section(std::string_view mode, const Key& key, RenderOptions options) const {
  return Renderer(impl_->registry, impl_->tables, options).one(impl_->registry.find(mode).value(), key);
}

void Store::subscribe(std::function<void(const Changes&)> subscriber) {
  impl_->subscribers.push_back(std::move(subscriber));
}

std::int64_t Store::revision() const { return impl_->journal.revision(); }

Accepted Store::revert_to(std::int64_t revision) {
  if (!impl_->journal.reaches(revision))
    return std::unexpected(Refusal{fmt::format("% The journal does not reach back to commit {}", revision)});
  try {
    Transaction transaction(impl_->database);
    impl_->journal.take_back(revision);
    tell(transaction.commit());
  } catch (const DatabaseError& error) {
    return std::unexpected(not_stored(error).refusal);
  }
  return {};
}

bool Store::exists(std::string_view mode, const Key& key) const {
  const auto id = impl_->registry.find(mode);
  return id && *id != Registry::global && impl_->tables.has_row(own_section(impl_->registry.mode(*id)), key);
}

void Store::each(std::type_index row, const std::function<void(const Fill&)>& take) const {
  const auto id = impl_->registry.section_of(row);
  const auto& section = impl_->registry.section(id);
  const auto rows = impl_->tables.read(id, {});
  std::vector<const std::pair<const Key, RawRow>*> sorted;
  for (const auto& one : rows) sorted.push_back(&one);
  const auto& mode = impl_->registry.mode(section.mode).definition;
  std::ranges::sort(sorted, [&](const auto* a, const auto* b) { return listed_before(mode, a->first, b->first); });
  for (const auto* one : sorted)
    take([&](void* into) { section.assign(into, decode(section, one->first, one->second)); });
}

void Store::each_arguments(std::type_index row, const std::function<void(const parser::Arguments&)>& take) const {
  const auto id = impl_->registry.section_of(row);
  assert(impl_->registry.section(id).leaves.size() == 1 && impl_->registry.section(id).key_columns.empty());
  impl_->tables.each_entry(id, 0, {}, take);
}

bool Store::fill_one(std::type_index row, const Key& key, void* into) const {
  const auto id = impl_->registry.section_of(row);
  assert(key.parts.size() == impl_->registry.section(id).key_columns.size());
  const auto record = impl_->tables.record(id, key);
  if (record) impl_->registry.section(id).assign(into, *record);
  return record.has_value();
}

std::optional<Key> Store::key_meeting(std::type_index row, const Range& wanted, const Key& but) const {
  return impl_->tables.meeting(impl_->registry.section_of(row), wanted, but);
}

std::string configuration_text(std::string_view body, const std::vector<std::string>& comments) {
  std::string text = "!\n";
  for (const auto& comment : comments) text += fmt::format("! {}\n", comment);
  if (!comments.empty()) text += "!\n";
  return text.append(body) + "end\n";
}

std::string show_running_config(std::string_view text) {
  return fmt::format("Building configuration...\n\nCurrent configuration : {} bytes\n{}\n", text.size(), text);
}

}  // namespace culvert::config
