// The access lists that interfaces apply, compiled for the dataplane, and the counts of their lines.
//
// A changed list takes effect at once: its rules are first compared one by one, and the fast form that a helper
// compiles takes their place when it is ready. One list is compiled at a time; what changes meanwhile is compiled after
// it. An interface that applies a list which is not there, or has no entries, lets everything pass, as IOS does.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "access-lists/access_list.h"
#include "config-store/view.h"
#include "ipsec-dataplane/packet_filter.h"

namespace culvert::router {

struct InterfaceFilterPair {
  std::shared_ptr<const dataplane::PacketFilter> in, out;
};
using FiltersByInterface = std::map<std::string, InterfaceFilterPair>;

// What a report of the dataplane is about.
struct LoggedLine {
  std::string list;
  access_lists::Kind kind = access_lists::Kind::extended;
  bool permit = false, with_interface = false;  // log-input
};

class PacketFilters {
 public:
  struct Hooks {
    // Runs `work` on a helper, then `done` on the control thread.
    std::function<void(std::function<void()> work, std::function<void()> done)> elsewhere;
    std::function<void()> compiled;  // by_interface() is another one
  };
  explicit PacketFilters(Hooks hooks) : hooks_(std::move(hooks)) {}

  // `lists_changed` is false where it is known that no access list is another one than in the last call.
  void configure(const config::View& configuration, bool lists_changed);
  FiltersByInterface by_interface() const;

  std::uint64_t hits(const std::string& list, const access_lists::Entry& entry) const;
  // Of one list, or of all.
  void clear_hits(const std::string* list);
  const LoggedLine* logged(std::uint32_t log) const;

 private:
  // A line that is the same and has the same number is the same line.
  struct Counted {
    access_lists::Entry entry;
    std::shared_ptr<dataplane::HitCount> hits;
    std::uint64_t cleared = 0;
    std::uint32_t log = 0;
  };
  using Counts = std::map<std::uint32_t, Counted>;  // by sequence number
  struct Applied {
    access_lists::AccessList list;
    std::shared_ptr<const dataplane::PacketFilter> filter;
    Counts counts;
  };

  void apply(const access_lists::AccessList& list);
  Counted& counted(Applied& applied, const access_lists::Entry& entry, Counts& former);
  std::shared_ptr<const dataplane::PacketFilter> filter_of(const std::string* name) const;
  void compile_next();
  void take_compiled(const std::string& name);

  Hooks hooks_;
  std::map<std::string, std::pair<std::optional<std::string>, std::optional<std::string>>> names_;  // in, out
  std::map<std::string, Applied> applied_;                                                          // by list
  std::map<std::uint32_t, LoggedLine> logged_;
  std::uint32_t last_log_ = 0;
  bool compiling_ = false;
  std::shared_ptr<const dataplane::Classifier> compiled_;  // the helper's while compiling_
};

}  // namespace culvert::router
