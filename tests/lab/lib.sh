# What the end-to-end tests share: a private world for each, routers in it, and ways to ask and to insist.
#
# A test sources this file; the rest of it then runs as the first process of a world of its own (labs/network.sh), with a
# temporary folder in $here, so that nothing outlives it. The status of the script is the verdict; on failure the logs of its
# routers are shown. Programs come from $CULVERT_BIN, out/release where it is not set.

source "$(dirname "${BASH_SOURCE[0]}")/../../labs/network.sh"
tests=$culvert_root/tests

if [[ -z ${CULVERT_TEST_WORLD:-} ]]; then
  require_worlds || exit 1
  exec env CULVERT_TEST_WORLD=yes "${world_command[@]}" "$0" "$@"
fi

mount -t tmpfs tmpfs /run
mkdir -p /run/netns /run/test
here=/run/test
declare -A router_process
trap 'verdict $?' EXIT
trap 'complain "line $LINENO: $BASH_COMMAND failed"' ERR
set -E

verdict() {
  local log
  (($1 != 0)) || return 0
  for log in "$here"/log/*.log; do
    [[ ! -s $log ]] || { printf -- '--- %s\n' "$(basename "$log")" && tail -n 40 "$log"; } >&2
  done
}

fail() {
  trap - ERR
  complain "$*"
  exit 1
}

# router NODE PORT... [-- OPTION...]: starts a router with the startup-config on standard input and waits until it is ready.
router() {
  local node=$1
  mkdir -p "$here/nvram/$node"
  cat >"$here/nvram/$node/startup-config"
  launch_router "$@"
}

# launch_router NODE PORT... [-- OPTION...]: the same with what its nvram holds, perhaps nothing.
launch_router() {
  local node=$1
  require_programs || exit 1
  (run_router "$node" "$here" "${@:2}") &
  router_process[$node]=$!
  await_start "$here" "$node" 30 "${router_process[$node]}" || fail "router $node did not become ready"
}

stop_router() {
  kill -TERM "${router_process[$1]}"
  wait "${router_process[$1]}"
}

ask() { ask_router "$here" "$1" "$2"; }

# console NODE: a script of lines on standard input, as typed at the console; fails if one was refused.
console() { CULVERT_RUN=$here/run "$culvert_bin/culvert" -n "$1"; }

# insist TEXT PATTERN: TEXT has a line that the extended expression matches.
insist() { grep -qE -- "$2" <<<"$1" || fail "expected $2 in:"$'\n'"$1"; }
deny() { ! grep -qE -- "$2" <<<"$1" || fail "did not expect $2 in:"$'\n'"$1"; }

# await SECONDS COMMAND...: repeats a command until it succeeds. For what has no signal of its own to wait for.
await() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < deadline)) || return 1
    read -r -t 0.1 <> <(:) || true
  done
}

# says NODE COMMAND PATTERN: whether the answer of a router has a line that matches.
says() { grep -qE -- "$3" <<<"$(ask "$1" "$2")"; }
says_not() { ! says "$@"; }

# host NODE ADDRESS/LENGTH GATEWAY INTERFACE: gives a plain host its address and default route.
host() {
  ip -n "$1" address add "$2" dev "$4"
  ip -n "$1" route add default via "$3"
}

on() { ip netns exec "$@"; }

# start_ping NODE ADDRESS INTERVAL: a ping that goes on until expect_no_loss.
start_ping() {
  ip netns exec "$1" ping -n -i "$3" "$2" >"$here/ping" &
  ping=$!
}

# pings_cross COUNT: blocks until so many more have been answered.
pings_cross() { await 30 has_lines "$here/ping" "$(($(wc -l <"$here/ping") + $1))" || fail "pings no longer cross"; }
has_lines() { (($(wc -l <"$1") >= $2)); }

# Ends the ping: every request was answered, once, but perhaps the last.
expect_no_loss() {
  local sent received
  kill -INT "$ping"
  wait "$ping" || fail "ping: $(tail -n 3 "$here/ping")"
  read -r sent received < <(sed -n 's/^\([0-9]*\) packets transmitted, \([0-9]*\) received.*/\1 \2/p' "$here/ping")
  ((sent - received <= 1)) || fail "lost $((sent - received)) of $sent packets"
  deny "$(<"$here/ping")" 'DUP!|duplicates|errors'
  echo "$sent packets sent, $received received"
}
