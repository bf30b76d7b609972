#!/usr/bin/env bash
# Measures what it costs to look: with a backlog, how long ./ehlo queue list --to DOMAIN takes, and how many messages a
# second are delivered while such a command follows the other, against how many are while nobody looks. To tell the server's
# answer from the command, a JVM of its own, another looker asks for the same over the control socket, once a second.
# Everything stays on 127.0.0.1; the spool is on the disk of TMPDIR.
#
#   benchmarks/listing.sh [MESSAGES [SECONDS [RUNS]]] >table.md
#
# The spool is filled once, by the queue itself, with messages to a thousand domains. Then the server is started on it with
# an smtp-sink as its smarthost, and SECONDS without and SECONDS with each looker take turns, RUNS times each. There have to
# be enough messages for all that time. JAVA_HOME says which JVM.
set -euo pipefail
. "$(dirname "$0")/common.sh"
need smtp-sink python3

messages=${1:-1000000} seconds=${2:-10} runs=${3:-5}
java=$java_home/bin
data=$work/data

# smtp-sink rewrites one line of counts: sess=1 quit=1 mesg=1
delivered() { tail -c 200 "$work/sink.out" | tr '\r' '\n' | sed -n 's/^sess=.*mesg=\([0-9]*\)$/\1/p' | tail -n 1; }
rate() { # SECONDS; messages a second meanwhile
  local before=$EPOCHREALTIME from to
  from=$(delivered)
  pause "$1"
  to=$(delivered)
  awk -v n=$((to - from)) -v a="$before" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.0f\n", n / (b - a) }'
}
list() { "$home/ehlo" queue list --data "$data" --to d7.example.net; }
# One listing after the other, until told to end; the seconds that each took.
look() {
  local began
  while [[ ! -e $work/enough ]]; do
    began=$EPOCHREALTIME
    list >"$work/listed" || { echo "no listing" >&2; return 1; }
    awk -v a="$began" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.2f\n", b - a }' >>"$work/listings"
    wc -l <"$work/listed" >>"$work/lines"
  done
}

# The seconds of each answer over the socket alone, one a second.
ask() {
  python3 - "$data/control/socket" "$work/enough" >>"$work/answers" <<'END'
import os, socket, sys, time
while not os.path.exists(sys.argv[2]):
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as server:
        server.connect(sys.argv[1])
        server.sendall(b"list to=d7.example.net limit=1000\n")
        said = b""
        while part := server.recv(1 << 16):
            said += part
    assert said.splitlines()[-1].startswith(b"end "), said[-200:]
    print("%.3f" % (time.monotonic() - began), flush=True)
    while time.monotonic() - began < 1 and not os.path.exists(sys.argv[2]):
        time.sleep(0.05)
END
}
# looked LOOKER FILE: the rate meanwhile.
looked() {
  rm -f "$work/enough"
  "$1" &
  local looker=$!
  pids+=("$looker")
  rate "$seconds" >>"$work/$2"
  : >"$work/enough"
  wait "$looker"
}

"$home/ehlo" --version >/dev/null # builds if need be
filled=$("$java/java" -cp "$jar" dev.ehlo.smtp.benchmarks.net.SpoolFill "$data/spool" "$messages")
echo "filled at $filled messages/s, $(du -sh "$data/spool" | cut -f 1)" >&2

start_sink sink "$work/sink.out" -c
start server "$home/ehlo" serve --data "$data" --port mx=0 --port submission=off --port submissions=off \
  --port alternate=off --smarthost "127.0.0.1:${port_of[sink]}"
await_ready server
until [[ -n $(delivered) && $(delivered) -gt 1000 ]]; do pause 0.1; done
pause "$seconds" # until the compiler has seen it all

for ((run = 1; run <= runs; run++)); do
  rate "$seconds" >>"$work/alone"
  looked look watched
  looked ask asked
  echo "run $run of $runs done" >&2
done
kill -0 "${pid_of[server]}" || { cat "$work/server.err" >&2; exit 1; }
left=$((messages - $(delivered)))
((left > 0)) || { echo "the backlog was over before the measurement: more messages, or less time" >&2; exit 1; }

echo "$messages messages queued at first and $left at the end, to a thousand domains. Medians of $runs runs of $seconds s (range)."
echo
machine " · $(jvm "$java_home")"
echo
echo '| looking into a backlog | |'
echo '|---|---|'
echo "| \`queue list --to DOMAIN\`, the whole command, s | $(median <"$work/listings") |"
echo "| of that the server's answer, asked over its socket once a second, s | $(median <"$work/answers") |"
echo "| lines it printed | $(median <"$work/lines") |"
echo "| delivered while nobody looks, messages/s | $(median <"$work/alone") |"
echo "| delivered while one listing follows the other, messages/s | $(median <"$work/watched") |"
echo "| delivered while the server is asked once a second, messages/s | $(median <"$work/asked") |"
