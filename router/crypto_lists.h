// The access lists of crypto maps as the dataplane's classifiers: the lines as packets leave, and the same mirrored.
//
// As with filters, a list takes effect at once and gets its fast form when a helper has compiled it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "access-lists/access_list.h"
#include "ipsec-dataplane/classifier.h"
#include "router/access_list_selectors.h"

namespace culvert::router {

struct CryptoList {
  access_lists::AccessList list;
  std::shared_ptr<const dataplane::Classifier> outbound, inbound;
  std::vector<bool> permits;  // by line
  ListSelectors selectors;
};

// Source and destination exchanged, ports too.
access_lists::AccessList mirrored(access_lists::AccessList list);
std::shared_ptr<const CryptoList> crypto_list(access_lists::AccessList list);

class CryptoLists {
 public:
  struct Hooks {
    // Runs `work` on a helper, then `done` on the control thread.
    std::function<void(std::function<void()> work, std::function<void()> done)> elsewhere;
    std::function<void()> compiled;  // find() gives another one
  };
  explicit CryptoLists(Hooks hooks) : hooks_(std::move(hooks)) {}

  // These lists and no others are in use from now on. Those that are as they were keep what was made of them.
  void use(std::vector<access_lists::AccessList> lists);
  // nullptr: no such list is in use.
  std::shared_ptr<const CryptoList> find(const std::string& name) const;

 private:
  void compile_next();
  void take_compiled(const std::string& name);

  Hooks hooks_;
  std::map<std::string, std::shared_ptr<const CryptoList>> lists_;
  bool compiling_ = false;
  std::shared_ptr<CryptoList> compiled_;  // the helper's while compiling_
};

}  // namespace culvert::router
