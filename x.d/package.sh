# ./x package vehicle-agent: the Debian package of the in-vehicle agent, for this machine or cross-built for arm64.

PACKAGING=$ROOT/vehicle-agent/packaging
PACKAGE=jichi-vehicle-agent

verb_package() {
  local what=${1:-} architecture='' binary='' out=$ROOT/target/package version
  [ $# -eq 0 ] || shift
  [ "$what" = vehicle-agent ] ||
    die "\`./x package vehicle-agent [--arch amd64|arm64] [--binary FILE] [--version VERSION] [--out FOLDER]\`"
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml" | head -n 1)
  while [ $# -gt 0 ]; do
    case $1 in
      --arch) architecture=$2 ;;
      --binary) binary=$2 ;;
      --version) version=$2 ;;
      --out) out=$2 ;;
      *) die "\`./x package\` does not know $1" ;;
    esac
    shift 2 || die "$1 wants a value"
  done
  command -v dpkg-deb >/dev/null || die "dpkg-deb is missing: packages are made on Debian or Ubuntu"
  architecture=${architecture:-$(dpkg --print-architecture)}
  if [ -z "$binary" ]; then
    package_build "$architecture"
    binary=$TARGET/$(package_folder "$architecture")/vehicle-agent
  fi
  package_tree "$architecture" "$binary" "$version" "$out"
}

package_target() {
  case $1 in
    amd64) printf 'x86_64-unknown-linux-gnu\n' ;;
    arm64) printf 'aarch64-unknown-linux-gnu\n' ;;
    *) die "no package for $1: amd64 and arm64 are known" ;;
  esac
}

# package_build ARCHITECTURE: a release build, with the pages in it. C comes with SQLite and the TLS library, so
# another architecture wants a compiler and a C library of its own.
package_build() {
  local target
  target=$(package_target "$1")
  provision demo
  console_build
  if [ "$1" = "$(dpkg --print-architecture)" ]; then
    step "Build vehicle-agent for $1" cargo build --locked --release -p vehicle-agent
  else
    package_cross "$1" "$target"
    step "Build vehicle-agent for $1" cargo build --locked --release -p vehicle-agent --target "$target"
  fi
}

# package_folder ARCHITECTURE: where cargo puts it.
package_folder() {
  if [ "$1" = "$(dpkg --print-architecture)" ]; then printf 'release\n'; else printf '%s/release\n' "$(package_target "$1")"; fi
}

package_cross() {
  local gnu upper
  gnu=$(package_gnu "$1")
  command -v "$gnu-gcc" >/dev/null ||
    die "a compiler for $1 is missing: apt-get install gcc-${gnu//_/-} libc6-dev-$1-cross"
  if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx "$2"; then
    step "Fetch Rust's library for $2" rustup target add "$2"
  fi
  upper=$(printf '%s' "$2" | tr 'a-z-' 'A-Z_')
  export "CARGO_TARGET_${upper}_LINKER=$gnu-gcc" "CC_${2//-/_}=$gnu-gcc" "AR_${2//-/_}=$gnu-ar"
}

# package_tree ARCHITECTURE BINARY VERSION OUT: the files in their places, the control file, the package.
package_tree() {
  local architecture=$1 binary=$2 version=$3 out=$4 tree doc
  [ -f "$binary" ] || die "$binary is not there"
  umask 022
  mkdir -p "$out"
  tree=$(mktemp -d)
  doc=$tree/usr/share/doc/$PACKAGE
  install -D -m 755 "$binary" "$tree/usr/bin/vehicle-agent"
  # The symbols of a release are worth ten times the program; traces name functions without them.
  "$(package_strip "$architecture")" --strip-debug "$tree/usr/bin/vehicle-agent"
  install -D -m 644 "$PACKAGING/vehicle-agent.service" "$tree/usr/lib/systemd/system/vehicle-agent.service"
  install -D -m 644 "$PACKAGING/default" "$tree/etc/default/$PACKAGE"
  install -D -m 644 "$PACKAGING/vehicle.toml" "$tree/usr/share/$PACKAGE/vehicle.toml"
  install -D -m 644 "$PACKAGING/copyright" "$doc/copyright"
  install -D -m 644 "$ROOT/docs/vehicle-agent.md" "$doc/vehicle-agent.md"
  gzip -9n <"$ROOT/CHANGELOG.md" >"$doc/changelog.gz"
  mkdir -m 755 "$tree/DEBIAN"
  install -m 755 "$PACKAGING/postinst" "$PACKAGING/prerm" "$PACKAGING/postrm" "$tree/DEBIAN/"
  printf '/etc/default/%s\n' "$PACKAGE" >"$tree/DEBIAN/conffiles"
  (cd "$tree" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$tree/DEBIAN/md5sums"
  package_control "$architecture" "$version" "$tree" >"$tree/DEBIAN/control"
  chmod 755 "$tree"
  dpkg-deb --root-owner-group -Zgzip --build "$tree" "$out/${PACKAGE}_${version}_${architecture}.deb" >/dev/null
  rm -rf "$tree"
  say "$out/${PACKAGE}_${version}_${architecture}.deb"
}

package_strip() {
  if [ "$1" = "$(dpkg --print-architecture)" ]; then printf 'strip\n'; else printf '%s-strip\n' "$(package_gnu "$1")"; fi
}

# package_gnu ARCHITECTURE: how Debian's cross compilers call it.
package_gnu() {
  case $1 in arm64) printf 'aarch64-linux-gnu\n' ;; *) printf 'x86_64-linux-gnu\n' ;; esac
}

# The C library's version is read from the program, so that it is never installed where it cannot start.
package_control() {
  local glibc
  glibc=$(readelf -V "$3/usr/bin/vehicle-agent" | grep -o 'GLIBC_[0-9.]*' | sed 's/GLIBC_//' | sort -uV | tail -n 1)
  cat <<CONTROL
Package: $PACKAGE
Version: $2
Architecture: $1
Maintainer: The Jichi authors <jichi@localhost>
Installed-Size: $(du -ks "$3" | cut -f1)
Section: net
Priority: optional
Depends: adduser, init-system-helpers, libc6 (>= ${glibc:-2.36}), libgcc-s1
Recommends: chrony, gpsd
Description: in-vehicle agent of the Jichi dispatch system (疾驰车载端)
 Reads the GNSS receiver, keeps orders and reports on disk through dead zones,
 speaks to the dispatch centre over QUIC and serves the crew's terminal.
CONTROL
}
