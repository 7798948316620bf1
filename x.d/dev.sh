# ./x dev: the console's own development server, which rebuilds at each change and asks a centre that is already running.

verb_dev() {
  provision demo
  local centre=${1:-http://127.0.0.1:8120}
  [ $# -le 1 ] || die "./x dev [CENTRE], for example ./x dev http://127.0.0.1:8120"
  case $centre in http://127.0.0.1:* | http://localhost:* | 'http://[::1]:'*) ;; *) die "a centre under development is on this machine: $centre is not" ;; esac
  console_build
  curl --silent --fail --max-time 2 "$centre/healthz" >/dev/null ||
    warn "nothing answers at $centre: start one with ./x demo; the pages will show that the centre is away"
  say "The console with live reloading; Ctrl-C ends it."
  JICHI_CENTRE=$centre exec npm --prefix console run dev
}
