# ./x fuzz [--seconds N] [NAME]: goes on with bytes nobody would send on purpose for N seconds a decoder, all of them or those whose test has NAME
# in its name. What it finds is printed with the seed that repeats it; the input then becomes a file of the corpus beside the test.

SECONDS_EACH=60

verb_fuzz() {
  local seconds=$SECONDS_EACH name=fuzz
  while [ $# -gt 0 ]; do
    case $1 in
      --seconds)
        [ $# -ge 2 ] || die "--seconds wants a number"
        seconds=$2
        shift
        ;;
      -*) die "unknown option $1: ./x fuzz [--seconds N] [NAME]" ;;
      *) name=$1 ;;
    esac
    shift
  done
  case $seconds in '' | *[!0-9]*) die "--seconds wants a whole number, not \`$seconds\`" ;; esac
  provision test
  console_build
  step "Build the tests" cargo test --locked -p server -p sim --lib --no-run
  # One after the other: each has its whole time on a core of its own.
  BOLERO_RANDOM_TEST_TIME_MS=$((seconds * 1000)) BOLERO_RANDOM_ITERATIONS=1000000000 \
    cargo test --locked -p server -p sim --lib -- "$name" --test-threads 1
}
