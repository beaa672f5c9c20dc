// A vector for lists that nearly always have one element: that one, or as many as eight octets hold, lies within, and
// only more are on the heap. It is 8 octets larger than its element.
//
// As with std::vector, whatever adds or removes invalidates iterators; moving does, too.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <type_traits>
#include <utility>

namespace culvert::net {

template <class T>
class Few {
  static_assert(std::is_nothrow_move_constructible_v<T> && alignof(T) <= alignof(std::max_align_t));

 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  Few() = default;
  Few(std::initializer_list<T> list) { append(list.begin(), list.end()); }
  Few(const Few& other) { append(other.begin(), other.end()); }
  Few(Few&& other) noexcept { take(other); }
  Few& operator=(const Few& other) {
    if (this != &other) *this = Few(other);
    return *this;
  }
  Few& operator=(Few&& other) noexcept {
    if (this == &other) return *this;
    release();
    take(other);
    return *this;
  }
  ~Few() { release(); }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  T* begin() { return data(); }
  T* end() { return data() + size_; }
  const T* begin() const { return data(); }
  const T* end() const { return data() + size_; }
  T& operator[](std::size_t i) { return assert(i < size_), data()[i]; }
  const T& operator[](std::size_t i) const { return assert(i < size_), data()[i]; }
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1u]; }

  T& push_back(T value) {
    if (size_ == capacity_) grow();
    return *std::construct_at(data() + size_++, std::move(value));
  }
  // Removes what is in [first, last), keeping the order of the rest.
  void erase(T* first, T* last) {
    std::destroy(std::move(last, end(), first), end());
    size_ -= static_cast<std::uint32_t>(last - first);
  }
  void clear() { erase(begin(), end()); }

  friend bool operator==(const Few& a, const Few& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }
  template <class Condition>
  friend std::size_t erase_if(Few& few, Condition condition) {
    const auto kept = std::remove_if(few.begin(), few.end(), condition);
    const auto gone = static_cast<std::size_t>(few.end() - kept);
    few.erase(kept, few.end());
    return gone;
  }

 private:
  static constexpr std::uint32_t octets_within = 8;
  static constexpr std::uint32_t within = std::max<std::uint32_t>(octets_within / sizeof(T), 1);

  bool is_within() const { return capacity_ == within; }
  T* data() { return is_within() ? reinterpret_cast<T*>(room_) : heap(); }
  const T* data() const { return const_cast<Few*>(this)->data(); }
  T*& heap() { return *reinterpret_cast<T**>(room_); }

  void append(const T* first, const T* last) {
    for (; first != last; ++first) push_back(*first);
  }
  void grow() {
    auto* const larger = std::allocator<T>().allocate(2ul * capacity_);
    std::uninitialized_move(begin(), end(), larger);
    const auto size = size_, capacity = capacity_;
    release();
    std::construct_at(&heap(), larger);
    size_ = size;
    capacity_ = 2 * capacity;
  }
  // Requires: this one has nothing on the heap and is empty.
  void take(Few& other) noexcept {
    if (other.is_within()) {
      std::uninitialized_move(other.begin(), other.end(), data());
      size_ = other.size_;
      return other.clear();
    }
    std::construct_at(&heap(), other.heap());
    size_ = std::exchange(other.size_, 0);
    capacity_ = std::exchange(other.capacity_, within);
  }
  // Leaves it empty, with nothing on the heap.
  void release() {
    std::destroy(begin(), end());
    if (!is_within()) std::allocator<T>().deallocate(heap(), capacity_);
    size_ = 0;
    capacity_ = within;
  }

  std::uint32_t size_ = 0, capacity_ = within;
  alignas(std::max(alignof(T), alignof(void*))) std::byte room_[std::max(sizeof(T), sizeof(void*))];
};

}  // namespace culvert::net
