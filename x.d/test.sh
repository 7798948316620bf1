# ./x test: builds all, runs all, ends with one line that counts.

PASSED=0
FAILED=0

verb_test() {
  [ $# -eq 0 ] || die "\`./x test\` takes no arguments; for one crate: cargo test -p CRATE"
  local started=$SECONDS
  provision test
  rust_build
  next_build
  step "Build the tests" cargo test --locked --workspace --no-run
  name_tools
  console_checks
  rust_tests
  say ""
  say "in $((SECONDS - started)) s; logs in ${LOGS#"$ROOT/"}"
  say "$PASSED passed, $FAILED failed"
  [ "$FAILED" -eq 0 ]
}

# The system tests start other people's programs; they are told where these are.
name_tools() {
  JICHI_PYTHON=$TOOLS/venv/bin/python
  JICHI_NODE=$(command -v node)
  JICHI_CHROMIUM=$(chromium_path)
  export JICHI_PYTHON JICHI_NODE JICHI_CHROMIUM
}

# Each check of the console counts as one; its unit tests count as many as they are.
console_checks() {
  counted_check "console types and accessibility hints (svelte-check)" npm --prefix console run check
  if npm --prefix console pkg get scripts.test 2>/dev/null | grep -q '"'; then
    counted_check "console unit tests" npm --prefix console test
  fi
}

counted_check() {
  local title=$1 log
  shift
  log=$LOGS/$(printf '%s' "$title" | tr -cs 'A-Za-z0-9' '-' | tr 'A-Z' 'a-z').log
  mkdir -p "$LOGS"
  if "$@" >"$log" 2>&1 </dev/null; then
    say "ok    $title"
    PASSED=$((PASSED + 1))
  else
    tail -n 40 "$log"
    say "FAILED $title"
    FAILED=$((FAILED + 1))
  fi
}

# Every crate's tests in one run; the runner's own closing lines are added up.
rust_tests() {
  local log=$LOGS/cargo-test.log status=0 counts
  mkdir -p "$LOGS"
  cargo test --locked --workspace --no-fail-fast </dev/null 2>&1 | tee "$log" || status=$?
  counts=$(awk '/^test result:/ { p += $4; f += $6 } END { print p + 0, f + 0 }' "$log")
  PASSED=$((PASSED + ${counts% *}))
  FAILED=$((FAILED + ${counts#* }))
  # A test binary that died or did not compile closes with no count of its own.
  if [ "$status" -ne 0 ] && [ "${counts#* }" -eq 0 ]; then FAILED=$((FAILED + 1)); fi
}
