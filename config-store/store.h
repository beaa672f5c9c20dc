// The running-config: a SQLite database that is told IOS lines, checks them, commits them, and tells who listens.
//
// running.db is made anew at every start and filled from the startup-config, so it is never synced. A typed line is one
// transaction; a file is one transaction with a savepoint a line. Each commit is kept as a changeset in the table
// `journal`, whose inverse takes it back. One thread uses a store.
//
// Where SQLite fails, a change is refused; reading and rendering throw DatabaseError (database_error.h).
#pragma once

#include <cstdint>
#include <expected>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config-store/changes.h"
#include "config-store/registry.h"
#include "config-store/view.h"

namespace culvert::config {

class Executor;
struct Found;

// Where a session stands: the modes entered, the global one not counted.
struct Context {
  struct Frame {
    ModeId mode;
    Key key;  // with those of its parents
    bool operator==(const Frame&) const = default;
  };
  std::vector<Frame> frames;

  ModeId mode() const { return frames.empty() ? Registry::global : frames.back().mode; }
  bool operator==(const Context&) const = default;
};

// What became of a line.
struct Outcome {
  enum class Kind {
    done,      // executed (an empty line or comment too); the context may have moved up, as IOS does
    entered,   // the context is in a mode below
    left,      // exit: one mode up
    ended,     // end, or exit from the global mode: configuration is over
    mistaken,  // the line is no command: `mistake` for parser::error_text()
    refused    // a command that was not accepted: `refusal`; nothing has changed
  } kind = Kind::done;
  parser::MatchResult mistake = parser::Empty{};
  Refusal refusal = {};
  std::vector<std::string> notices = {};  // lines to print, whatever the kind

  bool ok() const { return kind != Kind::mistaken && kind != Kind::refused; }
};

struct RefusedLine {
  std::size_t number;  // 1 = the first line of the text
  std::string line;
  Outcome outcome;
  // The reason in one line: "Invalid input detected at '^' marker" with its column, or the refusal.
  std::string message() const;
};

struct RenderOptions {
  bool all = false;           // with defaults
  bool hide_secrets = false;  // <hidden>
};

class Store : public View {
 public:
  // `folder` holds running.db afterwards; an old one is replaced. The registry must be complete and outlive the store.
  static std::expected<std::unique_ptr<Store>, std::string> open(const Registry& registry,
                                                                 const std::filesystem::path& folder);
  // Before open(): puts a damaged running.db aside as running.db.bad, and tells whether there was one.
  static bool keep_bad(const std::filesystem::path& folder);
  static std::unique_ptr<Store> in_memory(const Registry& registry);
  ~Store() override;

  const Registry& registry() const;

  // Executes one line of configuration in the context, which it may move. A line that is nothing in the current mode
  // but a command of one above is executed there; a line that is nothing anywhere is reported for the current mode.
  Outcome execute(Context& context, std::string_view line, unsigned privilege = 15);
  // Whether the line would set a leaf that has a secret in it: such a line is not to be kept anywhere else.
  bool holds_secret(const Context& context, std::string_view line) const;
  // "config", "config-if", ...: what stands in the prompt's parentheses.
  const std::string& prompt(const Context& context) const;

  // A whole file as one transaction: lines that are refused are returned, with those set deeper that follow them, and
  // the others are in force. Stops at `end`.
  // Where the database fails, nothing is in force and the only line returned has the number 0.
  std::vector<RefusedLine> load(std::string_view text);

  // The same for what a store holds first: this is kept in no journal, and revert_to() does not reach before it.
  std::vector<RefusedLine> fill(std::string_view text);

  // A row that is there from boot and cannot be removed by `no`: an interface of a physical port. Not journalled.
  // Refused only where the database fails.
  Accepted add_permanent(std::string_view mode, const Key& key);

  // Rendering, in the order and indentation of IOS. Lines end by "\n"; blocks are followed by "!".
  std::string render_running(RenderOptions options = {}) const;
  // One block without the "!" after it; empty where the row does not exist.
  std::string render_section(std::string_view mode, const Key& key, RenderOptions options = {}) const;

  // Called after each commit, on the caller's thread; must not change the store. Lives as long as the store.
  void subscribe(std::function<void(const Changes&)> subscriber);

  // The number of the latest commit, 0 = none.
  std::int64_t revision() const;
  // Takes back every commit after `revision`, as one new commit. Refused where the journal does not reach back so far.
  Accepted revert_to(std::int64_t revision);

  bool exists(std::string_view mode, const Key& key) const override;

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  struct Loading;
  std::vector<RefusedLine> load_as(std::string_view text, bool journalled);
  std::vector<RefusedLine> load_lines(std::string_view text);
  Outcome run_line(Executor& executor, Context& context, std::string_view line, bool saved);
  void take_back_to(const std::string& savepoint);
  bool load_some(Executor& executor, Loading& loading, bool one_by_one);
  Outcome run_saved(Executor& executor, Context& context, const Found& found);
  void tell(const std::vector<std::byte>& changeset) const;
  void each(std::type_index row, const std::function<void(const Fill&)>& take) const override;
  void each_arguments(std::type_index row, const std::function<void(const parser::Arguments&)>& take) const override;
  bool fill_one(std::type_index row, const Key& key, void* into) const override;
  std::optional<Key> key_meeting(std::type_index row, const Range& wanted, const Key& but) const override;

  std::unique_ptr<Impl> impl_;
};

// The text of a configuration file: "!", comment lines ("! " and text), the body, "end".
std::string configuration_text(std::string_view body, const std::vector<std::string>& comments = {});
// What `show running-config` prints for such a text: "Building configuration...", the byte count, the text.
std::string show_running_config(std::string_view text);

}  // namespace culvert::config
