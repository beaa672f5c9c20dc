// Where a top-level command or mode stands in the running-config: the order of IOS-XE 17.
//
// The numbers leave room; a definition may stand between two by adding to one. Lines of equal number form one block,
// ended by a line with "!".
#pragma once

namespace culvert::config::section_order {

inline constexpr int version = 100, service = 200, platform = 300, hostname = 400, vrf = 500, logging = 600,
                     enable_secret = 700, aaa = 800, clock = 900, ip_name = 1000, key_chain = 1100, pki = 1200,
                     username = 1300, crypto_ikev2_proposal = 1400, crypto_ikev2_policy = 1500,
                     crypto_ikev2_keyring = 1600, crypto_ikev2_profile = 1700, crypto_ikev2_global = 1800,
                     crypto_isakmp_policy = 1900, crypto_isakmp_key = 1950, crypto_isakmp_profile = 2000,
                     crypto_ipsec_global = 2050, crypto_ipsec_transform_set = 2100, crypto_ipsec_profile = 2200,
                     crypto_map = 2300, interface = 2400, router = 2500, ip_forward = 2600, ip_ssh = 2700,
                     ip_route = 2800, access_list = 2900, access_list_line = 2950, route_map = 3000, snmp = 3100,
                     banner = 3200, line = 3300, ntp = 3400, last = 10000;

}  // namespace culvert::config::section_order
