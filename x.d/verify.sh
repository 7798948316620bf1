# ./x verify: the one gate before a change is handed in. Format, lints, licences, fresh types, then every test.

verb_verify() {
  [ $# -eq 0 ] || die "\`./x verify\` takes no arguments"
  provision test
  console_build
  step "Format (cargo fmt)" cargo fmt --all --check
  step "Lints (clippy, warnings are errors)" cargo clippy --locked --workspace --all-targets -- -D warnings
  provide_cargo_deny
  step "Licences, bans and sources (cargo-deny)" \
    env PATH="$TOOLS/bin:$PATH" cargo deny --log-level warn check bans licenses sources
  # shellcheck source=/dev/null
  . "$ROOT/x.d/test.sh"
  verb_test
}
