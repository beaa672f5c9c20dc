// The flows of a tunnel: what its Child SAs carry, or would.
#pragma once

#include <string>
#include <vector>

#include "ike/commands/show.h"

namespace culvert::ike {

// Child SAs of the same selectors (a rekey makes several of one flow), or a pair of the policy that none carries.
struct SaFlow {
  std::vector<TrafficSelector> local, remote;  // neither is empty
  std::vector<SelectorPair> pairs;             // of the policy; where none is carried whole: the first selectors
  std::vector<const IpsecSaRow*> rows;         // the newest last
};

// In the order of the policy. A tunnel interface has one flow, whatever its SAs carry.
std::vector<SaFlow> flows_of(const ProtectedTunnel& tunnel, const std::vector<IpsecSaRow>& sas);

}  // namespace culvert::ike
