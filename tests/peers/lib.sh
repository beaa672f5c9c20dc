# A Culvert router against strongSwan: one wire between them, a host behind the router, a site behind the peer.
#
#   host-hq 10.1.0.10 --- 10.1.0.1 hq 192.0.2.1 --- 192.0.2.2 peer (10.2.0.1 on its loopback)
#
# A suite is one set of algorithms, told in the words of both sides. Sourced after tests/lab/lib.sh.

strongswan=$tests/peers/strongswan
peer_folder=$here/peer

# use_suite NAME: sets the words of a suite.
use_suite() {
  case $1 in
    gcm)
      ikev2_proposal=$' encryption aes-gcm-256\n prf sha256\n group 19' transform="esp-gcm 256"
      peer_ike=aes256gcm16-prfsha256-ecp256 peer_esp=aes256gcm16 ;;
    cbc)
      ikev2_proposal=$' encryption aes-cbc-256\n integrity sha256\n group 14' transform="esp-aes 256 esp-sha256-hmac"
      peer_ike=aes256-sha256-modp2048 peer_esp=aes256-sha256 ;;
    3des)
      ikev2_proposal=$' encryption 3des\n integrity sha1\n group 2' transform="esp-3des esp-sha-hmac"
      peer_ike=3des-sha1-modp1024 peer_esp=3des-sha1 ;;
    ctr)
      ikev2_proposal=$' encryption aes-ctr-256\n integrity sha256\n group 20' transform="esp-ctr 256 esp-sha256-hmac"
      peer_ike=aes256ctr-sha256-ecp384 peer_esp=aes256ctr-sha256 ;;
    chacha)
      ikev2_proposal=$' encryption chacha20-poly1305\n prf sha256\n group 31' transform="esp-chacha20-poly1305"
      peer_ike=chacha20poly1305-prfsha256-curve25519 peer_esp=chacha20poly1305 ;;
    *) fail "no suite $1; there are gcm, cbc, 3des, ctr and chacha" ;;
  esac
}

build_site() {
  local node
  for node in host-hq hq peer; do add_node "$node"; done
  add_wire host-hq eth0 hq gi0-0
  add_wire hq gi0-1 peer eth0
  host host-hq 10.1.0.10/24 10.1.0.1 eth0
  ip -n peer address add 192.0.2.2/24 dev eth0
  ip -n peer address add 10.2.0.1/24 dev lo
  on peer sh -c 'for f in all default eth0; do echo 0 >/proc/sys/net/ipv4/conf/$f/rp_filter; done'
}

hq_config() {
  cat <<CONFIG
hostname hq
crypto ikev2 proposal TO-PEER
$ikev2_proposal
crypto ikev2 policy TO-PEER
 proposal TO-PEER
crypto ikev2 keyring TO-PEER
 peer PEER
  address 192.0.2.2
  pre-shared-key cisco123
crypto ikev2 profile TO-PEER
 match identity remote address 192.0.2.2 255.255.255.255
 authentication remote pre-share
 authentication local pre-share
 keyring local TO-PEER
crypto ipsec transform-set TO-PEER $transform
crypto ipsec profile TO-PEER
 set transform-set TO-PEER
 set ikev2-profile TO-PEER
interface GigabitEthernet0/0
 ip address 10.1.0.1 255.255.255.0
interface GigabitEthernet0/1
 ip address 192.0.2.1 255.255.255.0
interface Tunnel1
 ip address 10.255.0.1 255.255.255.252
 ip mtu 1400
 tunnel source GigabitEthernet0/1
 tunnel mode ipsec ipv4
 tunnel destination 192.0.2.2
 tunnel protection ipsec profile TO-PEER
ip route 10.2.0.0 255.255.255.0 Tunnel1
end
CONFIG
}

# peer_config [LOCAL REMOTE LOCAL_SELECTOR REMOTE_SELECTOR]
peer_config() {
  local near=${1:-192.0.2.2} far=${2:-192.0.2.1}
  cat <<CONFIG
connections { hq {
  version = 2
  local_addrs = $near
  remote_addrs = $far
  mobike = no
  proposals = $peer_ike
  local { auth = psk
    id = $near }
  remote { auth = psk
    id = $far }
  children { site {
    local_ts = ${3:-0.0.0.0/0}
    remote_ts = ${4:-0.0.0.0/0}
    esp_proposals = $peer_esp } }
} }
secrets { ike-hq { secret = "cisco123" } }
CONFIG
}

start_peer() {
  mkdir -p "$peer_folder"
  peer_config >"$peer_folder/swanctl.conf"
  "$strongswan" start peer "$peer_folder"
}

ask_peer() { "$strongswan" ask "$peer_folder" "$@"; }
peer_has_tunnel() { ask_peer --list-sas | grep -q 'ESTABLISHED'; }
peer_has_none() { ! peer_has_tunnel; }

# The first request of an exchange never reaches the peer: what comes up was begun by the peer alone. The filter sees the
# exchange type (34, IKE_SA_INIT) and the flags (initiator, not a response) of the IKE header.
silence_first_requests() {
  on peer nft -f - <<'RULES'
table inet silence {
  chain input {
    type filter hook input priority 0; policy accept;
    udp dport 500 @th,208,8 34 @th,216,8 & 0x28 == 0x08 drop
  }
}
RULES
}

check_traffic() {
  on host-hq ping -q -n -c 5 -i 0.2 -W 2 10.2.0.1 >/dev/null || fail "pings do not cross"
  timeout 60 "$tests/lab/tcp_through" host-hq peer 10.2.0.1 300000 || fail "TCP does not cross"
}

# Packets that fit no wire, each way. A tunnel has no place for their fragments: both sides put them together first.
check_large_packets() {
  on host-hq ping -q -n -c 3 -i 0.2 -W 5 -s 3972 10.2.0.1 >/dev/null || fail "pings of 4000 octets do not cross"
  on peer ping -q -n -c 3 -i 0.2 -W 5 -s 3972 -I 10.2.0.1 10.1.0.10 >/dev/null || fail "nor from the peer's side"
}
