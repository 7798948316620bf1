# The demo's files: the city and the configurations made for it, its certificates, its clock, who runs it.

# demo_make_city: the generated city, or one on a real map; made once, kept until --fresh.
demo_make_city() {
  local wanted made=''
  if [ "$DEMO_FRESH" = 1 ] && [ -e "$DEMO_STATE/made" ]; then rm -rf "$DEMO_STATE"; fi
  mkdir -p "$DEMO_STATE/spool"
  [ ! -e "$DEMO_STATE/made" ] || made=$(cat "$DEMO_STATE/made")
  wanted="map=$([ -z "$DEMO_MAP" ] && echo generated || fingerprint "$DEMO_MAP") units=${DEMO_UNITS:-40}"
  if [ -n "$made" ]; then
    # What was not asked for stays as it was made.
    if [ -n "$DEMO_MAP" ] && [ "${made% units=*}" != "${wanted% units=*}" ]; then demo_other_city "$made"; fi
    if [ -n "$DEMO_UNITS" ] && [ "${made#* }" != "${wanted#* }" ]; then demo_other_city "$made"; fi
  else
    demo_new_city
    printf '%s\n' "$wanted" >"$DEMO_STATE/made"
    printf '0\n' >"$DEMO_STATE/port-shift"
  fi
  demo_shift_ports
  demo_set_rate
}

demo_other_city() {
  die "$DEMO_STATE holds another city ($1): add --fresh to begin again, or --state DIR for a second one"
}

demo_new_city() {
  local arguments=(city --out "$DEMO_STATE" --units "${DEMO_UNITS:-40}" --clock-file "$DEMO_STATE/clock.toml")
  if [ -n "$DEMO_MAP" ]; then
    step "Import the map $(basename "$DEMO_MAP")" "$TARGET/debug/dispatchd" import-map "$DEMO_MAP" --out "$DEMO_STATE/city.map"
    arguments+=(--map "$DEMO_STATE/city.map")
  fi
  step "Make the city: roads, stations, hospitals, units" "$TARGET/debug/sim" "${arguments[@]}"
  step "Pack the map for the vehicles" "$TARGET/debug/dispatchd" pack-map --config "$DEMO_STATE/centre.toml" --out "$DEMO_STATE/city.mbtiles"
}

# The configurations are made with the default ports; a shift moves every loopback port in them.
demo_shift_ports() {
  local by
  by=$((DEMO_SHIFT - $(cat "$DEMO_STATE/port-shift")))
  if [ "$by" -ne 0 ]; then
    perl -pi -e 's/\b(127\.0\.0\.1|0\.0\.0\.0|localhost):(\d+)/"$1:" . ($2 + '"$by"')/ge' \
      "$DEMO_STATE"/centre.toml "$DEMO_STATE"/drive.toml "$DEMO_STATE"/agents/*.toml
    printf '%s\n' "$DEMO_SHIFT" >"$DEMO_STATE/port-shift"
  fi
}

demo_set_rate() {
  sed -i -E "s/^clock_rate *=.*/clock_rate = $DEMO_RATE/" "$DEMO_STATE"/centre.toml "$DEMO_STATE"/agents/*.toml
  [ -z "$DEMO_SEATS" ] || sed -i -E "s/^seats *=.*/seats = \"$DEMO_SEATS\"/" "$DEMO_STATE/drive.toml"
  # On a calm day crews never refuse, forget or break down, and every patient is taken along.
  if [ "$DEMO_CALM" = 1 ]; then sed -i -E "s/^calm *=.*/calm = true/" "$DEMO_STATE/drive.toml"; fi
}

demo_units() { find "$DEMO_STATE/agents" -name '*.toml' -printf '%f\n' | sed 's/\.toml$//' | LC_ALL=C sort; }

demo_centre() { printf 'http://127.0.0.1:%s\n' "$((8120 + DEMO_SHIFT))"; }

demo_first_hospital() {
  awk '/^\[\[hospitals\]\]/ { inside = 1 } inside && /^id *=/ { gsub(/[" ]/, "", $0); sub(/^id=/, ""); print; exit }' "$DEMO_STATE/centre.toml"
}

# Development certificates: made on the first run, one for each unit.
demo_certificates() {
  local unit missing=()
  for unit in $(demo_units); do
    [ -e "$DEMO_STATE/certificates/$unit/unit.pem" ] || missing+=("$unit")
  done
  [ ${#missing[@]} -eq 0 ] || step "Make development certificates for ${#missing[@]} ambulances" demo_issue "${missing[@]}"
}

demo_issue() {
  local unit
  for unit in "$@"; do
    "$TARGET/debug/dispatchd" issue-certificate --config "$DEMO_STATE/centre.toml" --unit "$unit" \
      --out "$DEMO_STATE/certificates/$unit" || return 1
  done
}

# ── the clock: domain = domain at the anchor + (wall − wall at the anchor) × rate ──

demo_wall() { date -u +%s.%N; }

demo_text_of() { date -u -d "@$1" +%Y-%m-%dT%H:%M:%S.%6NZ; }

# Anchors the domain clock at what it last showed; the first time at eight in the morning of today.
demo_anchor_clock() {
  DEMO_ANCHOR_WALL=$(demo_wall)
  DEMO_ANCHOR_DOMAIN=$(cat "$DEMO_STATE/clock.last" 2>/dev/null || demo_local date -d 'today 08:00' +%s)
  {
    printf 'wall = "%s"\n' "$(demo_text_of "$DEMO_ANCHOR_WALL")"
    printf 'domain = "%s"\n' "$(demo_text_of "$DEMO_ANCHOR_DOMAIN")"
    printf 'rate = %s.0\n' "$DEMO_RATE"
  } >"$DEMO_STATE/clock.toml"
}

demo_domain() {
  awk -v wall="$(demo_wall)" -v from="${DEMO_ANCHOR_WALL:-0}" -v domain="${DEMO_ANCHOR_DOMAIN:-0}" -v rate="$DEMO_RATE" \
    'BEGIN { printf "%.3f\n", domain + (wall - from) * rate }'
}

# The generated city keeps China's time, whatever this machine keeps.
demo_local() { TZ=CST-8 "$@"; }

demo_domain_text() { [ -z "${DEMO_ANCHOR_WALL:-}" ] || demo_local date -d "@$(demo_domain)" '+%Y-%m-%d %H:%M:%S'; }

# Written each second, so that even a demo that was killed goes on within a minute of where it was.
demo_keep_clock() {
  [ -n "${DEMO_ANCHOR_WALL:-}" ] || return 0
  demo_domain >"$DEMO_STATE/clock.last.new"
  mv "$DEMO_STATE/clock.last.new" "$DEMO_STATE/clock.last"
}

# ── who runs here ──

# A process is told from a later one with the same id by its start time.
demo_started_at() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

demo_mark_running() { printf '%s %s\n' "$$" "$(demo_started_at $$)" >"$DEMO_STATE/running"; }

demo_running_pid() {
  local pid started
  [ -r "$DEMO_STATE/running" ] && read -r pid started <"$DEMO_STATE/running" || return 0
  [ "$(demo_started_at "$pid")" != "$started" ] || printf '%s\n' "$pid"
}

demo_refuse_second() {
  local pid
  pid=$(demo_running_pid)
  [ -z "$pid" ] || die "a demo is running already (process $pid): ./x demo stop ends it"
}

# demo_refuse_busy_ports: a clear word before anything is started.
demo_refuse_busy_ports() {
  local port busy=() count
  count=$(demo_units | wc -l)
  for port in "$((8120 + DEMO_SHIFT))" $(seq $((8201 + DEMO_SHIFT)) $((8200 + count + DEMO_SHIFT))) \
    $(seq $((9301 + DEMO_SHIFT)) $((9300 + count + DEMO_SHIFT))); do
    if is_listening tcp "$port"; then busy+=("$port/tcp"); fi
  done
  port=$((9120 + DEMO_SHIFT))
  if is_listening udp "$port"; then busy+=("$port/udp"); fi
  [ ${#busy[@]} -eq 0 ] ||
    die "another program uses ${busy[*]}: end it, or move the demo with --port-shift 1000 (adds 1000 to every port)"
}

# is_listening tcp|udp PORT, from the kernel's own table: no tool needed.
is_listening() {
  local hex states='0A'
  [ "$1" = tcp ] || states='07'
  hex=$(printf '%04X' "$2")
  cat "/proc/net/$1" "/proc/net/${1}6" 2>/dev/null |
    awk -v port=":$hex" -v state="$states" 'substr($2, length($2) - 4) == port && $4 == state { found = 1 } END { exit !found }'
}
