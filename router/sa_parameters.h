// From what IKE negotiated to what the dataplane installs: the only place that knows both vocabularies.
#pragma once

#include <optional>

#include "ike/engine.h"
#include "ipsec-dataplane/sa_parameters.h"

namespace culvert::router {

dataplane::SaParameters inbound_parameters(const ike::InstallSa& sa);
dataplane::SaParameters outbound_parameters(const ike::InstallSa& sa);

// Why a Child SA that has counted this much must end; nullopt while it may go on.
std::optional<ike::Expiry> used_up(const ike::InstallSa& sa, const dataplane::SaStatistics& received,
                                   const dataplane::SaStatistics& sent);

}  // namespace culvert::router
