// From what IKE negotiated to what the dataplane installs: the only place that knows both vocabularies.
#pragma once

#include "ike/engine.h"
#include "ipsec-dataplane/sa_parameters.h"

namespace culvert::router {

dataplane::SaParameters inbound_parameters(const ike::InstallSa& sa);
dataplane::SaParameters outbound_parameters(const ike::InstallSa& sa);

}  // namespace culvert::router
