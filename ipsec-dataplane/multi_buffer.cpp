#include "ipsec-dataplane/multi_buffer.h"

#include "ipsec-dataplane/ipsec_mb.h"

#include <fmt/core.h>

#include "net/try.h"

namespace culvert::dataplane {
namespace {

std::weak_ptr<MultiBuffer> started;  // control thread only

bool failed_its_test(const IMB_MGR& manager) {
  return (manager.features & IMB_FEATURE_SELF_TEST) != 0 && (manager.features & IMB_FEATURE_SELF_TEST_PASS) == 0;
}

}  // namespace

void FreeManager::operator()(IMB_MGR* manager) const { free_mb_mgr(manager); }

std::expected<std::shared_ptr<MultiBuffer>, std::string> MultiBuffer::start(unsigned keys_max,
                                                                            Instructions instructions) {
  std::shared_ptr<MultiBuffer> made(new MultiBuffer(keys_max, instructions));
  made->schedules_ = TRY(made->make_manager());
  started = made;
  return made;
}

std::shared_ptr<MultiBuffer> MultiBuffer::current() { return started.lock(); }

std::expected<LaneManager, std::string> MultiBuffer::make_manager() const {
  LaneManager manager(alloc_mb_mgr(0));
  if (manager == nullptr) return std::unexpected("no memory for the ciphers of ESP");
  instructions_ == Instructions::widest ? init_mb_mgr_auto(manager.get(), nullptr) : init_mb_mgr_avx2(manager.get());
  if (const int error = imb_get_errno(manager.get()); error != 0)
    return std::unexpected(fmt::format("the ciphers of ESP do not start: {}", imb_get_strerror(error)));
  if (failed_its_test(*manager)) return std::unexpected("the ciphers of ESP fail the test of their own library");
  return manager;
}

bool MultiBuffer::take_place() {
  if (keys_ == keys_max_) return false;
  ++keys_;
  return true;
}

}  // namespace culvert::dataplane
