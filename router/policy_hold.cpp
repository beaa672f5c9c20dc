#include "router/policy_hold.h"

#include <algorithm>
#include <utility>

namespace culvert::router {
namespace {

using access_lists::AccessList;
using access_lists::Action;
using access_lists::Entry;

// What the entry matches and does, whatever its place and its log.
Entry meaning_of(Entry entry) {
  entry.sequence = 0;
  entry.log = access_lists::Log::none;
  return entry;
}

bool same_lines(const AccessList& a, const AccessList& b) {
  return std::ranges::equal(a.entries, b.entries, {}, meaning_of, meaning_of);
}

bool permits_all_of(const PolicyHold::Lists& lists, const Entry& entry) {
  return std::ranges::any_of(lists, [&](const auto& list) {
    return std::ranges::any_of(list->list.entries,
                               [&](const Entry& other) { return meaning_of(other) == meaning_of(entry); });
  });
}

bool denies_nothing(const PolicyHold::Lists& lists) {
  return std::ranges::all_of(lists, [](const auto& list) {
    return std::ranges::all_of(list->list.entries, [](const Entry& e) { return e.action == Action::permit; });
  });
}

// Whether `lists` plainly protect what `former` did: it is one of them, or they have its permits and deny nothing.
bool protect_all_of(const PolicyHold::Lists& lists, const AccessList& former) {
  if (std::ranges::any_of(lists, [&](const auto& list) { return same_lines(list->list, former); })) return true;
  return denies_nothing(lists) && std::ranges::all_of(former.entries, [&](const Entry& entry) {
           return entry.action == Action::deny || permits_all_of(lists, entry);
         });
}

// One list that permits what either does, and perhaps more.
std::shared_ptr<const CryptoList> together(const AccessList& one, const AccessList& other) {
  AccessList both{.name = one.name, .kind = access_lists::Kind::extended, .entries = {}, .remarks = {}};
  for (const auto* list : {&one, &other})
    for (const auto& entry : list->entries) {
      const auto plain = meaning_of(entry);
      if (plain.action == Action::permit && std::ranges::find(both.entries, plain) == both.entries.end())
        both.entries.push_back(plain);
    }
  if (both.entries.size() > PolicyHold::lines_max) both.entries = {Entry{}};
  return crypto_list(std::move(both));
}

}  // namespace

bool PolicyHold::protect(net::Time now, const std::string& interface, const Lists& lists) {
  const auto former = std::exchange(protected_[interface], lists);
  release(interface, lists);
  bool holds = false;
  for (const auto& list : former) {
    if (protect_all_of(lists, list->list)) continue;
    hold(held_[interface], {list, now + span});
    holds = true;
  }
  if (lists.empty()) protected_.erase(interface);
  return holds;
}

// What is protected again need not be held.
void PolicyHold::release(const std::string& interface, const Lists& lists) {
  const auto found = held_.find(interface);
  if (found == held_.end()) return;
  std::erase_if(found->second, [&](const Held& one) { return protect_all_of(lists, one.list->list); });
  if (found->second.empty()) held_.erase(found);
}

void PolicyHold::hold(std::vector<Held>& held, Held one) {
  std::erase_if(held, [&](const Held& other) { return same_lines(other.list->list, one.list->list); });
  held.push_back(std::move(one));
  if (held.size() <= lists_max) return;
  held[1] = {together(held[0].list->list, held[1].list->list), std::max(held[0].until, held[1].until)};
  held.erase(held.begin());
}

PolicyHold::Lists PolicyHold::held(const std::string& interface) const {
  Lists lists;
  if (const auto found = held_.find(interface); found != held_.end())
    for (const auto& one : found->second) lists.push_back(one.list);
  return lists;
}

std::vector<std::string> PolicyHold::interfaces() const {
  std::vector<std::string> names;
  for (const auto& [interface, held] : held_) names.push_back(interface);
  return names;
}

std::vector<std::string> PolicyHold::expire(net::Time now) {
  std::vector<std::string> free;
  for (auto& [interface, held] : held_) {
    std::erase_if(held, [&](const Held& one) { return one.until <= now; });
    if (held.empty()) free.push_back(interface);
  }
  for (const auto& interface : free) held_.erase(interface);
  return free;
}

}  // namespace culvert::router
