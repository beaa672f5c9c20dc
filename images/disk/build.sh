# The disk image: MBR and GRUB, flash: with router.bin on it, nvram: empty. Sourced by ./images/build.

disk=$images/culvert.qcow2
flash_mib=96 nvram_mib=16

# boot_tree KERNEL TREE: the initramfs's own small tree, which finds the root.
boot_tree() {
  local kernel=$1 tree=$2 library
  rm -rf "$tree"
  mkdir -p "$tree"/{bin,sbin,proc,sys,dev,etc}
  into "$tree" /bin/busybox /sbin/e2fsck
  while read -r library; do into "$tree" "$library"; done < <(libraries_of /sbin/e2fsck)
  ln -s busybox "$tree/bin/sh"
  local name
  for name in $(busybox --list); do
    [[ -e $tree/bin/$name || -e $tree/sbin/$name ]] || ln -s busybox "$tree/bin/$name"
  done
  install -m 755 images/disk/init "$tree/init"
  modules_of boot.modules >"$tree/etc/boot.modules"
  # shellcheck disable=SC2046 # words of a list
  kernel_modules "$kernel" "$tree" $(modules_of boot.modules)
}

# router_bin FILE: kernel, initramfs and root, in one file that GRUB reads too.
router_bin() {
  local file=$1 kernel tree=$images/root boot=$images/boot
  kernel=$(unpacked "$(kernel_package)")
  root_tree "$tree"
  runit_into "$tree"
  # shellcheck disable=SC2046
  kernel_modules "$kernel" "$tree" $(modules_of router.modules)
  boot_tree "$kernel" "$boot"
  mkdir -p "$tree/boot"
  cp "$kernel"/boot/vmlinuz-* "$tree/boot/vmlinuz"
  initramfs "$boot" "$tree/boot/initramfs"
  rm -f "$file"
  mksquashfs "$tree" "$file" -comp xz -b 1M -all-root -noappend -quiet -no-progress
}

# file_system FILE MIB LABEL FOLDER: an ext4 file system with the folder's files; GRUB reads one without checksums of its metadata.
file_system() {
  local file=$1 mib=$2 label=$3 folder=$4
  rm -f "$file"
  /sbin/mke2fs -q -t ext4 -O ^metadata_csum,^64bit,^orphan_file -E root_owner=0:0 -m 0 -L "$label" -d "$folder" "$file" "${mib}M"
}

# GRUB begins in the MBR and lies in the gap before the first partition.
grub_onto() {
  local raw=$1 grub=/usr/lib/grub/i386-pc core=$images/core.img early=$images/early.cfg
  printf '%s\n' 'search --no-floppy --label CULVERT-FLASH --set=root' 'configfile ($root)/grub.cfg' >"$early"
  grub-mkimage -O i386-pc -o "$core" -p '(hd0,msdos1)/' -c "$early" \
    biosdisk part_msdos ext2 squash4 xzio loopback linux normal serial terminal search search_label configfile echo
  dd if="$grub/boot.img" of="$raw" bs=446 count=1 conv=notrunc status=none
  dd if="$core" of="$raw" bs=512 seek=1 conv=notrunc status=none
}

build_disk() {
  local raw=$images/disk.raw flash=$images/flash nvram=$images/nvram
  rm -rf "$flash" "$nvram"
  mkdir -p "$flash" "$nvram"
  router_bin "$flash/router.bin"
  cp images/disk/grub.cfg "$flash/"
  file_system "$images/flash.ext4" "$flash_mib" CULVERT-FLASH "$flash"
  file_system "$images/nvram.ext4" "$nvram_mib" CULVERT-NVRAM "$nvram"
  rm -f "$raw"
  truncate -s "$((flash_mib + nvram_mib + 2))M" "$raw"
  printf 'label: dos\nstart=1MiB, size=%sMiB, type=83, bootable\nsize=%sMiB, type=83\n' "$flash_mib" "$nvram_mib" |
    /sbin/sfdisk --quiet "$raw"
  dd if="$images/flash.ext4" of="$raw" bs=1M seek=1 conv=notrunc,sparse status=none
  dd if="$images/nvram.ext4" of="$raw" bs=1M seek=$((1 + flash_mib)) conv=notrunc,sparse status=none
  grub_onto "$raw"
  qemu-img convert -O qcow2 "$raw" "$disk"
  rm -f "$raw" "$images"/{flash,nvram}.ext4
  say "$(du -h --apparent-size "$disk" | cut -f1)  ${disk#"$root"/}"
}
