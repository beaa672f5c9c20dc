// Reading the configuration, typed: what checks, shows and engines see of the store.
//
// A row struct belongs to one definition (definition.h), so the type alone says which table is meant. A row of a mode
// exists from the moment the mode is entered; a row of an extension exists while one of its leaves is set.
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <typeindex>
#include <vector>

namespace culvert::parser {
class Arguments;
}

namespace culvert::config {

template <class T>
struct Codec;

// Why a well-formed command was not accepted: the text that IOS prints, without its final line end.
struct Refusal {
  std::string text;
  bool operator==(const Refusal&) const = default;
};
using Accepted = std::expected<void, Refusal>;

// The arguments that name one row, canonical text, outermost mode first: {"hq-keys", "branch"}. Empty for the global
// mode.
struct Key {
  std::vector<std::string> parts;

  Key() = default;
  Key(std::string one) : parts{std::move(one)} {}
  Key(const char* one) : parts{one} {}
  Key(std::initializer_list<std::string> all) : parts(all) {}
  explicit Key(std::vector<std::string> all) : parts(std::move(all)) {}
  const std::string& last() const { return parts.back(); }
  auto operator<=>(const Key&) const = default;
};

// The numbers that a value takes up: the addresses of a prefix. Both ends belong to it.
struct Range {
  std::uint32_t first = 0, last = 0;
};

// One row before and after a change; nullopt where it did not or does not exist.
template <class Row>
struct RowChange {
  std::optional<Row> before, after;
};
// One value of a leaf before and after a command; nullopt = not configured. A flag is always true or false.
template <class T>
struct LeafChange {
  const Key& key;  // of the row it belongs to
  std::optional<T> before, after;
};

class View {
 public:
  virtual ~View() = default;

  // Every row, sorted as the running-config shows them.
  template <class Row>
  std::vector<Row> rows() const {
    std::vector<Row> all;
    each(typeid(Row), [&](const Fill& fill) { fill(&all.emplace_back()); });
    return all;
  }
  template <class Row>
  std::optional<Row> find(const Key& key) const {
    Row row{};
    if (!fill_one(typeid(Row), key, &row)) return std::nullopt;
    return row;
  }
  // The row of an extension of the global mode; a row without settings where nothing is configured.
  template <class Row>
  Row global() const {
    return find<Row>(Key{}).value_or(Row{});
  }
  // The values of the only leaf, a list, of an extension of the global mode; one at a time, where global() holds all.
  // T is what the list consists of: its Codec must be known (codec.h).
  template <class Row, class T>
  void each_value(const std::function<void(T)>& take) const {
    each_arguments(typeid(Row), [&](const auto& arguments) { take(Codec<T>::decode(arguments)); });
  }
  // The row whose ranged leaf (LeafOptions::range) meets `wanted`, the row of key `but` left out; of several the one
  // with the lowest range. Found by an index, where rows() reads all of them. Requires: no two rows have ranges that
  // meet, which is what a check that asks this sees to.
  template <class Row>
  std::optional<Row> meeting(const Range& wanted, const Key& but = {}) const {
    const auto key = key_meeting(typeid(Row), wanted, but);
    return key ? find<Row>(*key) : std::nullopt;
  }
  // Whether a row of the mode of that name exists.
  virtual bool exists(std::string_view mode, const Key& key) const = 0;

 protected:
  using Fill = std::function<void(void* row)>;
  virtual void each(std::type_index row, const std::function<void(const Fill&)>& take) const = 0;
  virtual void each_arguments(std::type_index row, const std::function<void(const parser::Arguments&)>& take) const = 0;
  virtual bool fill_one(std::type_index row, const Key& key, void* into) const = 0;
  virtual std::optional<Key> key_meeting(std::type_index row, const Range& wanted, const Key& but) const = 0;
};

}  // namespace culvert::config
