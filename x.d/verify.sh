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
  step "The console's types are those of the interface" types_are_fresh
  # shellcheck source=/dev/null
  . "$ROOT/x.d/test.sh"
  verb_test
}

# The types are generated from the interface's own document, which a test of the server keeps true.
types_are_fresh() {
  local made=$ROOT/target/schema.gen.ts
  "$ROOT/console/node_modules/.bin/openapi-typescript" "$ROOT/server/openapi.json" -o "$made" &&
    diff -u "$ROOT/console/src/api/schema.gen.ts" "$made" ||
    { warn "generate them anew: npm --prefix console run types"; return 1; }
}
