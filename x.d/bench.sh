# ./x bench [NAME] [--map FILE.osm.pbf] [--kills N]: measures, prints a table, writes target/bench/NAME.json
# (rows of {"what","value","unit","peer","ratio"}), so that runs can be compared.

# shellcheck source=x.d/guided.sh
. "$ROOT/x.d/guided.sh"

OSRM=osrm-bindings==26.10.0
BENCHES="roads proposal journal positions policies"
# These take minutes or hours, and are run by name alone.
CAMPAIGNS="crash cuts mutants link overload reconnect ingest memory"
KILLS=500

verb_bench() {
  local map='' names='' name
  while [ $# -gt 0 ]; do
    case $1 in
      --map) [ $# -ge 2 ] || die "--map wants a file"; map=$(readlink -f "$2"); shift ;;
      --kills) [ $# -ge 2 ] || die "--kills wants a number"; KILLS=$2; shift ;;
      -*) die "unknown option $1: ./x bench [$BENCHES $CAMPAIGNS] [--map FILE.osm.pbf] [--kills N]" ;;
      *) names="$names $1" ;;
    esac
    shift
  done
  for name in ${names:-$BENCHES}; do
    case " $BENCHES $CAMPAIGNS " in *" $name "*) ;; *) die "no benchmark \`$name\`: there are $BENCHES $CAMPAIGNS" ;; esac
  done
  provision test
  console_build
  mkdir -p "$ROOT/target/bench"
  for name in ${names:-$BENCHES}; do
    say ""
    say "── $name ── $(uname -m), $(nproc) cores, $(date -u +%Y-%m-%d)"
    "bench_$name" "$map"
  done
  say ""
  say "Rows: target/bench/*.json"
}

# Nearest units by road time, against a one-to-all Dijkstra of the same run.
bench_roads() {
  local map=${1:-$ROOT/../shared/data/osm/porto-2015.osm.pbf}
  [ -f "$map" ] || {
    warn "bench roads is left out: it measures on a real extract, ./x bench roads --map FILE.osm.pbf"
    return 0
  }
  step "Build the roads benchmark (release)" cargo build --locked --release -p roads --example bench_roads
  "$TARGET/release/examples/bench_roads" "$map"
}

# Whole proposals, against OSRM's table of the same units to the same incidents in the same run.
bench_proposal() {
  local map=${1:-$ROOT/../shared/data/osm/porto-2015.osm.pbf} python
  [ -f "$map" ] || {
    warn "bench proposal is left out: it measures on a real extract, ./x bench proposal --map FILE.osm.pbf"
    return 0
  }
  step "Build the proposal benchmark (release)" \
    cargo build --locked --release -p dispatch-core --example bench_proposal
  if python=$(python_for_osrm); then
    provide_osrm "$python"
    "$TARGET/release/examples/bench_proposal" "$map" target/bench/proposal.json "$TOOLS/osrm/bin/python" "$TOOLS/osrm/work"
  else
    warn "the peer is left out: OSRM's wheel wants Python 3.12 or newer"
    "$TARGET/release/examples/bench_proposal" "$map" target/bench/proposal.json
  fi
}

python_for_osrm() {
  local python
  for python in python3 python3.14 python3.13 python3.12 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python; do
    if "$python" -c 'import sys; sys.exit(sys.version_info < (3, 12))' 2>/dev/null; then
      printf '%s\n' "$python"
      return 0
    fi
  done
  return 1
}

provide_osrm() {
  is_stamped osrm "$OSRM" && [ -x "$TOOLS/osrm/bin/python" ] && return
  step "Fetch OSRM, the peer ($OSRM)" sh -c "'$1' -m venv '$TOOLS/osrm' && '$TOOLS/osrm/bin/pip' install -q '$OSRM'"
  stamp osrm "$OSRM"
}

# Durable journal commits a second, against PostgreSQL in the same run.
bench_journal() {
  step "Build the journal benchmark (release)" cargo build --locked --release -p server --example bench_journal
  "$TARGET/release/examples/bench_journal" target/bench/journal.json
}

# Positions taken in a CPU second, through the fleet index and the link's codec.
bench_positions() {
  step "Build the positions benchmark (release)" cargo build --locked --release -p dispatch-core --example bench_positions
  "$TARGET/release/examples/bench_positions" target/bench/positions.json
}

# The city twin on the reference case: exactness, calls a second through the core, time until ready.
bench_policies() {
  local case=$ROOT/../shared/data/jemss-auckland
  [ -d "$case" ] || {
    warn "bench policies is left out: the reference case is not in ../shared/data/jemss-auckland"
    return 0
  }
  guided_build bench_policies examples/bench_policies "$case" --train -- -p sim --example bench_policies
  "$GUIDED/release/examples/bench_policies" "$case" target/bench/policies.json
}

# Leader, follower and PostgreSQL killed, suspended and cut off while calls are taken. Goes on where it was; `rm -r` its folder to begin anew.
# Where Patroni and etcd are installed PostgreSQL has a synchronous standby that takes its place.
bench_crash() {
  local patroni=''
  if command -v patroni >/dev/null && command -v etcd >/dev/null; then
    patroni=--patroni
  else
    warn "one PostgreSQL without a standby: for a primary that is killed and followed, apt-get install patroni etcd-server"
  fi
  step "Build the programs" cargo build --locked -p server -p vehicle-agent -p sim --bins
  python3 tests/crash/campaign.py --binaries "$TARGET/debug" --folder "$ROOT/target/bench/crash" --kills "$KILLS" $patroni
}

# Every machine in a network namespace of its own, its lines cut one way and both. As root; goes on where it was, too.
bench_cuts() {
  step "Build the programs" cargo build --locked -p server -p vehicle-agent -p sim --bins
  python3 tests/crash/campaign.py --namespaces --binaries "$TARGET/debug" --folder "$ROOT/target/bench/cuts" --kills "$KILLS"
}

# Vehicles whose lines go through tunnels, are cut one way, flap, lose, and change their addresses. As root for namespaces; without, on the loopback.
bench_link() {
  step "Build the programs" cargo build --locked -p server -p vehicle-agent -p sim --bins
  rm -rf "$ROOT/target/bench/link"
  python3 tests/link/campaign.py --binaries "$TARGET/debug" --folder "$ROOT/target/bench/link" --json target/bench/link.json
}

# The same as `crash` over centres with a fault put in on purpose: every one must be found.
bench_mutants() {
  step "Build the programs with faults in them" cargo build --locked -p server --features mutants --bin dispatchd
  step "Build the rest" cargo build --locked -p vehicle-agent -p sim --bins
  mkdir -p "$TARGET/mutants"
  cp "$TARGET/debug/dispatchd" "$TARGET/debug/vehicle-agent" "$TARGET/debug/sim" "$TARGET/mutants/"
  # What stands in the usual place must be the program without them.
  step "Build the program anew" cargo build --locked -p server --bin dispatchd
  python3 tests/crash/mutants.py --binaries "$TARGET/mutants" --folder "$ROOT/target/bench/mutants"
}

# What a dispatcher waits for while the centre is flooded, against the same wait when it is idle; nothing acknowledged may be lost.
bench_overload() {
  step "Build the programs (release)" cargo build --locked --release -p server -p sim --bins
  rm -rf "$ROOT/target/bench/overload"
  python3 tests/load/overload.py --binaries "$TARGET/release" --folder "$ROOT/target/bench/overload" --seconds 20
}

# 5,000 vehicles whose leader is killed, and then handed over.
bench_reconnect() {
  step "Build the programs (release)" cargo build --locked --release -p server -p sim -p vehicle-agent --bins
  rm -rf "$ROOT/target/bench/reconnect"
  python3 tests/load/reconnect.py --binaries "$TARGET/release" --folder "$ROOT/target/bench/reconnect" --count 5000
}

# What it costs to take in 5,000 vehicles at one position a second, against Mosquitto with a subscriber in the same run.
bench_ingest() {
  provision ingest
  step "Build the programs (release)" cargo build --locked --release -p server -p sim --bins
  rm -rf "$ROOT/target/bench/ingest"
  python3 tests/link/ingest.py --binaries "$TARGET/release" --folder "$ROOT/target/bench/ingest" --count 5000 --json target/bench/ingest.json
}

# The centre's resident memory over 100,000 incidents at an accelerated clock, and over half an hour of 10,000 vehicles.
bench_memory() {
  step "Build the programs (release)" cargo build --locked --release -p server -p sim --bins
  rm -rf "$ROOT/target/bench/memory-incidents" "$ROOT/target/bench/memory-fleet"
  python3 tests/load/memory.py incidents --binaries "$TARGET/release" --folder "$ROOT/target/bench/memory-incidents" \
    --count 100000 --json target/bench/memory-incidents.json
  python3 tests/load/memory.py fleet --binaries "$TARGET/release" --folder "$ROOT/target/bench/memory-fleet" \
    --count 10000 --minutes 30 --json target/bench/memory-fleet.json
}
