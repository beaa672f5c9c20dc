#include "router/packet_filters.h"

#include <algorithm>
#include <set>
#include <utility>

#include "access-lists/commands/definitions.h"
#include "router/access_list_rules.h"

namespace culvert::router {

void PacketFilters::configure(const config::View& configuration, bool lists_changed) {
  std::set<std::string> used;
  names_.clear();
  for (const auto& filters : access_lists::interface_filters(configuration)) {
    names_[filters.interface] = {filters.in, filters.out};
    for (const auto& name : {filters.in, filters.out})
      if (name) used.insert(*name);
  }
  std::erase_if(applied_, [&](const auto& applied) { return !used.contains(applied.first); });
  for (const auto& name : used) {
    if (!lists_changed && applied_.contains(name)) continue;
    const auto list = access_lists::find_access_list(configuration, name);
    if (list && !list->entries.empty())
      apply(*list);
    else
      applied_.erase(name);
  }
  std::erase_if(logged_, [&](const auto& logged) { return !applied_.contains(logged.second.list); });
  compile_next();
}

void PacketFilters::apply(const access_lists::AccessList& list) {
  auto& applied = applied_[list.name];
  if (applied.filter && applied.list == list) return;
  applied.list = list;
  auto former = std::exchange(applied.counts, {});
  auto filter = std::make_shared<dataplane::PacketFilter>();
  filter->classifier = dataplane::Classifier::plain(classifier_rules(list));
  for (const auto& entry : list.entries) {
    const auto& line = counted(applied, entry, former);
    filter->lines.push_back(
        {.permit = entry.action == access_lists::Action::permit, .log = line.log, .hits = line.hits});
  }
  for (const auto& [sequence, gone] : former) logged_.erase(gone.log);
  applied.filter = std::move(filter);
}

PacketFilters::Counted& PacketFilters::counted(Applied& applied, const access_lists::Entry& entry, Counts& former) {
  if (auto same = former.extract(entry.sequence); !same.empty()) {
    if (same.mapped().entry == entry) return applied.counts.insert(std::move(same)).position->second;
    logged_.erase(same.mapped().log);
  }
  Counted line{.entry = entry, .hits = std::make_shared<dataplane::HitCount>()};
  if (entry.log != access_lists::Log::none) {
    line.log = ++last_log_;
    logged_[line.log] = {.list = applied.list.name,
                         .kind = applied.list.kind,
                         .permit = entry.action == access_lists::Action::permit,
                         .with_interface = entry.log == access_lists::Log::log_input};
  }
  return applied.counts.emplace(entry.sequence, std::move(line)).first->second;
}

std::shared_ptr<const dataplane::PacketFilter> PacketFilters::filter_of(const std::string* name) const {
  if (name == nullptr) return nullptr;
  const auto found = applied_.find(*name);
  return found == applied_.end() ? nullptr : found->second.filter;
}

FiltersByInterface PacketFilters::by_interface() const {
  FiltersByInterface all;
  for (const auto& [interface, names] : names_)
    all[interface] = {filter_of(names.first ? &*names.first : nullptr),
                      filter_of(names.second ? &*names.second : nullptr)};
  return all;
}

void PacketFilters::compile_next() {
  if (compiling_) return;
  const auto next = std::ranges::find_if(
      applied_, [](const auto& applied) { return applied.second.filter->classifier->wants_compiling(); });
  if (next == applied_.end()) return;
  compiling_ = true;
  hooks_.elsewhere([this, plain = next->second.filter->classifier] { compiled_ = plain->compiled(); },
                   [this, name = next->first] { take_compiled(name); });
}

void PacketFilters::take_compiled(const std::string& name) {
  compiling_ = false;
  auto compiled = std::exchange(compiled_, nullptr);
  const auto found = applied_.find(name);
  if (found != applied_.end() && found->second.filter->classifier->generation() == compiled->generation()) {
    auto filter = std::make_shared<dataplane::PacketFilter>(*found->second.filter);
    filter->classifier = std::move(compiled);
    found->second.filter = std::move(filter);
    hooks_.compiled();
  }
  compile_next();
}

std::uint64_t PacketFilters::hits(const std::string& list, const access_lists::Entry& entry) const {
  const auto applied = applied_.find(list);
  if (applied == applied_.end()) return 0;
  const auto line = applied->second.counts.find(entry.sequence);
  if (line == applied->second.counts.end() || line->second.entry != entry) return 0;
  return line->second.hits->total() - line->second.cleared;
}

void PacketFilters::clear_hits(const std::string* list) {
  for (auto& [name, applied] : applied_)
    for (auto& [sequence, line] : applied.counts)
      if (list == nullptr || *list == name) line.cleared = line.hits->total();
}

const LoggedLine* PacketFilters::logged(std::uint32_t log) const {
  const auto found = logged_.find(log);
  return found == logged_.end() ? nullptr : &found->second;
}

}  // namespace culvert::router
