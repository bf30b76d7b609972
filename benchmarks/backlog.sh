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
. "$(dirname "$0")/common.sh"
need smtp-sink

messages=${1:-1000000} runs=${2:-3}
java=$java_home/bin
data=$work/data
since() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", b - a }'; }

# The server, with its port chosen before, as it is to be asked before it says that it is ready.
start_server() { # OPTION...
  sync
  find "$data/spool" -type f -exec dd if={} iflag=nocache count=0 status=none \; 2>/dev/null || true
  port=$(free_port)
  began=$EPOCHREALTIME
  start server "$home/ehlo" serve --data "$data" --port "mx=$port" --port submission=off --port submissions=off \
    --port alternate=off "$@"
  server=${pid_of[server]}
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
    kill -0 "$server" 2>/dev/null || { cat "$work/server.err" >&2; exit 1; }
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
start_server --hold
until grep -q '^ready' "$work/server.out"; do pause 0.01; done # the first start makes the user
await_accept
empty=$(heap)
stop
filled=$("$java/java" -cp "$jar" dev.ehlo.smtp.benchmarks.net.SpoolFill "$data/spool" "$messages")
echo "filled at $filled messages/s, $(du -sh "$data/spool" | cut -f 1)" >&2

for ((run = 1; run <= runs; run++)); do
  start_server --hold
  await_accept
  until grep -q '^ready' "$work/server.out"; do pause 0.01; done
  since "$began" "$greeted" >>"$work/greeted"
  since "$began" "$taken" >>"$work/taken"
  echo $((($(heap) - empty) / messages)) >>"$work/heap"
  awk '/VmRSS/ { print int($2 / 1024) }' "/proc/$server/status" >>"$work/resident"
  stop
  echo "start $run of $runs done" >&2
done

start_sink sink "$work/sink.out" -c
# smtp-sink rewrites one line of counts: sess=1 quit=1 mesg=1
first_delivery() {
  local line
  until [[ -s $work/sink.out ]]; do pause 0.01; done
  exec {counts}<"$work/sink.out"
  for ((i = 0; i < 60000; i++)); do
    while IFS= read -r -d $'\r' -u "$counts" line; do
      [[ $line == *mesg=0 ]] || { echo "$EPOCHREALTIME"; return; }
    done
    pause 0.01
  done
  echo "nothing delivered within ten minutes" >&2
  exit 1
}
start_server --smarthost "127.0.0.1:${port_of[sink]}"
await_accept
delivered=$(first_delivery)

echo "$messages messages queued, each of half a KiB to one recipient, spool of $(du -sh "$data/spool" | cut -f 1). Medians of $runs (range)."
echo
machine " · $(jvm "$java_home")"
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
