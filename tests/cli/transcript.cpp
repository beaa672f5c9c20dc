#include "tests/cli/transcript.h"

#include <deque>
#include <regex>
#include <vector>

#include "net/overloaded.h"

namespace culvert::cli::testing {
namespace {

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

bool is_comment(std::string_view line) { return line == "#" || line.starts_with("# "); }

// What stands behind the prompt, where there is one.
std::optional<std::string> input_of(const std::string& line) {
  static const std::regex prompt(
      R"((?:[A-Za-z0-9][\w.-]*(?:\([\w-]+\))?[>#]|.*\[confirm\]|.*\[yes/no\]: |.*\?(?: \[[^\]]*\])?:? |.*\]\? |Password: | --More-- )(.*))");
  std::smatch match;
  if (!std::regex_match(line, match, prompt)) return std::nullopt;
  return match[1].str();
}

// Types the inputs of a transcript one after the other and writes down what the screen shows.
class Player {
 public:
  Player(SessionHost& host, const Hello& hello, std::string_view transcript)
      : session_(host, hello, [this](ServerFrame frame) { take(std::move(frame)); }) {
    for (const auto& line : lines_of(transcript)) {
      if (is_comment(line)) continue;
      if (auto input = input_of(line)) inputs_.push_back(std::move(*input));
    }
  }

  std::string play() {
    session_.start();
    if (prompt_ && prompt_->kind == Prompt::Kind::greeting) session_.receive(Answer{});
    while (!closed_ && !inputs_.empty() && prompt_) {
      const auto input = std::move(inputs_.front());
      inputs_.pop_front();
      type(input);
    }
    if (!inputs_.empty()) screen_ += "<no prompt for: " + inputs_.front() + ">\n";
    return screen_;
  }

 private:
  void type(const std::string& input) {
    const auto prompt = *prompt_;
    screen_ += prompt.text + input + "\n";
    if (prompt.kind == Prompt::Kind::command) return type_line(input);
    prompt_.reset();
    if (input == "<^C>")
      session_.receive(Interrupt{});
    else
      session_.receive(Answer{input == "<Space>" ? " " : input});
  }

  void type_line(const std::string& input) {
    if (input.ends_with('?')) return session_.receive(Help{input.substr(0, input.size() - 1)});
    if (input.ends_with("<Tab>")) return session_.receive(Complete{input.substr(0, input.size() - 5)});
    prompt_.reset();
    if (input.ends_with("<^Z>"))
      session_.receive(Line{input.substr(0, input.size() - 4), true});
    else
      session_.receive(Line{input});
  }

  void take(ServerFrame frame) {
    std::visit(net::overloaded{[&](const Output& output) { screen_ += output.text; },
                               [&](Prompt& prompt) { prompt_ = std::move(prompt); },
                               [&](const Completed& completed) {
                                 screen_ += completed.line.empty() ? "<bell>\n" : completed.line + "<\n";
                               },
                               [&](const Close&) { closed_ = true; }, [](const auto&) {}},
               frame);
  }

  std::deque<std::string> inputs_;
  std::optional<Prompt> prompt_;
  std::string screen_;
  bool closed_ = false;
  Session session_;
};

}  // namespace

std::string play(SessionHost& host, const Hello& hello, std::string_view transcript) {
  return Player(host, hello, transcript).play();
}

std::string without_comments(std::string_view transcript) {
  std::string text;
  for (const auto& line : lines_of(transcript)) {
    if (!is_comment(line)) text += line + "\n";
  }
  return text;
}

}  // namespace culvert::cli::testing
