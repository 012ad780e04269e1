# The steps of `test.sh --full`. Each is a function that succeeds or explains why not.

set -o pipefail

# What is compared between runs, compilers and processors: systems with a workload and options.
digested() {
  cat <<'LIST'
raft register
raft register --set members=3 --set reconfigure=200ms
raft set
raft queue
raft counter
raft log
raft lock
raft bank
raft long-fork
abd multi-register
causal multi-register
gossip multi-register
lww multi-register
pram multi-register
primary_backup multi-register
sequencer multi-register
dynamo multi-register
chain register
pbft register --set liars=1 --set twins=1 --set faulty=first
lock lock
lock lease
lock fenced-lock
queue queue
crdt crdt-g-counter
crdt crdt-pn-counter
crdt crdt-g-set
crdt crdt-or-set
crdt crdt-lww-register
mvr crdt-mv-register
jupiter text
ttf text
mvcc bank
mvcc list-append
two_phase bank
two_phase rw-register
LIST
}

# digests FOLDER: one line a seed with the digest and verdict of its run; fails when one is invalid
# (what nothing decides yet is unknown). The figures that are printed beside them depend on the
# machine, so they are cut off.
digests() {
  local system workload more
  digested | while read -r system workload more; do
    # shellcheck disable=SC2086 -- options are words
    "$1/sunder" sweep "$system" -w "$workload" -n all --quiet --seeds 20 --digests $more \
      >build/full/digests.one
    [ $? -ne 1 ] || { cat build/full/digests.one; return 1; }
    grep '^seed ' build/full/digests.one | sed "s/^/$system $workload /" || return 1
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

# What nodes/README.md says of flaws and of what is not promised, on the seeds that it names.
survey_is_true() { build/sunder survey --check nodes/README.md --tables notes,flaws,limits; }

# Every system under every workload, on fewer seeds than the table was made with.
sound_systems() { build/sunder survey --tables sound --seeds 30 --time-limit 12s; }

long_sweep() { build/sunder sweep raft -w register -n all --quiet --seeds 1000; }

# tests_of PRESET: its tests, without those that say nothing new under another build. What needs
# namespaces or a store waits for real time, most of which is not ours, and is left to the default
# build; sanitized programs are linked dynamically and could not enter the lab.
tests_of() {
  ctest --test-dir "build-$1" --output-on-failure \
    --exclude-regex '^(agent|cli|real|reports|ssh|ssh-2|stores|tidy)$'
}
