# ./x demo: a whole city on this machine. This file starts, watches and ends the processes; demo_state.sh keeps their files.

DEMO_HELP='./x demo [stop] [--map FILE.osm.pbf] [--clock-rate N] [--units N] [--seats all|calls-only|none]
         [--calm] [--fresh] [--seconds N] [--state DIR] [--port-shift N] [--no-build]'

# The processes by name, and the order in which they were started.
declare -gA DEMO_PIDS=()
DEMO_NAMES=()

verb_demo() {
  # shellcheck source=/dev/null
  . "$ROOT/x.d/demo_state.sh"
  demo_options "$@"
  if [ "$DEMO_STOP" = 1 ]; then
    demo_stop
    return
  fi
  demo_refuse_second
  if [ "$DEMO_BUILD" = 1 ]; then
    provision demo
    rust_build
  fi
  demo_make_city
  demo_refuse_busy_ports
  demo_certificates
  demo_run
}

demo_options() {
  DEMO_MAP='' DEMO_RATE=30 DEMO_UNITS='' DEMO_SEATS='' DEMO_CALM=0 DEMO_FRESH=0 DEMO_SECONDS=0
  DEMO_STATE=$ROOT/target/demo DEMO_SHIFT=0 DEMO_BUILD=1 DEMO_STOP=0
  while [ $# -gt 0 ]; do
    case $1 in
      stop) DEMO_STOP=1 ;;
      --fresh) DEMO_FRESH=1 ;;
      --calm) DEMO_CALM=1 ;;
      --no-build) DEMO_BUILD=0 ;;
      --map | --clock-rate | --units | --seats | --seconds | --state | --port-shift)
        [ $# -ge 2 ] || die "$1 wants a value: $DEMO_HELP"
        demo_option "$1" "$2"
        shift
        ;;
      -h | --help) say "$DEMO_HELP"; exit 0 ;;
      *) die "unknown: $1. $DEMO_HELP" ;;
    esac
    shift
  done
  return 0
}

demo_option() {
  case $1 in
    --map) [ -r "$2" ] || die "--map: cannot read $2"; DEMO_MAP=$(readlink -f "$2") ;;
    --clock-rate) DEMO_RATE=$(demo_number "$1" "$2" 1 100) ;;
    --units) DEMO_UNITS=$(demo_number "$1" "$2" 1 99) ;;
    --seats) case $2 in all | calls-only | none) DEMO_SEATS=$2 ;; *) die "--seats is all, calls-only or none" ;; esac ;;
    --seconds) DEMO_SECONDS=$(demo_number "$1" "$2" 1 86400) ;;
    --state) mkdir -p "$2" && DEMO_STATE=$(readlink -f "$2") ;;
    --port-shift) DEMO_SHIFT=$(demo_number "$1" "$2" 0 50000) ;;
  esac
}

# demo_number OPTION TEXT LEAST MOST: the whole number, or a clear refusal.
demo_number() {
  case $2 in '' | *[!0-9]*) die "$1 wants a whole number, not $2" ;; esac
  [ "$2" -ge "$3" ] && [ "$2" -le "$4" ] || die "$1 is between $3 and $4, not $2"
  printf '%s\n' "$2"
}

# demo_start NAME COMMAND...: a child whose output goes to its own log.
demo_start() {
  local name=$1
  shift
  "$@" >>"$DEMO_STATE/logs/$name.log" 2>&1 </dev/null &
  [ -n "${DEMO_PIDS[$name]:-}" ] || DEMO_NAMES+=("$name")
  DEMO_PIDS[$name]=$!
  printf '%s\n' "$!" >"$DEMO_STATE/pids/$name"
}

demo_start_centre() {
  demo_start dispatchd "$TARGET/debug/dispatchd" serve --config "$DEMO_STATE/centre.toml"
}

demo_run() {
  local unit
  rm -rf "$DEMO_STATE/pids"
  mkdir -p "$DEMO_STATE/logs" "$DEMO_STATE/pids"
  demo_mark_running
  trap demo_end EXIT
  demo_anchor_clock
  say "· Start the centre, $(demo_units | wc -l) ambulances and the city …"
  demo_start_centre
  demo_wait_ready 60
  for unit in $(demo_units); do
    demo_start "$unit" "$TARGET/debug/vehicle-agent" --config "$DEMO_STATE/agents/$unit.toml"
  done
  demo_start drive "$TARGET/debug/sim" drive --config "$DEMO_STATE/drive.toml"
  demo_addresses
  demo_watch
}

# demo_wait_ready SECONDS: until /readyz says yes; a centre that ends instead says why.
demo_wait_ready() {
  local begun=$SECONDS
  until curl --silent --fail --output /dev/null --max-time 2 "$(demo_centre)/readyz"; do
    if ! kill -0 "${DEMO_PIDS[dispatchd]}" 2>/dev/null; then
      tail -n 15 "$DEMO_STATE/logs/dispatchd.log" >&2
      die "dispatchd ended while starting. Its log: $DEMO_STATE/logs/dispatchd.log"
    fi
    [ $((SECONDS - begun)) -lt "$1" ] || die "dispatchd is not ready after $1 s. Its log: $DEMO_STATE/logs/dispatchd.log"
    demo_pause 0.2
  done
}

# A pause that a signal cuts short.
demo_pause() {
  sleep "$1" &
  DEMO_PAUSE=$!
  wait "$DEMO_PAUSE" || true
}

# Until told to stop: keeps the clock's last reading, and starts the centre again when it ended, as systemd would.
demo_watch() {
  local begun=$SECONDS shown=$SECONDS
  while [ "$DEMO_SECONDS" -eq 0 ] || [ $((SECONDS - begun)) -lt "$DEMO_SECONDS" ]; do
    demo_pause 1
    demo_keep_clock
    if ! kill -0 "${DEMO_PIDS[dispatchd]}" 2>/dev/null; then
      say "  dispatchd ended: started again in 3 s, as a service manager would"
      demo_pause 3
      demo_start_centre
    fi
    if [ $((SECONDS - shown)) -ge 60 ]; then
      shown=$SECONDS
      say "  $(demo_domain_text) · $(tail -n 1 "$DEMO_STATE/logs/drive.log" 2>/dev/null | tr -d '\r' | cut -c1-110)"
    fi
  done
  say "· $DEMO_SECONDS s are over"
}

# The end, however it comes: the children by their own ids, the city first, the centre last.
demo_end() {
  local status=$? name index begun=$SECONDS
  trap '' INT TERM
  [ -z "${DEMO_PAUSE:-}" ] || kill "$DEMO_PAUSE" 2>/dev/null || true
  demo_keep_clock
  for ((index = ${#DEMO_NAMES[@]} - 1; index >= 0; index--)); do
    kill -TERM "${DEMO_PIDS[${DEMO_NAMES[index]}]}" 2>/dev/null || true
  done
  for name in "${DEMO_NAMES[@]}"; do
    while kill -0 "${DEMO_PIDS[$name]}" 2>/dev/null; do
      [ $((SECONDS - begun)) -lt 10 ] || kill -KILL "${DEMO_PIDS[$name]}" 2>/dev/null || true
      sleep 0.1
    done
  done
  rm -rf "$DEMO_STATE/pids" "$DEMO_STATE/running"
  say "· Stopped at $(demo_domain_text). \`./x demo\` goes on from here; \`./x demo --fresh\` begins again."
  exit "$status"
}

# demo_stop: asks the running demo to end, by the id it left, and waits.
demo_stop() {
  local pid begun=$SECONDS
  pid=$(demo_running_pid)
  [ -n "$pid" ] || { say "no demo is running in $DEMO_STATE"; return 0; }
  kill -TERM "$pid"
  while kill -0 "$pid" 2>/dev/null; do
    [ $((SECONDS - begun)) -lt 30 ] || die "the demo (process $pid) does not end; look at $DEMO_STATE/logs"
    sleep 0.2
  done
  say "stopped"
}

demo_addresses() {
  local first
  first=$(demo_units | head -n 1)
  cat <<ADDRESSES

  疾驰演示 · Jichi demo                    domain clock $(demo_domain_text), $DEMO_RATE times real time

  调度台    dispatcher console      $(demo_centre)/
  急诊看板  ED arrival board        $(demo_centre)/board.html?hospital=$(demo_first_hospital)
  车载终端  in-vehicle terminal     http://127.0.0.1:$((8201 + DEMO_SHIFT))/    ($first; the next units on the next ports)
  报告      response-time report    $(demo_centre)/report.html
  推演      planning                $(demo_centre)/planning.html
  文字呼救  text call               $(demo_centre)/text.html

  Logs and process ids: ${DEMO_STATE#"$ROOT/"}/logs, ${DEMO_STATE#"$ROOT/"}/pids
  Try: stop an ambulance:   kill -9 \$(cat ${DEMO_STATE#"$ROOT/"}/pids/$first)
       kill the centre:     kill -9 \$(cat ${DEMO_STATE#"$ROOT/"}/pids/dispatchd)     (started again after 3 s)
  Ctrl-C ends it, or ./x demo stop from elsewhere.

ADDRESSES
}
