// What the benchmark programs share: samples of a figure, and a main() that prints them.
//
// Every case measures one figure. It is told as the median of its samples and their minimum, with the figure of a peer
// and the ratio of the two where the caller measured one in the same run and said so by --peer. By default a table;
// --json: one object,
//
//   {"figures": [{"case": "...", "unit": "...", "median": 1, "minimum": 1, "samples": 9, "peer": 2, "ratio": 0.5},
//   ...],
//    "notes": ["..."], "not_measured": ["..."]}
//
//   PROGRAM [--json] [--peer=CASE=FIGURE]... [--absent=TEXT]... [--benchmark_filter=... and what else Google Benchmark
//   takes]
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace culvert::bench {

class Samples {
 public:
  void add(double figure) { figures_.push_back(figure); }
  // Hands them to the report as the figure of this case. Requires: there is a sample.
  void publish(benchmark::State& state, const std::string& unit);

 private:
  std::vector<double> figures_;
};

// The report says so below its figures: what belongs here and was left out, and why.
void not_measured(std::string what);
// What one must know to read the figures, below them as well.
void note(std::string text);

}  // namespace culvert::bench
