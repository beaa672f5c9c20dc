// A value that many hold and nobody changes, in the room of one pointer.
//
// Its holders are counted without a lock: all of them live in one thread.
#pragma once

#include <utility>

#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <boost/smart_ptr/intrusive_ref_counter.hpp>

namespace culvert::net {

template <class T>
class Shared {
 public:
  Shared() = default;  // holds nothing
  Shared(T value) : held_(new Counted(std::move(value))) {}

  explicit operator bool() const { return held_ != nullptr; }
  // Requires: it holds something.
  const T& operator*() const { return held_->value; }
  const T* operator->() const { return &held_->value; }
  // Whether both hold the very same, or nothing.
  bool operator==(const Shared& other) const { return held_ == other.held_; }

 private:
  struct Counted : boost::intrusive_ref_counter<Counted, boost::thread_unsafe_counter> {
    explicit Counted(T&& given) : value(std::move(given)) {}
    const T value;
  };
  boost::intrusive_ptr<const Counted> held_;
};

}  // namespace culvert::net
