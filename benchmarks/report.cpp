// The figures go through Google Benchmark's counters and come out at its reporter, which prints them our way.
#include "benchmarks/report.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace culvert::bench {

namespace {

struct Options {
  bool json = false;
  std::map<std::string, double, std::less<>> peers;  // by case
  std::string peer_program;
};
Options options;

struct Goal {
  std::string beginning;
  double limit;
  bool beside_peer;
};
std::vector<Goal>& goals() {
  static std::vector<Goal> all;
  return all;
}

std::vector<std::string>& absent() {
  static std::vector<std::string> texts;
  return texts;
}
std::vector<std::string>& notes() {
  static std::vector<std::string> texts;
  return texts;
}

// Our texts have nothing that JSON would escape but quotes and backslashes.
std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string list(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ", ") + quoted(text);
  return '[' + out + ']';
}

class Report final : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override {
    if (options.json)
      fmt::print("{{\"figures\": [");
    else
      fmt::print("{:<34} {:>10} {:>10}  {:<14} {:>10} {:>10} {:>6} {:>6}\n", "case", "median", "minimum", "unit",
                 "peer", "minimum", "ratio", "of min");
    return true;
  }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const auto& run : runs) {
      if (run.error_occurred) {
        fmt::print(stderr, "{}: {}\n", run.run_name.function_name, run.error_message);
        failed_ = true;
      } else {
        figure(run);
      }
      std::fflush(stdout);
    }
  }

  void Finalize() override {
    if (options.json) {
      fmt::print("],\n \"notes\": {}, \"not_measured\": {}}}\n", list(notes()), list(absent()));
    } else {
      for (const auto& text : missed_) fmt::print("goal missed: {}\n", text);
      for (const auto& text : notes()) fmt::print("note: {}\n", text);
      for (const auto& text : absent()) fmt::print("not measured: {}\n", text);
    }
  }

  bool failed() const { return failed_; }

 private:
  struct Figure {
    std::string name, unit;
    double median, minimum;
    std::size_t samples;
    std::optional<double> peer, peer_minimum;
    std::string goal = {};
    bool missed = false;

    double ratio() const { return median / *peer; }
  };

  static Figure figure_of(const Run& run) {
    const auto counter = [&](const char* name) -> std::optional<double> {
      const auto found = run.counters.find(name);
      return found == run.counters.end() ? std::nullopt : std::optional<double>(found->second);
    };
    Figure f{.name = run.run_name.function_name,
             .unit = run.report_label,
             .median = counter("median").value(),
             .minimum = counter("minimum").value(),
             .samples = static_cast<std::size_t>(counter("samples").value()),
             .peer = counter("peer"),
             .peer_minimum = counter("peer minimum")};
    if (const auto given = options.peers.find(f.name); given != options.peers.end()) f.peer = given->second;
    judge(f);
    return f;
  }

  static void judge(Figure& f) {
    for (const auto& goal : goals()) {
      if (!f.name.starts_with(goal.beginning) || (goal.beside_peer && !f.peer)) continue;
      f.goal = goal.beside_peer ? fmt::format("at most {:g} of the peer", goal.limit)
                                : fmt::format("below {:g} {}", goal.limit, f.unit);
      f.missed = goal.beside_peer ? f.minimum > goal.limit * f.peer_minimum.value_or(*f.peer) : f.median >= goal.limit;
    }
  }

  void figure(const Run& run) {
    const auto f = figure_of(run);
    options.json ? print_json(f) : print_line(f);
    if (f.missed) missed_.push_back(fmt::format("{}: {}", f.name, f.goal));
  }

  void print_json(const Figure& f) {
    fmt::print("{}{{\"case\": {}, \"unit\": {}, \"median\": {:.6g}, \"minimum\": {:.6g}, \"samples\": {}",
               std::exchange(comma_, ",\n  "), quoted(f.name), quoted(f.unit), f.median, f.minimum, f.samples);
    if (f.peer) fmt::print(", \"peer\": {:.6g}, \"ratio\": {:.4g}", *f.peer, f.ratio());
    if (f.peer_minimum) fmt::print(", \"peer_minimum\": {:.6g}", *f.peer_minimum);
    if (!f.goal.empty()) fmt::print(", \"goal\": {}, \"missed\": {}", quoted(f.goal), f.missed);
    fmt::print("}}");
  }

  static void print_line(const Figure& f) {
    fmt::print("{:<34} {:>10.5g} {:>10.5g}  {:<14}", f.name, f.median, f.minimum, f.unit);
    if (f.peer) fmt::print(" {:>10.5g}", *f.peer);
    if (f.peer_minimum)
      fmt::print(" {:>10.5g} {:>6.2f} {:>6.2f}", *f.peer_minimum, f.ratio(), f.minimum / *f.peer_minimum);
    else if (f.peer)
      fmt::print(" {:>10} {:>6.2f}", "", f.ratio());
    fmt::print("{}\n", f.missed ? "  MISSED" : "");
  }

  std::vector<std::string> missed_;
  const char* comma_ = "\n  ";
  bool failed_ = false;
};

// Takes our options out of the arguments; false where one is not understood.
bool take(std::string_view argument) {
  if (argument == "--json") return options.json = true;
  if (argument.starts_with("--peer-program=")) return options.peer_program = argument.substr(15), true;
  if (argument.starts_with("--absent=")) return absent().emplace_back(argument.substr(9)), true;
  if (!argument.starts_with("--peer=")) return false;
  argument.remove_prefix(7);
  const auto at = argument.rfind('=');
  if (at == argument.npos) return false;
  const double figure = std::strtod(std::string(argument.substr(at + 1)).c_str(), nullptr);
  if (figure <= 0) return false;
  options.peers.insert_or_assign(std::string(argument.substr(0, at)), figure);
  return true;
}

}  // namespace

namespace {

// Sorts.
double median_of(std::vector<double>& figures) {
  std::ranges::sort(figures);
  const auto middle = figures.size() / 2;
  return figures.size() % 2 == 1 ? figures[middle] : (figures[middle - 1] + figures[middle]) / 2;
}

// The figures that a program writes to its standard output; nullopt where it fails.
std::optional<std::vector<double>> printed_by(std::vector<char*>& words) {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return std::nullopt;
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  pid_t child = 0;
  const int failed = posix_spawn(&child, words.front(), &actions, nullptr, words.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(ends[1]);
  std::vector<double> figures;
  auto* output = fdopen(ends[0], "r");
  for (double figure = 0; std::fscanf(output, "%lf", &figure) == 1;) figures.push_back(figure);
  std::fclose(output);
  int status = 0;
  if (failed != 0 || waitpid(child, &status, 0) != child || status != 0) return std::nullopt;
  return figures;
}

void say_once(std::string text) {
  if (std::ranges::find(absent(), text) == absent().end()) absent().push_back(std::move(text));
}

}  // namespace

void Samples::add_peer(const std::vector<std::string>& arguments) {
  if (options.peer_program.empty()) return say_once("the peer: no --peer-program was given");
  std::vector<char*> words{options.peer_program.data()};
  for (const auto& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
  words.push_back(nullptr);
  if (const auto figures = printed_by(words))
    peer_.insert(peer_.end(), figures->begin(), figures->end());
  else
    say_once(fmt::format("the peer: {} failed", options.peer_program));
}

void Samples::publish(benchmark::State& state, const std::string& unit) {
  assert(!figures_.empty());
  state.counters["median"] = median_of(figures_);
  state.counters["minimum"] = figures_.front();
  state.counters["samples"] = static_cast<double>(figures_.size());
  state.SetLabel(unit);
  if (peer_.empty()) return;
  state.counters["peer"] = median_of(peer_);
  state.counters["peer minimum"] = peer_.front();
}

void goal_beside_peer(const std::string& beginning, double factor) { goals().push_back({beginning, factor, true}); }

void goal(const std::string& beginning, double limit) { goals().push_back({beginning, limit, false}); }

void not_measured(std::string what) { absent().push_back(std::move(what)); }

void note(std::string text) { notes().push_back(std::move(text)); }

}  // namespace culvert::bench

int main(int count, char** words) {
  std::vector<char*> rest;
  for (int i = 0; i < count; ++i)
    if (i == 0 || !culvert::bench::take(words[i])) rest.push_back(words[i]);
  int left = static_cast<int>(rest.size());
  rest.push_back(nullptr);
  benchmark::Initialize(&left, rest.data());
  if (benchmark::ReportUnrecognizedArguments(left, rest.data())) return 2;
  culvert::bench::Report report;
  benchmark::RunSpecifiedBenchmarks(&report);
  benchmark::Shutdown();
  return report.failed() ? 1 : 0;
}
