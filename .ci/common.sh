# What the one-word scripts share: messages, the packages of debian-packages.txt, configuring and building.
#
# Sourced, never run. Every message is one line that ends with what to do.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"

say() { printf '%s\n' "$@" >&2; }

die() {
  say "${0##*/}: $*"
  exit 1
}

# Prints the packages of one part (build, run or test) of debian-packages.txt.
packages_of() {
  awk -v part="$1" '/^# -- /{here = ($3 == part); next} here && NF && !/^#/{print $1}' debian-packages.txt
}

is_installed() {
  [[ $(dpkg-query --show --showformat '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# Installs what is missing of the parts named. Touches neither network nor apt where nothing is missing.
install_packages() {
  local part package missing=()
  for part in "$@"; do
    while read -r package; do
      is_installed "$package" || missing+=("$package")
    done < <(packages_of "$part")
  done
  ((${#missing[@]} == 0)) || apt_install "${missing[@]}"
}

apt_install() {
  local as_root=()
  command -v apt-get >/dev/null || die "missing packages: $*; this machine has no apt-get: install them by hand"
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "missing packages: $*; as root: apt-get install $*"
    as_root=(sudo)
  fi
  say "installing: $*"
  "${as_root[@]}" apt-get update -qq || say "apt-get update failed; trying with the package lists that are here"
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
    die "apt-get could not install the packages above; mend that and run ${0##*/} again"
  leave_no_service_behind "$@"
}

# Debian starts and enables a service with its package; the tests start their own and need none on the host.
leave_no_service_behind() {
  [[ " $* " == *" charon-systemd "* && -d /run/systemd/system ]] || return 0
  "${as_root[@]}" systemctl disable --now strongswan.service >/dev/null 2>&1 || true
}

# build_preset PRESET [TARGET...]: configures out/PRESET and builds the targets, everything where none is named. Two of them in
# one folder would break each other's libraries; the second one waits.
build_preset() {
  local preset=$1 lock
  shift
  exec {lock}>"out/.$preset.lock"
  flock "$lock"
  cmake --preset "$preset" >"out/.$preset.log" 2>&1 || {
    cat "out/.$preset.log" >&2
    die "cmake --preset $preset failed; the reason stands above"
  }
  ninja -C "out/$preset" "$@"
  exec {lock}>&-
}

mkdir -p out
