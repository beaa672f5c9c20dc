// TRY: the value of an expected or optional, or an early return of its absence.
//
//   const auto length = TRY(reader.u16(), WireError::truncated);   // optional, with the error to return
//   const auto nonce = TRY(Nonce::parse(body));                     // expected, its own error is returned
//
// A statement expression, which g++ 12 and clang 19 share.
#pragma once

#include <expected>
#include <optional>
#include <utility>

namespace culvert::net::detail {

template <class T, class E>
std::expected<T, E> or_error(std::optional<T>&& value, E error) {
  if (value) return std::move(*value);
  return std::unexpected(std::move(error));
}
template <class T, class E>
std::expected<T, E>&& or_error(std::expected<T, E>&& value) {
  return std::move(value);
}
template <class T, class E>
std::expected<T, E> or_error(const std::expected<T, E>& value) {
  return value;
}

}  // namespace culvert::net::detail

#define TRY(...)                                                            \
  __extension__({                                                           \
    auto try_result = ::culvert::net::detail::or_error(__VA_ARGS__);        \
    if (!try_result) return std::unexpected(std::move(try_result).error()); \
    std::move(try_result).value();                                          \
  })
