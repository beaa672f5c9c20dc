# Kernel and initramfs with the whole router in it, for tests of booting. Sourced by ./images/build.

build_initramfs() {
  local kernel tree=$images/memory
  kernel=$(unpacked "$(kernel_package)")
  root_tree "$tree"
  runit_into "$tree"
  # shellcheck disable=SC2046
  kernel_modules "$kernel" "$tree" virtio_pci virtio_blk ext4 crc32c_generic virtio_net e1000 tun nf_tables
  printf '%s\n' virtio_pci virtio_blk ext4 crc32c_generic >"$tree/etc/boot.modules"
  install -m 755 images/disk/init "$tree/init"
  cp "$kernel"/boot/vmlinuz-* "$images/vmlinuz"
  (cd "$tree" && find . -print0 | cpio --null --create --quiet --format=newc --owner=0:0) | gzip -1 >"$images/initramfs"
  say "out/images/vmlinuz, out/images/initramfs"
}
