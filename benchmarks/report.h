// What the benchmark programs share: samples of a figure, and a main() that prints them.
//
// Every case measures one figure. It is told as the median of its samples and their minimum, with the figure of a peer
// and the ratio of the two: below 1 we need less. The peer was measured before in the same run (--peer), or is now, in
// turn with us, by a program (--peer-program, Samples::add_peer). A goal that is missed is said in the table and below
// it. By default a table; --json: one object,
//
//   {"figures": [{"case": "...", "unit": "...", "median": 1, "minimum": 1, "samples": 9, "peer": 2, "peer_minimum": 2,
//                 "ratio": 0.5, "goal": "at most 1 of the peer", "missed": false}, ...],
//    "notes": ["..."], "not_measured": ["..."]}
//
//   PROGRAM [--json] [--peer=CASE=FIGURE]... [--peer-program=PATH] [--absent=TEXT]... [--benchmark_filter=... and what
//   else Google Benchmark takes]
#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

namespace culvert::bench {

class Samples {
 public:
  void add(double figure) { figures_.push_back(figure); }
  // Runs the peer's program with these arguments; every line it prints is a sample of its figure. Without a program, or
  // where it fails, there is no peer, and the report says so.
  void add_peer(const std::vector<std::string>& arguments);
  // Hands them to the report as the figure of this case. Requires: there is a sample.
  void publish(benchmark::State& state, const std::string& unit);

 private:
  std::vector<double> figures_, peer_;
};

// Cases whose name begins so should need no more than `factor` of the peer, minimum by minimum, since what else runs on
// the machine only ever adds; or stay below `limit` in their unit, by the median.
void goal_beside_peer(const std::string& beginning, double factor);
void goal(const std::string& beginning, double limit);

// The report says so below its figures: what belongs here and was left out, and why.
void not_measured(std::string what);
// What one must know to read the figures, below them as well.
void note(std::string text);

}  // namespace culvert::bench
