#!/usr/bin/env bash
# Measures a start with a backlog: how long until ./ehlo serve takes a message, how long until it delivers the first of
# those it found, and what heap each of them holds. Everything stays on 127.0.0.1; the spool is on the disk of TMPDIR.
#
#   benchmarks/backlog.sh [MESSAGES [RUNS]] >table.md
#
# The spool is filled once, by the queue itself. Then the server is started on it RUNS times with deliveries held, and once
# with an smtp-sink as its smarthost. The page cache is told before each start to forget the spool, as after a reboot.
# JAVA_HOME says which JVM.
set -euo pipefail

messages=${1:-1000000} runs=${2:-3}
home=$(cd "$(dirname "$0")/.." && pwd)
jar=$home/benchmarks/target/benchmarks.jar
java=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}/bin
PATH=$PATH:/usr/sbin
command -v smtp-sink >/dev/null || { echo "needs Postfix's smtp-sink" >&2; exit 2; }
[[ -f $jar ]] || { echo "needs $jar: mvn package -DskipTests -pl benchmarks -am" >&2; exit 2; }

work=$(mktemp -d)
data=$work/data
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

pause() { read -rt "$1" <> <(:) || true; }
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)) && (echo >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
  echo "$port"
}
since() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", b - a }'; }
median() { sort -n | awk '{ v[NR] = $1 } END { printf "%s (%s to %s)", v[int((NR + 1) / 2)], v[1], v[NR] }'; }

# The server, with its port chosen before, as it is to be asked before it says that it is ready.
start() { # OPTION...
  sync
  find "$data/spool" -type f -exec dd if={} iflag=nocache count=0 status=none \; 2>/dev/null || true
  port=$(free_port)
  began=$EPOCHREALTIME
  "$home/ehlo" serve --data "$data" --port "mx=$port" --port submission=off --port submissions=off \
    --port alternate=off "$@" >"$work/out" 2>>"$work/err" &
  server=$!
  pids+=("$server")
}
stop() {
  kill "$server"
  wait "$server"
}

expect() { # CODE
  local line
  IFS= read -r -t 300 line <&"$mx" && [[ $line == "$1"* ]] || { echo "$1 awaited: ${line:-nothing}" >&2; exit 1; }
}
# Until it takes a message of its own, to a user here, which the sink never sees; sets greeted and taken.
await_accept() {
  until { exec {mx}<>"/dev/tcp/127.0.0.1/$port"; } 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat "$work/err" >&2; exit 1; }
    pause 0.01
  done
  expect 220
  greeted=$EPOCHREALTIME
  local verb
  for verb in 'HELO localhost' 'MAIL FROM:<a@example.org>' 'RCPT TO:<user@localhost>'; do
    printf '%s\r\n' "$verb" >&"$mx"
    expect 250
  done
  printf 'DATA\r\n' >&"$mx"
  expect 354
  printf 'From: a@example.org\r\nSubject: taken\r\n\r\n.\r\n' >&"$mx"
  expect 250
  taken=$EPOCHREALTIME
  exec {mx}>&-
}
# Octets of the heap that are alive.
heap() { "$java/jcmd" "$server" GC.class_histogram | awk '$1 == "Total" { print $3 }'; }

"$home/ehlo" --version >/dev/null # builds if need be, so that no start has to
start --hold
until grep -q '^ready' "$work/out"; do pause 0.01; done # the first start makes the user
await_accept
empty=$(heap)
stop
filled=$("$java/java" -cp "$jar" dev.ehlo.smtp.benchmarks.net.SpoolFill "$data/spool" "$messages")
echo "filled at $filled messages/s, $(du -sh "$data/spool" | cut -f 1)" >&2

for ((run = 1; run <= runs; run++)); do
  start --hold
  await_accept
  until grep -q '^ready' "$work/out"; do pause 0.01; done
  since "$began" "$greeted" >>"$work/greeted"
  since "$began" "$taken" >>"$work/taken"
  echo $((($(heap) - empty) / messages)) >>"$work/heap"
  awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$server/status" >>"$work/resident"
  stop
  echo "start $run of $runs done" >&2
done

sink_port=$(free_port)
smtp-sink -c -u "$(id -un)" "127.0.0.1:$sink_port" 1024 >"$work/sink" 2>"$work/sink.err" &
pids+=("$!")
# smtp-sink rewrites one line of counts: sess=1 quit=1 mesg=1
first_delivery() {
  local line
  until [[ -s $work/sink ]]; do pause 0.01; done
  exec {counts}<"$work/sink"
  for ((i = 0; i < 60000; i++)); do
    while IFS= read -r -d $'\r' -u "$counts" line; do
      [[ $line == *mesg=0 ]] || { echo "$EPOCHREALTIME"; return; }
    done
    pause 0.01
  done
  echo "nothing delivered within ten minutes" >&2
  exit 1
}
start --smarthost "127.0.0.1:$sink_port"
await_accept
delivered=$(first_delivery)

echo "$messages messages queued, each of half a KiB to one recipient, spool of $(du -sh "$data/spool" | cut -f 1). Medians of $runs (range)."
echo
echo "Machine: $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(uname -sr) ·" \
  "$("$java/java" -version 2>&1 | sed -n 2p) · commit: $(git -C "$home" describe --always --dirty)"
echo
echo '| start with a backlog | |'
echo '|---|---|'
echo "| from the command to 220, s | $(median <"$work/greeted") |"
echo "| from the command to the 250 for a message, s | $(median <"$work/taken") |"
echo "| from the command to the first delivery, once, s | $(since "$began" "$delivered") |"
echo "| the same start, to 220 and to 250, s | $(since "$began" "$greeted"), $(since "$began" "$taken") |"
echo "| heap a queued message, octets | $(median <"$work/heap") |"
echo "| resident memory, MiB | $(median <"$work/resident") |"
echo "| filling, synced, messages/s | $filled |"
