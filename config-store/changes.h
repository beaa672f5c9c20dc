// What a commit changed, as its subscribers hear it.
#pragma once

#include <functional>
#include <string_view>
#include <typeindex>
#include <vector>

#include "config-store/view.h"

namespace culvert::config {

class Changes {
 public:
  virtual ~Changes() = default;

  // Whether anything in that table changed; a mode's name ("crypto ikev2 profile") stands for all tables of the mode,
  // extensions and lists included.
  virtual bool touches(std::string_view mode_or_table) const = 0;

  // The rows of one definition that differ: created (no before), removed (no after) or changed.
  template <class Row>
  std::vector<RowChange<Row>> changed() const {
    std::vector<RowChange<Row>> all;
    each(typeid(Row), [&](const Fill& before, const Fill& after) {
      auto& change = all.emplace_back();
      if (before) before(&change.before.emplace());
      if (after) after(&change.after.emplace());
    });
    return all;
  }
  // The configuration as it is now.
  virtual const View& configuration() const = 0;

 protected:
  using Fill = std::function<void(void* row)>;  // empty = there is no such row
  virtual void each(std::type_index row, const std::function<void(const Fill& before, const Fill& after)>&) const = 0;
};

}  // namespace culvert::config
