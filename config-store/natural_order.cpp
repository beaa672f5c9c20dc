#include "config-store/natural_order.h"

#include <algorithm>

namespace culvert::config {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The run of digits or of other characters that `text` begins with.
std::string_view run_of(std::string_view text) {
  std::size_t length = 1;
  while (length < text.size() && is_digit(text[length]) == is_digit(text[0])) ++length;
  return text.substr(0, length);
}

std::string_view without_zeros(std::string_view digits) {
  digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

// Less than, equal to or greater than zero.
int compare_runs(std::string_view a, std::string_view b) {
  if (!is_digit(a[0]) || !is_digit(b[0])) return a.compare(b);
  const auto x = without_zeros(a), y = without_zeros(b);
  if (x.size() != y.size()) return x.size() < y.size() ? -1 : 1;
  return x.compare(y);
}

}  // namespace

bool natural_before(std::string_view a, std::string_view b) {
  const auto x = a, y = b;
  while (!a.empty() && !b.empty()) {
    const auto run_a = run_of(a), run_b = run_of(b);
    if (const int order = compare_runs(run_a, run_b); order != 0) return order < 0;
    a.remove_prefix(run_a.size());
    b.remove_prefix(run_b.size());
  }
  return a.empty() == b.empty() ? x < y : a.empty();  // "007" and "7" differ by text alone
}

}  // namespace culvert::config
