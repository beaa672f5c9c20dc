// The figures go through Google Benchmark's counters and come out at its reporter, which prints them our way.
#include "benchmarks/report.h"

#include <algorithm>
#include <cassert>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <string_view>

#include <fmt/format.h>

namespace culvert::bench {

namespace {

struct Options {
  bool json = false;
  std::map<std::string, double, std::less<>> peers;  // by case
};
Options options;

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
      fmt::print("{:<44} {:>12} {:>12}  {:<22} {:>10} {:>7}\n", "case", "median", "minimum", "unit", "peer", "ratio");
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
      for (const auto& text : notes()) fmt::print("note: {}\n", text);
      for (const auto& text : absent()) fmt::print("not measured: {}\n", text);
    }
  }

  bool failed() const { return failed_; }

 private:
  void figure(const Run& run) {
    const auto& name = run.run_name.function_name;
    const double median = run.counters.at("median"), minimum = run.counters.at("minimum");
    const auto peer = options.peers.find(name);
    const bool has_peer = peer != options.peers.end();
    if (options.json) {
      fmt::print("{}{{\"case\": {}, \"unit\": {}, \"median\": {:.6g}, \"minimum\": {:.6g}, \"samples\": {}",
                 std::exchange(comma_, ",\n  "), quoted(name), quoted(run.report_label), median, minimum,
                 static_cast<std::size_t>(run.counters.at("samples")));
      if (has_peer) fmt::print(", \"peer\": {:.6g}, \"ratio\": {:.4g}", peer->second, median / peer->second);
      fmt::print("}}");
    } else {
      fmt::print("{:<44} {:>12.5g} {:>12.5g}  {:<22}", name, median, minimum, run.report_label);
      if (has_peer) fmt::print(" {:>10.5g} {:>7.2f}", peer->second, median / peer->second);
      fmt::print("\n");
    }
  }

  const char* comma_ = "\n  ";
  bool failed_ = false;
};

// Takes our options out of the arguments; false where one is not understood.
bool take(std::string_view argument) {
  if (argument == "--json") return options.json = true;
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

void Samples::publish(benchmark::State& state, const std::string& unit) {
  assert(!figures_.empty());
  std::ranges::sort(figures_);
  const auto middle = figures_.size() / 2;
  const bool odd = figures_.size() % 2 == 1;
  state.counters["median"] = odd ? figures_[middle] : (figures_[middle - 1] + figures_[middle]) / 2;
  state.counters["minimum"] = figures_.front();
  state.counters["samples"] = static_cast<double>(figures_.size());
  state.SetLabel(unit);
}

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
