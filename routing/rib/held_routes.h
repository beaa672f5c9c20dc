// The routes of one prefix, preferred first.
//
// Nearly every prefix has one route, which lies in place; several lie on the heap.
#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <span>
#include <vector>

namespace culvert::routing {

// Requires: Held::path is a pointer, and no route has nullptr there.
template <typename Held>
class HeldRoutes {
 public:
  std::span<Held> all() { return several_ ? std::span(*several_) : std::span(&only_, is_one()); }
  std::span<const Held> all() const {
    return several_ ? std::span<const Held>(*several_) : std::span(&only_, is_one());
  }
  std::size_t size() const { return several_ ? several_->size() : is_one(); }
  bool empty() const { return size() == 0; }
  Held& operator[](std::size_t index) { return all()[index]; }
  const Held& operator[](std::size_t index) const { return all()[index]; }

  void insert(std::size_t index, const Held& held) {
    assert(index <= size());
    if (empty()) {
      only_ = held;
      return;
    }
    if (!several_) several_ = std::make_unique<std::vector<Held>>(1, only_);
    several_->insert(several_->begin() + static_cast<std::ptrdiff_t>(index), held);
  }
  void erase(std::size_t index) {
    assert(index < size());
    if (!several_) {
      only_ = {};
      return;
    }
    several_->erase(several_->begin() + static_cast<std::ptrdiff_t>(index));
    if (several_->size() > 1) return;
    only_ = several_->front();
    several_.reset();
  }

 private:
  std::size_t is_one() const { return only_.path == nullptr ? 0 : 1; }

  Held only_{};  // where there are not several
  std::unique_ptr<std::vector<Held>> several_;
};

}  // namespace culvert::routing
