// Codecs: canonical text of a command <-> the typed members of a row.
//
// A room specialises TextCodec<T> for a type that is one captured argument (an enumeration, a Prefix), or Codec<T> for
// a struct that is made of several. Text given to a codec has passed the specification, so decoding cannot fail;
// encoding gives text that the specification accepts.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "net/address.h"
#include "parser/spec.h"

namespace culvert::config {

// static T decode(const std::string& text); static std::string encode(const T& value);
template <class T>
struct TextCodec;

// static T decode(const parser::Arguments& arguments); static parser::Arguments encode(const T& value);
template <class T>
struct Codec;

template <>
struct TextCodec<std::string> {
  static std::string decode(const std::string& text) { return text; }
  static std::string encode(const std::string& value) { return value; }
};
template <>
struct TextCodec<std::uint32_t> {
  static std::uint32_t decode(const std::string& text) { return static_cast<std::uint32_t>(std::stoul(text)); }
  static std::string encode(std::uint32_t value) { return std::to_string(value); }
};
template <>
struct TextCodec<net::Address> {
  static net::Address decode(const std::string& text) { return net::Address::parse(text).value(); }
  static std::string encode(const net::Address& value) { return value.to_string(); }
};
template <>
struct TextCodec<net::Prefix> {  // A.B.C.D/nn
  static net::Prefix decode(const std::string& text) { return net::Prefix::parse(text).value(); }
  static std::string encode(const net::Prefix& value) { return value.to_string(); }
};

template <class T>
concept OneText = requires(const T& value, const std::string& text) {
  { TextCodec<T>::decode(text) } -> std::convertible_to<T>;
  { TextCodec<T>::encode(value) } -> std::convertible_to<std::string>;
};

namespace detail {

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};

// `name` is the capture of the specification where it has only one.
template <class T>
T decode(const std::string& name, const parser::Arguments& arguments) {
  if constexpr (OneText<T>) {
    return TextCodec<T>::decode(arguments[name]);
  } else if constexpr (is_vector<T>::value) {
    T all;
    for (const auto& text : arguments.every(name)) all.push_back(TextCodec<typename T::value_type>::decode(text));
    return all;
  } else {
    return Codec<T>::decode(arguments);
  }
}
template <class T>
parser::Arguments encode(const std::string& name, const T& value) {
  if constexpr (OneText<T>) {
    parser::Arguments arguments;
    arguments.add(name, TextCodec<T>::encode(value));
    return arguments;
  } else if constexpr (is_vector<T>::value) {
    parser::Arguments arguments;
    for (const auto& one : value) arguments.add(name, TextCodec<typename T::value_type>::encode(one));
    return arguments;
  } else {
    return Codec<T>::encode(value);
  }
}

}  // namespace detail
}  // namespace culvert::config
