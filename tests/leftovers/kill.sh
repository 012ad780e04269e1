#!/usr/bin/env bash
# Kills the controller or an agent of a lab (kill -9) at random moments during every family of
# faults, and looks whether anything of the run is left on this machine. Needs root and a built
# project.
# usage: tests/leftovers/kill.sh [MOMENTS [FAMILY...]]       (20 moments, all families)
set -uo pipefail
cd "$(dirname "$(readlink -f "$0")")/../.." || exit 1

moments=${1:-20}
shift
declare -A nemeses=(
  [network]=partition,delay,loss,duplicate,reorder,corrupt,rate,jam,swizzle,client-cut,reset,refuse
  [process]=kill,terminate,pause,gc-pause,crash-loop,rolling-restart,power-cut,wipe
  [disk]=disk,disk-error,disk-slow,bit-rot,truncate,restore,stale-read
  [clock]=clock,clock-drift,clock-slew,clock-strobe,clock-freeze,clock-jump
  [resources]=cpu,memory,pids,descriptors,slow-disk,ports,pause
)
declare -A settings=([resources]="--set pause.by=freezer")
families=("$@")
[ ${#families[@]} -gt 0 ] || families=(network process disk clock resources)
bin=$(readlink -f build)
store=$(mktemp -d)
trap 'rm -rf "$store"' EXIT

# ours: pids whose program is one of this build's.
ours() {
  local link
  for link in /proc/[0-9]*/exe; do
    case $(readlink "$link" 2>/dev/null) in
      "$bin"/sunder*) link=${link%/exe}; echo "${link#/proc/}" ;;
    esac
  done
}

# machine: what a fault could have left behind beside processes, one thing a line.
machine() {
  # Whoever sees it: mounts may be in namespaces of their own.
  grep -hsF "$store" /proc/[0-9]*/mountinfo | awk '{print "mount", $5}' | sort -u
  ip -o link | awk '{print "link", $2}'
  ip netns list | sed 's/^/netns /'
  command -v nft >/dev/null && nft list ruleset | sed 's/^/nft /'
  command -v tc >/dev/null && tc qdisc show | sed 's/^/qdisc /'
  find /sys/fs/cgroup -type d -iname '*sunder*' | sed 's/^/cgroup /'
  # What version 2 hands on to groups, and which ports connections may come from.
  find /sys/fs/cgroup -maxdepth 2 -name cgroup.subtree_control -exec grep -H . {} +
  sed 's/^/ports /' /proc/sys/net/ipv4/ip_local_port_range
  # Real time against time since boot, in seconds: a clock that was set would differ.
  awk -v now="$(date +%s.%N)" '{printf "clock %d\n", (now - $1) / 2}' /proc/uptime
}

# left BEFORE: what is there now that was not; waits up to 8 s for it to go.
left() {
  local attempt processes
  for attempt in $(seq 40); do
    processes=$(ours)
    [ -z "$processes" ] && diff <(echo "$1") <(machine) >"$store/difference" && return 0
    sleep 0.2
  done
  [ -z "$processes" ] || ps -o pid,stat,args -p "$(echo "$processes" | paste -sd,)"
  cat "$store/difference"
  return 1
}

# agents_of CONTROLLER: the pids of its agents.
agents_of() {
  local pid
  for pid in $(ours); do
    [[ $(readlink "/proc/$pid/exe") == */sunder-agent ]] &&
      [ "$(awk '{print $4}' "/proc/$pid/stat" 2>/dev/null)" = "$1" ] && echo "$pid"
  done
}

# strike VICTIM FAMILY SEED: one run, one kill. Fails when the run was over too soon for it, or was
# valid without one of its nodes.
strike() {
  local controller victim code
  # shellcheck disable=SC2086 -- settings are words
  build/sunder run raft -w register -n "${nemeses[$2]}" ${settings[$2]:-} --interval 500ms \
    --time-limit 8s --nodes 3 --seed "$3" --store "$store" -q >"$store/run.log" 2>&1 &
  controller=$!
  # Not before the lab stands: the wait is for the first agent, then for a moment of the run.
  for _ in $(seq 50); do [ -n "$(agents_of "$controller")" ] && break; sleep 0.1; done
  sleep "$((RANDOM % 6)).$((RANDOM % 100))"
  victim=$controller
  [ "$1" = controller ] || victim=$(agents_of "$controller" | shuf -n 1)
  [ -n "$victim" ] && kill -9 "$victim" 2>/dev/null || victim=
  wait "$controller" 2>/dev/null
  code=$?
  [ -n "$victim" ] || { echo "nothing was left to be killed"; return 1; }
  [ "$1" = controller ] || [ $code -ne 0 ] || { echo "valid without a node"; return 1; }
}

[ -z "$(ours)" ] || { echo "programs of this build already run"; exit 69; }
failed=0
for victim in controller agent; do
  for family in "${families[@]}"; do
    clean=0
    for moment in $(seq "$moments"); do
      before=$(machine)
      if strike "$victim" "$family" "$moment" && left "$before"; then
        clean=$((clean + 1))
      else
        echo "$victim killed during $family faults, moment $moment: see above"
        failed=1
      fi
    done
    printf '%-10s killed during %-9s faults: %d of %d left nothing\n' "$victim" "$family" \
      "$clean" "$moments"
  done
done
exit $failed
