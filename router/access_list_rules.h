// An access list as rules of the dataplane's classifier: what one line says at once, several rules say apart.
#pragma once

#include <vector>

#include "access-lists/access_list.h"
#include "ipsec-dataplane/classifier.h"

namespace culvert::router {

// The result of a rule is the index in list.entries of the entry that it stands for.
std::vector<dataplane::ClassifierRule> classifier_rules(const access_lists::AccessList& list);

// What the first matching entry of `list` is asked, as values; for tests and shows beside the classifier.
access_lists::PacketFields fields_of(const dataplane::FlowKey& key);

}  // namespace culvert::router
