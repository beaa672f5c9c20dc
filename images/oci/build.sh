# The OCI image: the root tree without anything of a machine, and what starts the router in it. Sourced by ./images/build.

archive=$images/culvert.oci.tar

build_oci() {
  local tree=$images/container layout=$images/oci
  root_tree "$tree"
  rm -rf "$tree/etc/service" "$tree/etc/init.d" "$tree/etc/inittab" "$tree/usr/lib/culvert/ports"
  install -m 755 images/oci/start "$tree/usr/lib/culvert/start"
  rm -rf "$layout"
  mkdir -p "$layout/blobs/sha256"
  oci_layout "$tree" "$layout"
  tar --create --file "$archive" --directory "$layout" --owner=0 --group=0 --sort=name oci-layout index.json blobs
  rm -rf "$layout"
  say "$(du -h --apparent-size "$archive" | cut -f1)  ${archive#"$root"/}"
}

# blob LAYOUT FILE: puts the file among the blobs and prints its digest and size as a descriptor says them.
blob() {
  local layout=$1 file=$2 digest size
  digest=$(sha256sum "$file" | cut -d' ' -f1)
  size=$(stat -c %s "$file")
  mv "$file" "$layout/blobs/sha256/$digest"
  printf '"digest": "sha256:%s", "size": %s' "$digest" "$size"
}

# The OCI image format, version 1: one layer, its configuration, a manifest, an index.
oci_layout() {
  local tree=$1 layout=$2 layer config manifest diff_id
  tar --create --directory "$tree" --owner=0 --group=0 --numeric-owner --sort=name --mtime=@0 . >"$images/layer.tar"
  diff_id=$(sha256sum "$images/layer.tar" | cut -d' ' -f1)
  gzip -n -6 --force "$images/layer.tar"
  layer=$(blob "$layout" "$images/layer.tar.gz")
  cat >"$images/config.json" <<JSON
{"architecture": "amd64", "os": "linux",
 "config": {"Entrypoint": ["/usr/lib/culvert/start"], "Env": ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
            "Volumes": {"/nvram": {}}, "Labels": {"org.opencontainers.image.title": "Culvert"}},
 "rootfs": {"type": "layers", "diff_ids": ["sha256:$diff_id"]}}
JSON
  config=$(blob "$layout" "$images/config.json")
  cat >"$images/manifest.json" <<JSON
{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
 "config": {"mediaType": "application/vnd.oci.image.config.v1+json", $config},
 "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", $layer}]}
JSON
  manifest=$(blob "$layout" "$images/manifest.json")
  cat >"$layout/index.json" <<JSON
{"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json", $manifest,
 "annotations": {"org.opencontainers.image.ref.name": "culvert:latest"}}]}
JSON
  printf '{"imageLayoutVersion": "1.0.0"}\n' >"$layout/oci-layout"
}
