# Builds: the console once per change of its sources, the Rust workspace in one profile that demo and tests share.

# console_build: npm's packages by lock file, then the pages; both skipped when nothing changed.
console_build() {
  local lock sources
  [ -f console/package-lock.json ] || die "console/package-lock.json is missing: the tree is not complete"
  lock=$(printf '%s %s' "$(fingerprint console/package-lock.json)" "$(node --version)")
  if [ ! -d console/node_modules ] || ! is_stamped console-packages "$lock"; then
    step "Fetch the console's packages (npm ci)" npm --prefix console ci --no-audit --no-fund
    stamp console-packages "$lock"
  fi
  sources="$lock $(fingerprint console)"
  if [ ! -f console/dist/index.html ] || ! is_stamped console-pages "$sources"; then
    step "Build the console's pages" npm --prefix console run build
    stamp console-pages "$sources"
  fi
}

# rust_build: the three programs. The screens are embedded in them, so the console comes first. One small test is built
# along with them: with it cargo picks the libraries' features as `cargo test` does, and nothing is compiled twice.
rust_build() {
  console_build
  step "Build dispatchd, vehicle-agent and sim (the first time takes minutes)" \
    cargo build --locked --workspace --bins --test architecture
}

# next_build: what stands for the next version, beside the program itself, for the test of an upgrade.
next_build() {
  step "Build what stands for the next version" \
    cargo build --locked --workspace --bins --test architecture --features server/next
  cp "$TARGET/debug/dispatchd" "$TARGET/debug/dispatchd-next"
  # What stands in the usual place must be the program itself.
  step "Put the program itself back" cargo build --locked --workspace --bins --test architecture
}
