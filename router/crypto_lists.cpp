#include "router/crypto_lists.h"

#include <algorithm>
#include <utility>

#include "router/access_list_rules.h"

namespace culvert::router {
namespace {

bool wants_compiling(const CryptoList& list) {
  return list.outbound->wants_compiling() || list.inbound->wants_compiling();
}

bool is_form_of(const CryptoList& fast, const CryptoList& list) {
  return fast.outbound->generation() == list.outbound->generation() &&
         fast.inbound->generation() == list.inbound->generation();
}

}  // namespace

access_lists::AccessList mirrored(access_lists::AccessList list) {
  for (auto& entry : list.entries) {
    std::swap(entry.source, entry.destination);
    std::swap(entry.source_port, entry.destination_port);
  }
  return list;
}

std::shared_ptr<const CryptoList> crypto_list(access_lists::AccessList list) {
  auto made = std::make_shared<CryptoList>();
  made->outbound = dataplane::Classifier::plain(classifier_rules(list));
  made->inbound = dataplane::Classifier::plain(classifier_rules(mirrored(list)));
  for (const auto& entry : list.entries) made->permits.push_back(entry.action == access_lists::Action::permit);
  made->selectors = selectors_of(list);
  made->list = std::move(list);
  return made;
}

void CryptoLists::use(std::vector<access_lists::AccessList> lists) {
  auto former = std::exchange(lists_, {});
  for (auto& list : lists) {
    const auto name = list.name;
    const auto known = former.find(name);
    lists_[name] = known != former.end() && known->second->list == list ? known->second : crypto_list(std::move(list));
  }
  compile_next();
}

std::shared_ptr<const CryptoList> CryptoLists::find(const std::string& name) const {
  const auto found = lists_.find(name);
  return found == lists_.end() ? nullptr : found->second;
}

void CryptoLists::compile_next() {
  if (compiling_) return;
  const auto next = std::ranges::find_if(lists_, [](const auto& list) { return wants_compiling(*list.second); });
  if (next == lists_.end()) return;
  compiling_ = true;
  compiled_ = std::make_shared<CryptoList>(*next->second);
  hooks_.elsewhere(
      [fast = compiled_] {
        if (fast->outbound->wants_compiling()) fast->outbound = fast->outbound->compiled();
        if (fast->inbound->wants_compiling()) fast->inbound = fast->inbound->compiled();
      },
      [this, name = next->first] { take_compiled(name); });
}

void CryptoLists::take_compiled(const std::string& name) {
  compiling_ = false;
  auto fast = std::exchange(compiled_, nullptr);
  const auto found = lists_.find(name);
  if (found != lists_.end() && is_form_of(*fast, *found->second)) {
    found->second = std::move(fast);
    hooks_.compiled();
  }
  compile_next();
}

}  // namespace culvert::router
