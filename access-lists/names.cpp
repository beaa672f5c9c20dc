#include "access-lists/names.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace culvert::access_lists {
namespace {

constexpr std::array protocol_names{Named{"ahp", 51, "Authentication Header Protocol"},
                                    Named{"eigrp", 88, "Cisco's EIGRP routing protocol"},
                                    Named{"esp", 50, "Encapsulation Security Payload"},
                                    Named{"gre", 47, "Cisco's GRE tunneling"},
                                    Named{"igmp", 2, "Internet Gateway Message Protocol"},
                                    Named{"ipinip", 4, "IP in IP tunneling"},
                                    Named{"nos", 94, "KA9Q NOS compatible IP over IP tunneling"},
                                    Named{"ospf", 89, "OSPF routing protocol"},
                                    Named{"pcp", 108, "Payload Compression Protocol"},
                                    Named{"pim", 103, "Protocol Independent Multicast"}};

constexpr std::array tcp_names{Named{"bgp", 179, "Border Gateway Protocol (179)"},
                               Named{"chargen", 19, "Character generator (19)"},
                               Named{"cmd", 514, "Remote commands (rcmd, 514)"},
                               Named{"daytime", 13, "Daytime (13)"},
                               Named{"discard", 9, "Discard (9)"},
                               Named{"domain", 53, "Domain Name Service (53)"},
                               Named{"drip", 3949, "Dynamic Routing Information Protocol (3949)"},
                               Named{"echo", 7, "Echo (7)"},
                               Named{"exec", 512, "Exec (rsh, 512)"},
                               Named{"finger", 79, "Finger (79)"},
                               Named{"ftp", 21, "File Transfer Protocol (21)"},
                               Named{"ftp-data", 20, "FTP data connections (20)"},
                               Named{"gopher", 70, "Gopher (70)"},
                               Named{"hostname", 101, "NIC hostname server (101)"},
                               Named{"ident", 113, "Ident Protocol (113)"},
                               Named{"irc", 194, "Internet Relay Chat (194)"},
                               Named{"klogin", 543, "Kerberos login (543)"},
                               Named{"kshell", 544, "Kerberos shell (544)"},
                               Named{"login", 513, "Login (rlogin, 513)"},
                               Named{"lpd", 515, "Printer service (515)"},
                               Named{"msrpc", 135, "MS Remote Procedure Call (135)"},
                               Named{"nntp", 119, "Network News Transport Protocol (119)"},
                               Named{"onep-plain", 15001, "Onep Cleartext (15001)"},
                               Named{"onep-tls", 15002, "Onep TLS (15002)"},
                               Named{"pim-auto-rp", 496, "PIM Auto-RP (496)"},
                               Named{"pop2", 109, "Post Office Protocol v2 (109)"},
                               Named{"pop3", 110, "Post Office Protocol v3 (110)"},
                               Named{"smtp", 25, "Simple Mail Transport Protocol (25)"},
                               Named{"sunrpc", 111, "Sun Remote Procedure Call (111)"},
                               Named{"syslog", 514, "Syslog (514)"},
                               Named{"tacacs", 49, "TAC Access Control System (49)"},
                               Named{"talk", 517, "Talk (517)"},
                               Named{"telnet", 23, "Telnet (23)"},
                               Named{"time", 37, "Time (37)"},
                               Named{"uucp", 540, "Unix-to-Unix Copy Program (540)"},
                               Named{"whois", 43, "Nicname (43)"},
                               Named{"www", 80, "World Wide Web (HTTP, 80)"}};

constexpr std::array udp_names{
    Named{"biff", 512, "Biff (mail notification, comsat, 512)"},
    Named{"bootpc", 68, "Bootstrap Protocol (BOOTP) client (68)"},
    Named{"bootps", 67, "Bootstrap Protocol (BOOTP) server (67)"},
    Named{"discard", 9, "Discard (9)"},
    Named{"dnsix", 195, "DNSIX security protocol auditing (195)"},
    Named{"domain", 53, "Domain Name Service (DNS, 53)"},
    Named{"echo", 7, "Echo (7)"},
    Named{"isakmp", 500, "Internet Security Association and Key Management Protocol (500)"},
    Named{"mobile-ip", 434, "Mobile IP registration (434)"},
    Named{"nameserver", 42, "IEN116 name service (obsolete, 42)"},
    Named{"netbios-dgm", 138, "NetBios datagram service (138)"},
    Named{"netbios-ns", 137, "NetBios name service (137)"},
    Named{"netbios-ss", 139, "NetBios session service (139)"},
    Named{"non500-isakmp", 4500, "Internet Security Association and Key Management Protocol (4500)"},
    Named{"ntp", 123, "Network Time Protocol (123)"},
    Named{"pim-auto-rp", 496, "PIM Auto-RP (496)"},
    Named{"rip", 520, "Routing Information Protocol (router, in.routed, 520)"},
    Named{"ripv6", 521, "Routing Information Protocol next-generation (521)"},
    Named{"snmp", 161, "Simple Network Management Protocol (161)"},
    Named{"snmptrap", 162, "SNMP Traps (162)"},
    Named{"sunrpc", 111, "Sun Remote Procedure Call (111)"},
    Named{"syslog", 514, "System Logger (514)"},
    Named{"tacacs", 49, "TAC Access Control System (49)"},
    Named{"talk", 517, "Talk (517)"},
    Named{"tftp", 69, "Trivial File Transfer Protocol (69)"},
    Named{"time", 37, "Time (37)"},
    Named{"who", 513, "Who service (rwho, 513)"},
    Named{"xdmcp", 177, "X Display Manager Control Protocol (177)"}};

constexpr std::array dscp_names{Named{"af11", 10, "Match packets with AF11 dscp (001010)"},
                                Named{"af12", 12, "Match packets with AF12 dscp (001100)"},
                                Named{"af13", 14, "Match packets with AF13 dscp (001110)"},
                                Named{"af21", 18, "Match packets with AF21 dscp (010010)"},
                                Named{"af22", 20, "Match packets with AF22 dscp (010100)"},
                                Named{"af23", 22, "Match packets with AF23 dscp (010110)"},
                                Named{"af31", 26, "Match packets with AF31 dscp (011010)"},
                                Named{"af32", 28, "Match packets with AF32 dscp (011100)"},
                                Named{"af33", 30, "Match packets with AF33 dscp (011110)"},
                                Named{"af41", 34, "Match packets with AF41 dscp (100010)"},
                                Named{"af42", 36, "Match packets with AF42 dscp (100100)"},
                                Named{"af43", 38, "Match packets with AF43 dscp (100110)"},
                                Named{"cs1", 8, "Match packets with CS1(precedence 1) dscp (001000)"},
                                Named{"cs2", 16, "Match packets with CS2(precedence 2) dscp (010000)"},
                                Named{"cs3", 24, "Match packets with CS3(precedence 3) dscp (011000)"},
                                Named{"cs4", 32, "Match packets with CS4(precedence 4) dscp (100000)"},
                                Named{"cs5", 40, "Match packets with CS5(precedence 5) dscp (101000)"},
                                Named{"cs6", 48, "Match packets with CS6(precedence 6) dscp (110000)"},
                                Named{"cs7", 56, "Match packets with CS7(precedence 7) dscp (111000)"},
                                Named{"default", 0, "Match packets with default dscp (000000)"},
                                Named{"ef", 46, "Match packets with EF dscp (101110)"}};

constexpr std::array flag_names{Named{"ack", 16, "Match on the ACK bit"}, Named{"fin", 1, "Match on the FIN bit"},
                                Named{"psh", 8, "Match on the PSH bit"},  Named{"rst", 4, "Match on the RST bit"},
                                Named{"syn", 2, "Match on the SYN bit"},  Named{"urg", 32, "Match on the URG bit"}};

constexpr std::array icmp_names{NamedIcmp{"administratively-prohibited", 3, 13, "Administratively prohibited"},
                                NamedIcmp{"alternate-address", 6, {}, "Alternate address"},
                                NamedIcmp{"conversion-error", 31, {}, "Datagram conversion"},
                                NamedIcmp{"dod-host-prohibited", 3, 10, "Host prohibited"},
                                NamedIcmp{"dod-net-prohibited", 3, 9, "Net prohibited"},
                                NamedIcmp{"echo", 8, {}, "Echo (ping)"},
                                NamedIcmp{"echo-reply", 0, {}, "Echo reply"},
                                NamedIcmp{"general-parameter-problem", 12, 0, "General parameter problem"},
                                NamedIcmp{"host-isolated", 3, 8, "Host isolated"},
                                NamedIcmp{"host-precedence-unreachable", 3, 14, "Host unreachable for precedence"},
                                NamedIcmp{"host-redirect", 5, 1, "Host redirect"},
                                NamedIcmp{"host-tos-redirect", 5, 3, "Host redirect for TOS"},
                                NamedIcmp{"host-tos-unreachable", 3, 12, "Host unreachable for TOS"},
                                NamedIcmp{"host-unknown", 3, 7, "Host unknown"},
                                NamedIcmp{"host-unreachable", 3, 1, "Host unreachable"},
                                NamedIcmp{"information-reply", 16, {}, "Information replies"},
                                NamedIcmp{"information-request", 15, {}, "Information requests"},
                                NamedIcmp{"mask-reply", 18, {}, "Mask replies"},
                                NamedIcmp{"mask-request", 17, {}, "Mask requests"},
                                NamedIcmp{"mobile-redirect", 32, {}, "Mobile host redirect"},
                                NamedIcmp{"net-redirect", 5, 0, "Network redirect"},
                                NamedIcmp{"net-tos-redirect", 5, 2, "Net redirect for TOS"},
                                NamedIcmp{"net-tos-unreachable", 3, 11, "Network unreachable for TOS"},
                                NamedIcmp{"net-unreachable", 3, 0, "Net unreachable"},
                                NamedIcmp{"network-unknown", 3, 6, "Network unknown"},
                                NamedIcmp{"no-room-for-option", 12, 2, "Parameter required but no room"},
                                NamedIcmp{"option-missing", 12, 1, "Parameter required but not present"},
                                NamedIcmp{"packet-too-big", 3, 4, "Fragmentation needed and DF set"},
                                NamedIcmp{"parameter-problem", 12, {}, "All parameter problems"},
                                NamedIcmp{"port-unreachable", 3, 3, "Port unreachable"},
                                NamedIcmp{"precedence-unreachable", 3, 15, "Precedence cutoff"},
                                NamedIcmp{"protocol-unreachable", 3, 2, "Protocol unreachable"},
                                NamedIcmp{"reassembly-timeout", 11, 1, "Reassembly timeout"},
                                NamedIcmp{"redirect", 5, {}, "All redirects"},
                                NamedIcmp{"router-advertisement", 9, {}, "Router discovery advertisements"},
                                NamedIcmp{"router-solicitation", 10, {}, "Router discovery solicitations"},
                                NamedIcmp{"source-quench", 4, {}, "Source quenches"},
                                NamedIcmp{"source-route-failed", 3, 5, "Source route failed"},
                                NamedIcmp{"time-exceeded", 11, {}, "All time exceededs"},
                                NamedIcmp{"timestamp-reply", 14, {}, "Timestamp replies"},
                                NamedIcmp{"timestamp-request", 13, {}, "Timestamp requests"},
                                NamedIcmp{"traceroute", 30, {}, "Traceroute"},
                                NamedIcmp{"ttl-exceeded", 11, 0, "TTL exceeded"},
                                NamedIcmp{"unreachable", 3, {}, "All unreachables"}};

}  // namespace

std::span<const Named> protocols() { return protocol_names; }
std::span<const Named> tcp_ports() { return tcp_names; }
std::span<const Named> udp_ports() { return udp_names; }
std::span<const Named> dscp_values() { return dscp_names; }
std::span<const Named> tcp_flags() { return flag_names; }
std::span<const NamedIcmp> icmp_messages() { return icmp_names; }

std::string shown(std::span<const Named> names, std::uint16_t number) {
  const auto found = std::ranges::find(names, number, &Named::number);
  return found == names.end() ? std::to_string(number) : std::string(found->word);
}

std::uint16_t number_of(std::span<const Named> names, std::string_view text) {
  const auto found = std::ranges::find(names, text, &Named::word);
  if (found != names.end()) return found->number;
  std::uint16_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

}  // namespace culvert::access_lists
