// Access lists and packets drawn at random, so that they meet: addresses and ports come from small pools.
#pragma once

#include <random>

#include "access-lists/access_list.h"
#include "ipsec-dataplane/classifier.h"

namespace culvert::test {

access_lists::AccessList random_list(std::mt19937_64& random, std::size_t entries);
// As flow_key() would read it from a packet.
dataplane::FlowKey random_key(std::mt19937_64& random);

}  // namespace culvert::test
