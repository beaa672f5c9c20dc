# The network of labs/crypto-map for tests. Sourced after lib.sh.
#
#   hq-1 10.1.1.10 --- hq --- internet --- branch --- branch-1 10.2.1.10, branch-2 10.2.2.10, branch-3 10.2.3.10
#   hq-2 10.1.2.10 ---'

build_sites() {
  local node number
  for node in hq-1 hq-2 hq internet branch branch-1 branch-2 branch-3; do add_node "$node"; done
  for number in 1 2; do
    add_wire "hq-$number" eth0 hq "gi0-$((number - 1))"
    host "hq-$number" "10.1.$number.10/24" "10.1.$number.1" eth0
  done
  for number in 1 2 3; do
    add_wire "branch-$number" eth0 branch "gi0-$((number - 1))"
    host "branch-$number" "10.2.$number.10/24" "10.2.$number.1" eth0
  done
  add_wire hq gi0-2 internet eth0
  add_wire internet eth1 branch gi0-3
  ip -n internet address add 192.0.2.1/24 dev eth0
  ip -n internet address add 198.51.100.1/24 dev eth1
  forward_packets internet
}

# start_site NODE LINES [-- OPTION...]: the lab's router, with more lines in its entry of the map.
start_site() {
  local node=$1 lines=$2 ports=(GigabitEthernet0/{0,1,2})
  shift 2
  [[ $node == hq ]] || ports+=(GigabitEthernet0/3)
  router "$node" "${ports[@]}" "$@" < <(sed "s|^ match address 101|$lines\n&|" "$culvert_root/labs/crypto-map/$node.cfg")
}

# configure NODE LINE...: a show waits until all that was typed is in force.
configure() {
  local node=$1
  shift
  printf '%s\n' enable 'configure terminal' "$@" end 'show crypto map' | console "$node" >"$here/console" || fail "$(<"$here/console")"
}
