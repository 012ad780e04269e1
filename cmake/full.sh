# The steps of `test.sh --full`. Each is a function that succeeds or explains why not.

set -o pipefail

# sweep_of FOLDER ARGUMENT...: many simulated runs under all faults with the binary of that build.
sweep_of() {
  local folder=$1
  shift
  "$folder/sunder" sweep raft -w register -n all --quiet "$@"
}

# digests FOLDER: one line a seed with the digest and verdict of its run; fails when one is not
# valid. The figures that are printed beside them depend on the machine, so they are cut off.
digests() {
  local system workload
  sweep_of "$1" --seeds 50 --digests | grep '^seed ' || return 1
  for system in abd causal gossip lww pram primary_backup sequencer; do
    "$1/sunder" sweep "$system" -w multi-register -n all --quiet --seeds 20 --digests |
      grep '^seed ' || return 1
  done
  for workload in lock lease fenced-lock; do
    "$1/sunder" sweep lock -w "$workload" -n all --quiet --seeds 20 --digests |
      grep '^seed ' || return 1
  done
  "$1/sunder" sweep queue -w queue -n all --quiet --seeds 20 --digests | grep '^seed ' || return 1
  sweep_of "$1" --seeds 20 --digests --set members=3 --set reconfigure=200ms |
    grep '^seed ' || return 1
  for workload in set queue counter log lock bank long-fork; do
    "$1/sunder" sweep raft -w "$workload" -n all --quiet --seeds 20 --digests |
      grep '^seed ' || return 1
  done
}

# same_lines WHAT FILE FILE
same_lines() {
  [ -s "$2" ] || { echo "no digests at all in $2"; return 1; }
  cmp "$2" "$3" || { diff "$2" "$3" | head -20; echo "digests differ: $1"; return 1; }
  echo "$(wc -l <"$2") lines are the same: $1"
}

same_digests_twice() {
  digests build >build/full/digests || return 1
  digests build >build/full/digests.again || return 1
  same_lines "two runs" build/full/digests build/full/digests.again
}

# A processor without fused multiply-add or fast AVX2 must decide the same.
same_digests_on_older_processor() {
  local older=build/full/digests.no-fma
  GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2_Usable digests build >"$older" || return 1
  same_lines "with and without FMA and AVX2" build/full/digests "$older"
}

same_digests_from_clang() {
  digests build-clang >build/full/digests.clang || return 1
  same_lines "g++ and clang" build/full/digests build/full/digests.clang
}

# Every flaw that the system lists must be caught within its thousand seeds.
every_flaw_is_caught() { sweep_of build --seeds 1000 --each-flaw; }

long_sweep() { sweep_of build --seeds 1000; }

# tests_of PRESET: its tests, without those that say nothing new under another build. What needs
# namespaces or a store waits for real time, most of which is not ours, and is left to the default
# build; sanitized programs are linked dynamically and could not enter the lab.
tests_of() {
  ctest --test-dir "build-$1" --output-on-failure \
    --exclude-regex '^(agent|cli|headers|real|reports|stores|tidy)$'
}
