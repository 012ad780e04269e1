#!/usr/bin/env bash
# From a clone to two reports: installs what is missing, builds, then runs one short campaign
# against a sound Raft and one against a Raft with a known bug. Exit 0 when the sound one is found
# valid and the flawed one invalid.
# usage: ./quickstart.sh [--build-only]
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")" || exit 1
. cmake/setup.sh

case "${1:-}" in
  "" | --build-only) ;;
  *) sed -n '2,5s/^# //p' "$0"; exit 64 ;;
esac

install_packages build run
build default sunder sunder-node sunder-agent || fail "the build failed (see above)"
[ "${1:-}" = --build-only ] && exit 0

# campaign NAME ARGUMENT...: one run; leaves its exit code in $code and its report in $report.
campaign() {
  local name=$1
  shift
  say "$name: sunder run $*"
  build/sunder run "$@"
  code=$?
  report=$(readlink -f store/latest 2>/dev/null)/report.html
}

load=(raft -w register -n "partition,kill" --time-limit 15s)
world=()
campaign "A sound Raft" "${load[@]}"
if [ "$code" -eq 69 ]; then
  # The reason was printed just now: usually a kernel or container without user namespaces.
  world=(--world sim)
  say "No lab on this machine (see above): going on in the simulator instead"
  campaign "A sound Raft" "${load[@]}" "${world[@]}"
fi
sound_code=$code sound_report=$report
campaign "A Raft that reads from stale replicas" "${load[@]}" "${world[@]}" --flaw stale-local-read
flawed_code=$code flawed_report=$report

word() {
  case $1 in
    0) echo valid ;;
    1) echo invalid ;;
    2) echo unknown ;;
    *) echo "exit $1" ;;
  esac
}
say "Verdicts"
printf '  sound   %-8s (expected: valid)    %s\n' "$(word "$sound_code")" "$sound_report"
printf '  flawed  %-8s (expected: invalid)  %s\n' "$(word "$flawed_code")" "$flawed_report"
[ "$sound_code,$flawed_code" = 0,1 ] || fail "that is not what was expected"
for report in "$sound_report" "$flawed_report"; do
  [ -s "$report" ] || fail "no report at $report"
done
echo "Open the reports in a browser; they need no network."
