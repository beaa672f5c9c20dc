// Key material: wiped when it goes, and never printable by accident.
#pragma once

#include <string.h>

#include <utility>

#include "net/bytes.h"

namespace culvert::net {

// An owned byte string that is overwritten before its memory is given back. No formatter, no stream operator.
class Secret {
 public:
  Secret() = default;
  explicit Secret(Bytes value) : value_(std::move(value)) {}
  explicit Secret(View value) : value_(value.begin(), value.end()) {}
  Secret(const Secret&) = default;
  Secret(Secret&& other) noexcept : value_(std::move(other.value_)) { other.value_.clear(); }
  Secret& operator=(const Secret& other) {
    if (this != &other) {
      wipe();
      value_ = other.value_;
    }
    return *this;
  }
  Secret& operator=(Secret&& other) noexcept {
    if (this != &other) {
      wipe();
      value_ = std::move(other.value_);
      other.value_.clear();
    }
    return *this;
  }
  ~Secret() { wipe(); }

  View view() const { return value_; }
  std::span<std::byte> writable() { return value_; }
  std::size_t size() const { return value_.size(); }
  bool empty() const { return value_.empty(); }
  void wipe() {
    if (!value_.empty()) explicit_bzero(value_.data(), value_.size());
    value_.clear();
  }
  bool operator==(const Secret&) const = default;  // for configuration compare; never for authentication

 private:
  Bytes value_;
};

}  // namespace culvert::net
