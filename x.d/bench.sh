# ./x bench [NAME] [--map FILE.osm.pbf]: measures, prints a table, writes target/bench/NAME.json
# (rows of {"what","value","unit","peer","ratio"}), so that runs can be compared.

BENCHES="roads journal positions policies"

verb_bench() {
  local map='' names='' name
  while [ $# -gt 0 ]; do
    case $1 in
      --map) [ $# -ge 2 ] || die "--map wants a file"; map=$(readlink -f "$2"); shift ;;
      -*) die "unknown option $1: ./x bench [$BENCHES] [--map FILE.osm.pbf]" ;;
      *) names="$names $1" ;;
    esac
    shift
  done
  for name in ${names:-$BENCHES}; do
    case " $BENCHES " in *" $name "*) ;; *) die "no benchmark \`$name\`: there are $BENCHES" ;; esac
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
  step "Build the policies benchmark (release)" cargo build --locked --release -p sim --example bench_policies
  "$TARGET/release/examples/bench_policies" "$case" target/bench/policies.json
}
