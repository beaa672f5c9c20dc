// What an interface protected a moment ago and does not protect now is dropped for a while, rather than sent in clear.
//
// A map or an access list that is edited, or removed to be added again, has moments at which its lines protect nothing.
// Each former list is held for `span`: asked after all entries of the map, what it permits goes nowhere. Lists that say
// the same are held once, and those that are protected again no longer. Of more than lists_max the oldest are put
// together, of which only the permit lines count; beyond lines_max lines everything is held.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "net/time.h"
#include "router/crypto_lists.h"

namespace culvert::router {

class PolicyHold {
 public:
  static constexpr auto span = std::chrono::seconds(60);
  static constexpr std::size_t lists_max = 8, lines_max = 4000;
  using Lists = std::vector<std::shared_ptr<const CryptoList>>;

  // What the interface protects from now on. True if something that it protected before is held for that.
  bool protect(net::Time now, const std::string& interface, const Lists& lists);
  // In the order of their age.
  Lists held(const std::string& interface) const;
  std::vector<std::string> interfaces() const;  // on which something is held
  // Ends what is over, and tells on which interfaces nothing is held any longer.
  std::vector<std::string> expire(net::Time now);
  void clear() { held_.clear(); }

 private:
  struct Held {
    std::shared_ptr<const CryptoList> list;
    net::Time until;
  };
  void release(const std::string& interface, const Lists& lists);
  static void hold(std::vector<Held>& held, Held one);

  std::map<std::string, Lists> protected_;
  std::map<std::string, std::vector<Held>> held_;
};

}  // namespace culvert::router
