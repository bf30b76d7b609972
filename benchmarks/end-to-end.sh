#!/usr/bin/env bash
# Measures the running server as whole processes: start-up time, idle memory, and messages/s from smtp-source through
# the journal to smtp-sink. Postfix's smtp-source and smtp-sink are the load; all of it stays on 127.0.0.1.
#
#   benchmarks/end-to-end.sh [RUNS] [MESSAGES] [OCTETS] [CONNECTIONS]
#
# Prints a line a run, and one with the median and the range; RESULTS.md keeps what was found.
set -euo pipefail

runs=${1:-5} messages=${2:-10000} octets=${3:-4096} connections=${4:-20}
home=$(cd "$(dirname "$0")/.." && pwd)
PATH=$PATH:/usr/sbin
command -v smtp-source smtp-sink >/dev/null || { echo "needs Postfix's smtp-source and smtp-sink" >&2; exit 2; }

work=$(mktemp -d)
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

now() { date +%s.%N; }
minus() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a - b }'; }
# CPU seconds, user and system, that a process has used.
cpu() { awk -v hz="$(getconf CLK_TCK)" '{ print ($14 + $15) / hz }' "/proc/$1/stat"; }
median() { sort -n | awk '{ v[NR] = $1 } END { printf "%s (%s to %s)", v[int((NR + 1) / 2)], v[1], v[NR] }'; }

"$home/ehlo" --version >/dev/null # builds if need be, so that no run has to
sink_port=$((20000 + RANDOM % 10000))
smtp-sink -c -u "$(id -un)" "127.0.0.1:$sink_port" 200 >"$work/sink.out" 2>"$work/sink.err" &
sink=$!
pids+=("$sink")

# smtp-sink rewrites one line of counts: sess=1 quit=1 mesg=1
sunk() { tr '\r' '\n' <"$work/sink.out" | sed -n 's/.*mesg=//p' | tail -n 1 | grep . || echo 0; }

echo "# $(uname -sr), $(nproc) cores, $("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -n 2p), $(git -C "$home" rev-parse --short HEAD)"
echo "# $messages messages of $octets octets, $connections connections, one message a connection"
for ((run = 1; run <= runs; run++)); do
  data=$work/data.$run
  start=$(now)
  "$home/ehlo" serve --data "$data" --port mx=0 --port submission=0 --port submissions=0 --port alternate=0 \
    --smarthost "127.0.0.1:$sink_port" --relay-from 127.0.0.0/8 --retry 1s >"$work/out" 2>"$work/log" &
  pid=$!
  pids+=("$pid")
  until grep -q '^ready' "$work/out"; do
    kill -0 "$pid" || { cat "$work/log" >&2; exit 1; }
    read -rt 0.02 <> <(:) || true
  done
  startup=$(minus "$(now)" "$start")
  read -rt 2 <> <(:) || true
  idle=$(awk '/VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$pid/status")
  port=$(sed -n 's/^mx .*127\.0\.0\.1:\([0-9]*\) .*/\1/p' "$work/out")

  before=$(sunk)
  cpu_before=$(cpu "$pid")
  start=$(now)
  smtp-source -s "$connections" -m "$messages" -l "$octets" -f a@example.org -t b@example.net "127.0.0.1:$port"
  accepted=$(minus "$(now)" "$start")
  while (($(sunk) - before < messages)); do
    kill -0 "$pid" || { cat "$work/log" >&2; exit 1; }
    if awk -v t="$(minus "$(now)" "$start")" 'BEGIN { exit !(t > 300) }'; then
      echo "only $(($(sunk) - before)) of $messages relayed after five minutes" >&2
      exit 1
    fi
    read -rt 0.05 <> <(:) || true
  done
  relayed=$(minus "$(now)" "$start")
  cpu_used=$(minus "$(cpu "$pid")" "$cpu_before")
  peak=$(awk '/VmHWM/ { printf "%.0f", $2 / 1024 }' "/proc/$pid/status")
  kill "$pid"
  wait "$pid"
  awk -v n="$messages" -v a="$accepted" -v r="$relayed" -v c="$cpu_used" -v s="$startup" -v i="$idle" -v p="$peak" -v k="$run" \
    'BEGIN { printf "run %d: start %.2f s, idle %d MiB, accepted %.0f/s, relayed %.0f/s, CPU %.2f s per 1000, peak %d MiB\n", k, s, i, n/a, n/r, c/n*1000, p }' |
    tee -a "$work/runs"
done
for figure in 'start' 'idle' 'accepted' 'relayed' 'CPU' 'peak'; do
  echo "median $figure: $(sed -n "s/.*$figure \([0-9.]*\).*/\1/p" "$work/runs" | median)"
done
