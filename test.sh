#!/usr/bin/env bash
# Installs what is missing, builds, runs every test.
# usage: ./test.sh [--full [--minutes N]]
# --full goes on with sanitizers, a second compiler, digests and long sweeps; --minutes leaves out
# the steps that would begin after so many minutes, and says so.
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")" || exit 1
. cmake/setup.sh

full=no minutes=
while [ $# -gt 0 ]; do
  case $1 in
    --full) full=yes ;;
    --minutes)
      minutes=${2:-}
      [[ $minutes =~ ^[1-9][0-9]*$ ]] || fail "--minutes needs a number"
      shift
      ;;
    *) sed -n '2,5s/^# //p' "$0"; exit 64 ;;
  esac
  shift
done
SECONDS=0

install_packages build run test
build default || fail "the build failed (see above)"
say "Tests"
ctest --test-dir build --output-on-failure -j2 || fail "tests failed (see above)"
[ "$full" = yes ] || exit 0

# The full tier. Each step prints one line and keeps its output in build/full/NAME.log, so that the
# summary of the tests above stays in sight.
install_packages full
mkdir -p build/full
failed=() left_out=() passed=()

# seconds_left: of --minutes; a day when there is no limit.
seconds_left() { echo $((${minutes:-1440} * 60 - SECONDS)); }

# after NAME step ...: only when that step passed. What it leaves out is named with the rest.
after() {
  local needed=$1
  shift
  if [[ " ${passed[*]} " == *" $needed "* ]]; then
    "$@"
  else
    left_out+=("$2")
    printf '%-24s left out: it needs %s\n' "$2" "$needed"
  fi
}

# step NAME SECONDS_EXPECTED COMMAND...: skipped when the time that is left is not enough.
step() {
  local name=$1 expected=$2 begun=$SECONDS log=build/full/$1.log
  shift 2
  if [ "$(seconds_left)" -lt "$expected" ]; then
    left_out+=("$name")
    printf '%-24s left out: %s s left, about %s needed\n' "$name" "$(seconds_left)" "$expected"
    return
  fi
  # Its own process group, so that running out of time ends everything the step started.
  timeout "$(seconds_left)" bash -c '. cmake/setup.sh; . cmake/full.sh; "$@"' _ "$@" >"$log" 2>&1
  local code=$?
  if [ $code -eq 0 ]; then
    passed+=("$name")
    printf '%-24s ok (%s s)\n' "$name" $((SECONDS - begun))
  elif [ $code -eq 124 ]; then
    left_out+=("$name")
    printf '%-24s stopped after %s s, no time left\n' "$name" $((SECONDS - begun))
  else
    failed+=("$name")
    printf '%-24s FAILED (exit %s), the end of %s:\n' "$name" $code "$log"
    tail -n 40 "$log"
  fi
}

say "The full tier"
step digests-twice 60 same_digests_twice
step digests-no-fma 30 same_digests_on_older_processor
step headers 120 build default headers
step survey 240 survey_is_true
step sound 120 sound_systems
step sweep 120 long_sweep
step clang-build 420 build clang
after clang-build step digests-clang 30 same_digests_from_clang
after clang-build step clang-tests 300 tests_of clang
step asan-build 800 build asan
after asan-build step asan-tests 400 tests_of asan
step tsan-build 800 build tsan
after tsan-build step tsan-tests 400 tests_of tsan

[ ${#left_out[@]} -eq 0 ] || printf 'left out for lack of time: %s\n' "${left_out[*]}"
[ ${#failed[@]} -eq 0 ] || fail "failed: ${failed[*]}"
