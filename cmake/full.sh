# The steps of `test.sh --full`. Each is a function that succeeds or explains why not.

# sweep_of FOLDER ARGUMENT...: many simulated runs under all faults with the binary of that build.
sweep_of() {
  local folder=$1
  shift
  "$folder/sunder" sweep raft -w register -n all --jobs "$(nproc)" "$@"
}

# digests FOLDER: one line a seed with the digest of its run.
digests() { sweep_of "$1" --seeds 50 --digests; }

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
  GLIBC_TUNABLES=glibc.cpu.hwcaps=-FMA,-AVX2_Usable digests build >build/full/digests.no-fma || return 1
  same_lines "with and without FMA and AVX2" build/full/digests build/full/digests.no-fma
}

same_digests_from_clang() {
  digests build-clang >build/full/digests.clang || return 1
  same_lines "g++ and clang" build/full/digests build/full/digests.clang
}

# Every flaw that the list names must be caught within its thousand seeds.
every_flaw_is_caught() {
  local flaw missed=()
  for flaw in $(build/sunder list flaws raft --names); do
    sweep_of build --seeds 1000 --flaw "$flaw" --until invalid
    [ $? -eq 1 ] || missed+=("$flaw")
  done
  [ ${#missed[@]} -eq 0 ] || { echo "not caught: ${missed[*]}"; return 1; }
}

long_sweep() { sweep_of build --seeds 1000; }

tests_of() { ctest --test-dir "build-$1" --output-on-failure; }
