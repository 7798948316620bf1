# Builds guided by a profile (docs/decisions/0018-guided-builds.md): our own crates are built with counters in them, lived with for a
# while, and built again by what was counted. Libraries are built once and without: what is hot is ours.

GUIDED=$TARGET/guided
# The crates that get counters: those of the twin.
GUIDED_CRATES="-p sim -p dispatch-core -p roads -p link"

# guided_build WHAT EXECUTABLE ARG... -- CARGO-ARG...: a release build with the arguments for cargo, in a target folder of its own,
# which leaves $GUIDED/release/EXECUTABLE; running that with the ARGs is what it is trained by. Where the tool for it is missing it is a
# plain release build, and says so.
guided_build() {
  local what=$1 executable=$GUIDED/release/$2 training=() sources merged=$GUIDED/$1.profdata
  shift 2
  while [ "$1" != -- ]; do
    training+=("$1")
    shift
  done
  shift
  mkdir -p "$GUIDED"
  if ! provide_profdata; then
    warn "$what is built without a profile and is slower for it: that wants \`rustup component add llvm-tools\`"
    step "Build $what (release)" env CARGO_TARGET_DIR="$GUIDED" cargo build --locked --release "$@"
    return
  fi
  sources="$(rustc --version) $(fingerprint Cargo.toml Cargo.lock dispatch-core roads sim vehicle-agent/link)"
  if ! is_stamped "guided-$what" "$sources" || [ ! -x "$executable" ]; then
    rm -rf "$GUIDED/counts"
    guided_stage "Build $what with counters" "-Cprofile-generate=$GUIDED/counts" "$@"
    step "Live with $what for its profile" "$executable" "${training[@]}"
    step "Merge what was counted" "$PROFDATA" merge -o "$merged" "$GUIDED/counts"
    guided_stage "Build $what by what was counted" "-Cprofile-use=$merged" "$@"
    stamp "guided-$what" "$sources"
  fi
}

# guided_stage TITLE FLAG CARGO-ARG...: builds our crates anew with one flag more. A name of the compiler's own is made of the
# wrapper's path, and a profile finds functions by name: so the path stays, and the flag is in a file beside it.
guided_stage() {
  local title=$1
  printf '%s\n' "$2" >"$GUIDED/flag"
  shift 2
  cat >"$GUIDED/rustc" <<'WRAPPER'
#!/bin/sh
# Not for what runs while the rest is built.
case " $* " in *" build_script_"* | *" --crate-type proc-macro "*) exec "$@" ;; esac
exec "$@" "$(cat "${0%/*}/flag")"
WRAPPER
  chmod +x "$GUIDED/rustc"
  # shellcheck disable=SC2086 # a list of arguments
  CARGO_TARGET_DIR=$GUIDED cargo clean --quiet --locked --release $GUIDED_CRATES
  step "$title" env CARGO_TARGET_DIR="$GUIDED" RUSTC_WORKSPACE_WRAPPER="$GUIDED/rustc" cargo build --locked --release "$@"
}

# Sets PROFDATA to the llvm-profdata of the compiler's own release, which rustup has.
provide_profdata() {
  PROFDATA=$(rustc --print sysroot)/lib/rustlib/$(rustc -vV | sed -n 's/^host: //p')/bin/llvm-profdata
  [ -x "$PROFDATA" ] && return
  command -v rustup >/dev/null || return 1
  say "· Add llvm-tools to the Rust toolchain, to merge profiles"
  rustup component add llvm-tools >/dev/null 2>&1 && [ -x "$PROFDATA" ]
}
