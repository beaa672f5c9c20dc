# What the images are made of: the tree of files that every one of them has, and Debian's kernel for those that boot.
#
# Sourced by ./images/build, after .ci/common.sh.

images=$root/out/images
programs=(culvertd culvert culvert-ssh)
# Where they are taken from.
programs_folder=${CULVERT_BIN:-$root/out/release}

# From a Debian package without installing it: unpacks it, once, and prints where.
unpacked() {
  local package=$1 into=$images/packages/$1
  if [[ ! -e $into/.whole ]]; then
    rm -rf "$into"
    mkdir -p "$into"
    downloaded "$package" "$into" || { refresh_lists && downloaded "$package" "$into"; } ||
      die "the package $package cannot be had; mend apt's sources and run ${0##*/} again"
    dpkg-deb -x "$into"/*.deb "$into"
    rm "$into"/*.deb
    touch "$into/.whole"
  fi
  printf '%s\n' "$into"
}

downloaded() { (cd "$2" && apt-get download -qq "$1" >/dev/null 2>&1); }

# Lists that are too old name packages that are no longer there.
refresh_lists() {
  local as_root=()
  ((EUID == 0)) || as_root=(sudo)
  "${as_root[@]}" apt-get update -qq
}

# into TREE FILE...: the files, at the same places in the tree.
into() {
  local tree=$1 file
  shift
  for file in "$@"; do
    mkdir -p "$tree$(dirname "$file")"
    cp -L --preserve=mode "$file" "$tree$file"
  done
}

# The shared libraries of programs, by their absolute names.
libraries_of() {
  ldd "$@" | grep -oE '/[^ :]+\.so[^ :]*' | sort -u
}

# program TREE SOURCE PLACE: a program with what it is linked to.
program() {
  local tree=$1 source=$2 place=$3 library
  install -D -m 755 "$source" "$tree$place"
  strip --strip-unneeded "$tree$place"
  while read -r library; do into "$tree" "$library"; done < <(libraries_of "$source")
}

# root_tree TREE: a root file system with the router in it.
root_tree() {
  local tree=$1 name
  rm -rf "$tree"
  mkdir -p "$tree"/{bin,sbin,dev,proc,sys,run,tmp,nvram,flash,root,usr/bin,usr/sbin,var/lib,lib/terminfo}
  ln -s /run "$tree/var/run"
  cp -a images/root/. "$tree"
  into "$tree" /bin/busybox
  busybox --list-full | sed 's,^,/,' | while read -r name; do
    mkdir -p "$tree$(dirname "$name")"
    [[ -e $tree$name ]] || ln -s /bin/busybox "$tree$name"
  done
  for name in "${programs[@]}"; do program "$tree" "$programs_folder/$name" "/usr/bin/$name"; done
  program "$tree" /usr/sbin/nft /usr/sbin/nft
  into "$tree" "$(openssl version -m | sed 's/.*"\(.*\)"/\1/')/legacy.so"
  for name in l/linux v/vt100 v/vt220 x/xterm x/xterm-256color s/screen t/tmux; do
    [[ ! -e /lib/terminfo/$name ]] || into "$tree" "/lib/terminfo/$name"
  done
}

# runit_into TREE: the supervisor.
runit_into() {
  local runit name
  runit=$(unpacked runit)
  for name in runsv runsvdir sv chpst; do program "$1" "$(find "$runit" -type f -name "$name" -path '*bin/*')" "/usr/bin/$name"; done
}

# The package of Debian's present kernel.
kernel_package() {
  kernel_in_lists || { refresh_lists && kernel_in_lists; } || die "apt knows no linux-image-amd64; mend its sources"
}

kernel_in_lists() {
  apt-cache depends linux-image-amd64 2>/dev/null | sed -n '/Depends: linux-image/ {s/.*: //p; q}' | grep .
}

# kernel_modules KERNEL TREE MODULE...: the modules and what they depend on, at their places in the tree. KERNEL is an unpacked
# package. A name that ends in / is a folder below kernel/.
kernel_modules() {
  local kernel=$1 tree=$2 version module
  shift 2
  version=$(ls "$kernel/lib/modules")
  [[ -s $kernel/lib/modules/$version/modules.dep ]] || /sbin/depmod -b "$kernel" "$version"
  for module in "$@"; do
    if [[ $module == */ ]]; then
      find "$kernel/lib/modules/$version/kernel/$module" -name '*.ko' -printf '%f\n' | sed 's/\.ko$//'
    else
      printf '%s\n' "$module"
    fi
  done | sort -u | xargs -r -n 1 /sbin/modprobe -d "$kernel" -S "$version" --show-depends 2>/dev/null |
    awk '$1 == "insmod" {print $2}' | sort -u | while read -r module; do
    install -D -m 644 "$module" "$tree${module#"$kernel"}"
  done
  cp "$kernel/lib/modules/$version"/modules.{order,builtin,builtin.modinfo} "$tree/lib/modules/$version/"
  /sbin/depmod -b "$tree" "$version"
}

# Modules of an image that boots: what it finds its disk with, what ports there may be, what the router asks of the kernel.
modules_of() {
  sed 's/#.*//' "images/disk/$1"
}

# initramfs TREE FILE: packs a tree as an initramfs. Its files belong to root whoever packs them.
initramfs() {
  (cd "$1" && find . -print0 | cpio --null --create --quiet --format=newc --owner=0:0) | xz --check=crc32 -T0 -6 >"$2"
}
