# Networks of namespaces, the words that labs and tests share: a private world, nodes, wires, routers, captures.
#
# A world is one process tree with its own process, mount and network namespaces; its /run is its own, so that `ip netns`
# knows only the nodes of this world. When its first process ends, for whatever reason, the kernel ends everything in it,
# and nothing is left on the host. Sourced, never run.

culvert_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
PATH=$PATH:/usr/sbin:/sbin
culvert_bin=${CULVERT_BIN:-$culvert_root/out/release}

world_command=(unshare --pid --mount --net --fork --kill-child --mount-proc)
((EUID == 0)) || world_command+=(--user --map-root-user)

complain() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# Fails with one line where this user may not make a world.
require_worlds() {
  "${world_command[@]}" true 2>/dev/null && return
  complain "cannot make network namespaces here; run it as root, or allow users to: sysctl kernel.unprivileged_userns_clone=1" \
    "(Ubuntu: kernel.apparmor_restrict_unprivileged_userns=0; a container: --privileged)"
  return 1
}

require_programs() {
  local program
  for program in culvertd culvert culvert-ssh; do
    [[ -x $culvert_bin/$program ]] && continue
    complain "$culvert_bin/$program is missing; build it: ./build"
    return 1
  done
}

# own_run FOLDER: gives this world a /run of its own in which FOLDER, if it lies under /run, is still the host's.
own_run() {
  local kept=$1
  cd "$kept"
  mount -t tmpfs tmpfs /run
  mkdir -p /run/netns
  if [[ ! $kept -ef . ]]; then
    mkdir -p "$kept"
    mount --no-canonicalize --bind . "$kept"
    cd "$kept"
  fi
}

# add_node NAME: a namespace with loopback and no IPv6.
add_node() {
  local node=$1
  ip netns add "$node"
  ip netns exec "$node" sh -c 'for f in all default lo; do echo 1 >/proc/sys/net/ipv6/conf/$f/disable_ipv6; done'
  ip -n "$node" link set lo up
}

# add_wire NODE INTERFACE NODE INTERFACE: a veth pair, both ends up, offloads as the kernel gives them.
add_wire() {
  ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
  ip -n "$1" link set "$2" up
  ip -n "$3" link set "$4" up
}

# forward_packets NODE: makes a node a plain Linux router.
forward_packets() {
  ip netns exec "$1" sh -c 'echo 1 >/proc/sys/net/ipv4/ip_forward'
}

# linux_name PORT: the veth end behind a port, GigabitEthernet0/1 -> gi0-1 (an interface name has at most 15 letters).
linux_name() {
  local port=$1
  local letters=${port%%[0-9]*}
  local numbers=${port#"$letters"}
  letters=${letters:0:2}
  printf '%s%s\n' "${letters,,}" "${numbers//\//-}"
}

# run_router NODE FOLDER PORT... [-- OPTION...]: becomes culvertd in a node; the ends of its ports exist by then. Call it in the
# background. FOLDER/nvram/NODE holds its startup-config, FOLDER/run/NODE/console is its socket, FOLDER/log/NODE.log its log.
run_router() {
  local node=$1 folder=$2 port index=0 arguments=()
  shift 2
  while (($# > 0)) && [[ $1 != -- ]]; do
    port=$1
    shift
    arguments+=(--port "$port=net_af_packet$index,iface=$(linux_name "$port")")
    index=$((index + 1))
  done
  (($# == 0)) || arguments+=("${@:2}")
  mkdir -p "$folder/nvram/$node" "$folder/run" "$folder/log"
  export CULVERT_RUN=$folder/run
  exec ip netns exec "$node" "$culvert_bin/culvertd" --name "$node" --nvram "$folder/nvram/$node" --log - "${arguments[@]}" \
    </dev/null >>"$folder/log/$node.log" 2>&1
}

# ask_router FOLDER NODE COMMAND: one command, on standard output what the router says.
ask_router() {
  CULVERT_RUN=$1/run "$culvert_bin/culvert" -n "$2" -c "$3"
}

# await_router FOLDER NODE SECONDS: blocks until the router answers; fails if it does not in time.
await_router() {
  CULVERT_RUN=$1/run "$culvert_bin/culvert" -n "$2" --wait-ready "$3"
}

# await_start FOLDER NODE SECONDS PROCESS: the same for a router that this shell started as PROCESS; fails at once if it ends.
await_start() {
  local waiter ended="" status=0
  await_router "$1" "$2" "$3" 3>&- &
  waiter=$!
  wait -n -p ended "$waiter" "$4" || status=$?
  [[ $ended == "$waiter" ]] && return "$status"
  kill "$waiter" 2>/dev/null || true
  return 1
}

# await_reply NODE ADDRESS SECONDS: blocks until a ping from a node is answered.
await_reply() {
  grep -q -m 1 'bytes from' < <(timeout "$3" ip netns exec "$1" ping -n -i 0.2 "$2" 2>/dev/null || true)
}

# capture_wires FOLDER NODE...: records every interface of the nodes into FOLDER/NODE-INTERFACE.pcap, returning when all listen.
capture_wires() {
  local folder=$1 node interface ears=() ear heard
  shift
  mkdir -p "$folder"
  for node in "$@"; do
    for interface in $(ip -n "$node" -o link show type veth | sed 's/^[0-9]*: \([^@:]*\).*/\1/'); do
      exec {ear}< <(listen "$folder" "$node" "$interface" 2>&1)
      ears+=("$ear")
    done
  done
  for ear in "${ears[@]}"; do
    read -r -t 10 heard <&"$ear" || { complain "tcpdump did not start; is it installed?"; return 1; }
    [[ $heard == *"listening on"* ]] || { complain "tcpdump: $heard"; return 1; }
    exec {ear}<&-
  done
}

# A capture holds a lock shared by all of its folder, so that whoever waits for the lock waits for their end.
listen() {
  local folder=$1 node=$2 interface=$3 recorder
  local pcap=$folder/$node-$interface.pcap
  recorder=(tcpdump --immediate-mode -U -n -Z root -s 0 -i "$interface" -w "$pcap")
  [[ $(</proc/self/setgroups) == allow ]] || recorder=("$culvert_root/labs/record" "$interface" "$pcap")
  exec 8>>"$folder/.running"
  flock --shared 8
  ip netns exec "$node" sh -c 'echo $$ >>"$1" && shift && exec "$@"' sh "$folder/.processes" setsid "${recorder[@]}" </dev/null 3>&-
}

# stop_captures FOLDER: ends them and returns when their files are whole.
stop_captures() {
  local folder=$1
  [[ -e $folder/.running ]] || return 0
  xargs --no-run-if-empty kill -TERM <"$folder/.processes" 2>/dev/null || true
  flock --timeout 10 "$folder/.running" true || return 1
  rm -f "$folder/.running" "$folder/.processes"
}

# frames PCAP FILTER...: how many frames of a capture a tcpdump filter matches.
frames() {
  local pcap=$1
  shift
  tcpdump -n -r "$pcap" "$@" 2>/dev/null | wc -l
}
