# Reads a lab's topology file; the form is told in labs/README.md. Sourced, never run.
#
# After read_topology: nodes (in order), kind[NODE] host, forwarder or router, config[NODE] the file of a router, gateway[NODE],
# and wires, one "NODE INTERFACE ADDRESS NODE INTERFACE ADDRESS" each with - for no address.

declare -a nodes wires
declare -A kind config gateway ports ends

read_topology() {
  local file=$1 number=0 line words
  while IFS= read -r line || [[ -n $line ]]; do
    number=$((number + 1))
    read -r -a words <<<"${line%%#*}"
    ((${#words[@]} > 0)) || continue
    read_line "${words[@]}" || { complain "$file, line $number: $line"; return 1; }
  done <"$file"
}

read_line() {
  case $1:$# in
    host:2 | forwarder:2) read_node "$1" "$2" ;;
    host:4) [[ $3 == gateway ]] && read_node "$1" "$2" && gateway[$2]=$4 ;;
    router:3) read_node "$1" "$2" && config[$2]=$3 ;;
    wire:5) read_wire "$2" "$3" "$4" "$5" ;;
    *) complain "not a line of a topology" && return 1 ;;
  esac
}

read_node() {
  [[ $2 =~ ^[A-Za-z][A-Za-z0-9-]{0,30}$ ]] || { complain "not a name: $2"; return 1; }
  [[ -z ${kind[$2]:-} ]] || { complain "named twice: $2"; return 1; }
  nodes+=("$2")
  kind[$2]=$1
}

read_wire() {
  local near far
  near=$(read_end "$1" "$2") && far=$(read_end "$3" "$4") || return 1
  remember_end "$1" "$2"
  remember_end "$3" "$4"
  wires+=("$near $far")
}

# An end is NODE PORT at a router and NODE ADDRESS/LENGTH elsewhere, where interfaces are eth0, eth1, ... in order.
read_end() {
  local node=$1 what=$2
  case ${kind[$node]:-} in
    router) printf '%s %s -' "$node" "$(linux_name "$what")" ;;
    host | forwarder) printf '%s eth%s %s' "$node" "${ends[$node]:-0}" "$what" ;;
    *) complain "no such node: $node" && return 1 ;;
  esac
}

remember_end() {
  ends[$1]=$((${ends[$1]:-0} + 1))
  [[ ${kind[$1]} != router ]] || ports[$1]+="$2 "
}
