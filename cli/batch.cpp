#include "cli/batch.h"

#include <fmt/core.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "net/overloaded.h"

namespace culvert::cli {
namespace {

void print(std::FILE* to, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), to);
  std::fflush(to);
}

// A session that is fed lines.
class Batch {
 public:
  using NextLine = std::function<std::optional<std::string>()>;

  // `name` says which line was refused; `answer` gives the answer to a question, nullopt interrupts.
  Batch(RouterConnection router, std::function<std::string()> name, NextLine answer)
      : router_(std::move(router)), name_(std::move(name)), answer_(std::move(answer)) {}

  int run(const NextLine& next_line) {
    router_.send(Hello{protocol_version, LineKind::command, 0, 0, false});
    await_prompt();
    while (!ended_) {
      const auto line = next_line();
      if (!line) break;
      complained_ = false;
      router_.send(Line{line->substr(0, typed_size_max), false});
      await_prompt();
    }
    return status_;
  }

 private:
  // Until the session wants the next line, or is over.
  void await_prompt() {
    bool wanted = false;
    while (!wanted && !ended_) {
      auto frame = router_.wait();
      if (!frame) return router_is_gone();
      std::visit(net::overloaded{[&](const Output& output) { show(output); },
                                 [&](const Prompt& prompt) { wanted = take(prompt); },
                                 [&](const Close& close) { end(close); }, [](const auto&) {}},
                 *frame);
    }
  }

  void show(const Output& output) {
    if (!output.error) return print(stdout, output.text);
    complain();
    print(stderr, output.text);
  }

  bool take(const Prompt& prompt) {
    if (prompt.kind == Prompt::Kind::command) {
      if (prompt.failed) complain();
      return true;
    }
    if (prompt.kind != Prompt::Kind::more && !prompt.text.empty()) print(stdout, prompt.text + "\n");
    const auto answer = answer_();
    if (answer)
      router_.send(Answer{answer->substr(0, typed_size_max)});
    else
      router_.send(Interrupt{});
    return false;
  }

  void complain() {
    status_ = 1;
    if (!std::exchange(complained_, true)) print(stderr, name_());
  }

  void end(const Close& close) {
    ended_ = true;
    if (close.reason == Close::Reason::refused) print(stderr, fmt::format("culvert: {}\n", close.text));
    if (close.reason == Close::Reason::refused) status_ = 2;
    if (close.reason == Close::Reason::shutdown) router_is_gone();
    if (close.status != 0) status_ = close.status;
  }

  void router_is_gone() {
    ended_ = true;
    status_ = 2;
    print(stderr, "culvert: the router went away\n");
  }

  RouterConnection router_;
  std::function<std::string()> name_;
  NextLine answer_;
  int status_ = 0;
  bool ended_ = false, complained_ = false;
};

// A line of a file without its end ("\n" or "\r\n"); nullopt at the end of the file.
std::optional<std::string> read_line(std::FILE* input) {
  char* text = nullptr;
  std::size_t capacity = 0;
  const auto size = ::getline(&text, &capacity, input);
  std::optional<std::string> line;
  if (size >= 0) line.emplace(text, static_cast<std::size_t>(size));
  std::free(text);
  while (line && (line->ends_with('\n') || line->ends_with('\r'))) line->pop_back();
  return line;
}

}  // namespace

int run_commands(RouterConnection router, const std::vector<std::string>& commands) {
  auto next = commands.begin();
  int question_count = 0;
  const auto answer = [&]() -> std::optional<std::string> {
    constexpr int question_count_max = 3;  // of one command; more is the same question, asked again
    if (++question_count > question_count_max) return std::nullopt;
    return std::string();
  };
  Batch batch(std::move(router), [] { return std::string(); }, answer);
  return batch.run([&]() -> std::optional<std::string> {
    question_count = 0;
    if (next == commands.end()) return std::nullopt;
    return *next++;
  });
}

int run_script(RouterConnection router, std::FILE* input) {
  std::size_t number = 0;
  std::string current;  // the line that runs, with its number
  const auto next = [&] {
    ++number;
    return read_line(input);
  };
  Batch batch(std::move(router), [&] { return current; }, next);
  return batch.run([&] {
    auto line = next();
    current = fmt::format("line {}: {}\n", number, line.value_or(""));
    return line;
  });
}

}  // namespace culvert::cli
