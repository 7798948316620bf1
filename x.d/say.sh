# How x speaks: one line for each thing it does, elapsed seconds on the long ones, the log's path when one fails.

if [ -t 1 ]; then IS_TERMINAL=1; else IS_TERMINAL=0; fi

say() { printf '%s\n' "$*"; }

warn() { printf 'x: %s\n' "$*" >&2; }

die() {
  warn "$*"
  exit 1
}

# step TITLE COMMAND...: runs a long command with its output in a log, says how long it takes, shows the log's end on failure.
step() {
  local title=$1 log started pid status=0
  shift
  mkdir -p "$LOGS"
  log=$LOGS/$(printf '%s' "$title" | tr -cs 'A-Za-z0-9' '-' | tr 'A-Z' 'a-z').log
  started=$SECONDS
  say "· $title …"
  "$@" >"$log" 2>&1 </dev/null &
  pid=$!
  STEP_PID=$pid
  watch_step "$pid" "$title" "$started" "$log"
  wait "$pid" || status=$?
  STEP_PID=
  if [ "$status" -ne 0 ]; then
    tail -n 40 "$log" >&2
    die "$title failed (exit $status). The whole log: $log"
  fi
  say "  done in $((SECONDS - started)) s"
}

# A terminal gets a line that counts; a log gets a line each half minute, so that nobody thinks it hangs.
watch_step() {
  local pid=$1 title=$2 started=$3 log=$4 shown=0 elapsed latest
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    elapsed=$((SECONDS - started))
    if [ "$IS_TERMINAL" = 1 ]; then
      latest=$(tail -n 1 "$log" 2>/dev/null | tr -d '\033\r' | cut -c1-70)
      printf '\r\033[K  %4d s  %s' "$elapsed" "$latest"
    elif [ $((elapsed - shown)) -ge 30 ]; then
      shown=$elapsed
      latest=$(tail -n 1 "$log" 2>/dev/null | tr -d '\033\r' | cut -c1-90)
      say "  $title: $elapsed s · $latest"
    fi
  done
  [ "$IS_TERMINAL" = 0 ] || printf '\r\033[K'
}

# may_ask: is there a person who can answer?
may_ask() { [ "${CI:-}" != true ] && [ -t 0 ] && [ -t 1 ]; }

# fingerprint FILE...: one hash over files and folders, in a fixed order.
fingerprint() {
  find "$@" -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -print0 2>/dev/null |
    LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum | cut -c1-32
}

# is_stamped NAME HASH / stamp NAME HASH: a step that was done for exactly this input is not done again.
is_stamped() { [ "$(cat "$ROOT/target/stamps/$1" 2>/dev/null)" = "$2" ]; }

stamp() {
  mkdir -p "$ROOT/target/stamps"
  printf '%s\n' "$2" >"$ROOT/target/stamps/$1"
}

# end_children: a step that is cut short takes its command with it; nothing is left running.
end_children() {
  [ -z "${STEP_PID:-}" ] || kill "$STEP_PID" 2>/dev/null || true
}
trap end_children EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
