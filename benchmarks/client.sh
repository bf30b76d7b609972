#!/usr/bin/env bash
# Measures what a message costs a client: ours beside Postfix's smtp-source (C), HubSpot's NioSmtpClient, Angus Mail and
# the mail client of Vert.x, all of them in turns in one run, so that what else the machine does strikes all alike.
# Everything stays on 127.0.0.1.
#
#   mvn package -Ppeers -DskipTests -pl benchmarks -am   # once: the others, which no other build needs
#   benchmarks/client.sh [RUNS] [JAVA_HOME] >table.md
#
# One process of each client serves all runs; the first round warms up and is discarded. What counts is CPU, user and
# system, of all threads of the client while it sends, those that compile and collect among them; of smtp-source, a process
# for each run, all of it. The servers are Postfix's smtp-sink, which takes no BDAT, and ./ehlo sink, which does. Then one
# connection with 50 ms of round trip put in by a proxy, and the heap of ./ehlo load over a million messages. Prints
# Markdown tables: medians, ranges, and the ratios of each run. EHLO_FIGURES_SHARE=20 divides all counts by 20: to try it;
# EHLO_FIGURES_SCENES='clients jakarta far heap' tells which of the four: jakarta is a program of Jakarta Mail, by our
# transport and by that of Angus.
set -euo pipefail
. "$(dirname "$0")/common.sh"
need smtp-source smtp-sink

runs=${1:-5}
java_home=${2:-$java_home}
share=${EHLO_FIGURES_SHARE:-1}
peers=$home/benchmarks/target/peers
[[ -d $peers ]] || { echo "needs $peers: mvn package -Ppeers -DskipTests -pl benchmarks -am" >&2; exit 2; }

depth=4 # messages of ours in flight on each connection
# Client, its sender, messages of a run of 4 KiB and of 1 MiB.
clients=(
  "ehlo|EhloSender memory,$depth|20000|300"
  "ehlo, from a file|EhloSender file,$depth|20000|300"
  'smtp-source||20000|300'
  'HubSpot|HubSpotSender|20000|200'
  'Angus|JakartaSender org.eclipse.angus.mail.smtp.SMTPTransport,kept|20000|200'
  'Vert.x|VertxSender|1500|6'
  "ehlo, as queued|EhloSender queued,$depth|20000|300"
  'Jakarta Mail by ehlo|JakartaSender dev.ehlo.smtp.jakarta.SmtpTransport,kept|10000|200'
  'Jakarta Mail by ehlo, connect and close for each|JakartaSender dev.ehlo.smtp.jakarta.SmtpTransport,each|10000|200'
  'Angus, connect and close for each|JakartaSender org.eclipse.angus.mail.smtp.SMTPTransport,each|10000|200'
)
# Server, octets, connections, which clients.
workloads=(
  'smtp-sink|4096|1|0 1 6 2 3 4 5'
  'smtp-sink|4096|20|0 1 6 2 3 4 5'
  'smtp-sink|1048576|1|0 1 6 2 3 4 5'
  'smtp-sink|1048576|20|0 1 6 2 3 4 5'
  'ehlo sink|4096|1|0 1 6 2 3'
  'ehlo sink|4096|20|0 1 6 2 3'
  'ehlo sink|1048576|1|0 1 6 2 3'
  'ehlo sink|1048576|20|0 1 6 2 3'
)
far=('smtp-sink' 'ehlo sink')
# Which clients, and messages of a run.
far_clients=('0|200' '3|60' '4|40')

share_of() { echo $(($1 / share > 3 ? $1 / share : 3)); }

declare -A to
fed() { # CLIENT COMMAND...
  exec "${@:2}" <"$work/$1.in"
}
start_client() { # CLIENT SENDER
  mkfifo "$work/$1.in"
  # shellcheck disable=SC2086 # a sender with its argument
  start "$1" fed "$1" "$java_home/bin/java" -XX:+UseSerialGC -Xms32m -Xmx1g -cp "$jar:$peers/*" \
    dev.ehlo.smtp.benchmarks.client.ClientLoad $2
  exec {fd}>"$work/$1.in"
  to[$1]=$fd
  await_lines "$1" ready 1
}
await_lines() { # CLIENT WORD COUNT
  until (($(grep -c "^$2" "$work/$1.out") >= $3)); do
    kill -0 "${pid_of[$1]}" 2>/dev/null || { cat "$work/$1.err" >&2; exit 1; }
    pause 0.02
  done
}
# send CLIENT PORT CONNECTIONS OCTETS MESSAGES: prints seconds and CPU seconds.
send() {
  if [[ -z ${to[$1]-} ]]; then
    local TIMEFORMAT='%R %U %S'
    { time smtp-source -d -s "$3" -l "$4" -m "$5" -f a@example.org -t b@example.net "127.0.0.1:$2" >&2; } \
      2>&1 | awk 'NF == 3 { print $1, $2 + $3; ok = 1 } END { exit !ok }'
    return
  fi
  local before
  before=$(grep -c '^sent' "$work/$1.out") || true
  echo "$2 $3 $4 $5" >&"${to[$1]}"
  await_lines "$1" sent $((before + 1))
  tail -n 1 "$work/$1.out" | cut -d ' ' -f 2-3
}

"$home/ehlo" --version >/dev/null # builds if need be, so that no run has to
start_sink smtp-sink "$work/sink.out"
JAVA_HOME=$java_home start 'ehlo sink' "$home/ehlo" sink --port 0
await_ready 'ehlo sink'
for i in "${!clients[@]}"; do
  IFS='|' read -r _ sender _ <<<"${clients[i]}"
  if [[ -n $sender ]]; then
    start_client "$i" "$sender"
  fi
done

# The heap that is in use after a collection, once the sink has so many: KiB.
sunk() { tail -c 100 "$work/counting.out" 2>/dev/null | tr '\r' '\n' | sed -n 's/.*mesg=\([0-9]*\)$/\1/p' | tail -n 1 | grep . || echo 0; }
used_after() { # MESSAGES
  until (($(sunk) >= $1)); do
    kill -0 "${pid_of[load]}" 2>/dev/null || { cat "$work/load.err" >&2; exit 1; }
    pause 0.1
  done
  "$java_home/bin/jcmd" "${pid_of[load]}" GC.run >/dev/null
  "$java_home/bin/jcmd" "${pid_of[load]}" GC.heap_info |
    awk '/ generation / { sub(/.*used /, ""); sub(/K.*/, ""); kib += $0 } END { print kib }'
}

scene_clients() {
  for ((run = 0; run <= runs; run++)); do
    for w in "${!workloads[@]}"; do
      IFS='|' read -r server octets connections which <<<"${workloads[w]}"
      for i in $which; do
        IFS='|' read -r _ _ small large <<<"${clients[i]}"
        count=$(share_of $((octets > 100000 ? large : small)))
        took=$(send "$i" "${port_of[$server]}" "$connections" "$octets" "$count")
        ((run == 0)) || echo "$w $i $run $took $count" >>"$work/runs"
      done
    done
    echo "round $run of $runs done, load $(cut -d ' ' -f 1 /proc/loadavg)" >&2
  done

  echo "CPU seconds of the client per 1,000 messages, and messages a second; median of $runs (range). The ratio is that of"
  echo "our CPU, from memory, to the client's, run by run."
  echo
  echo '| server, load | client | CPU s / 1,000 | messages/s | ours/its CPU |'
  echo '|---|---|---|---|---|'
  for w in "${!workloads[@]}"; do
    IFS='|' read -r server octets connections which <<<"${workloads[w]}"
    what="$server, $((octets >> 10)) KiB, $connections"
    for i in $which; do
      awk -v w="$w" -v c="$i" -v name="$what | ${clients[i]%%|*}" "$shown"'
        $1 == w && $2 == c { cpu[$3] = $5 / $6 * 1000; rate[$3] = $6 / $4 }
        $1 == w && $2 == 0 { ours[$3] = $5 / $6 * 1000 }
        END {
          for (r in cpu) ratio[r] = cpu[r] > 0 ? ours[r] / cpu[r] : 0
          printf "| %s | %s | %s | %s |\n", name, shown(cpu, "%.4f"), shown(rate, "%.0f"), shown(ratio, "%.2f")
        }' "$work/runs"
    done
  done
}

scene_far() {
  echo '| 4 KiB over one connection, 50 ms of round trip | client | messages/s | ours/its |'
  echo '|---|---|---|---|'
  for server in "${far[@]}"; do
    start "far $server" "$java_home/bin/java" -XX:+UseSerialGC -cp "$jar" \
      dev.ehlo.smtp.benchmarks.client.DelayProxy "${port_of[$server]}" 25
    await_ready "far $server"
    for ((run = 1; run <= runs; run++)); do
      for each in "${far_clients[@]}"; do
        count=$(share_of "${each#*|}")
        took=$(send "${each%|*}" "${port_of[far $server]}" 1 4096 "$count")
        echo "${each%|*} $run $took $count" >>"$work/$server.far"
      done
    done
    for each in "${far_clients[@]}"; do
      i=${each%|*}
      awk -v c="$i" -v name="$server | ${clients[i]%%|*}" "$shown"'
        { rate = $5 / $3 }
        $1 == c { its[$2] = rate }
        $1 == 0 { ours[$2] = rate }
        END {
          for (r in its) ratio[r] = ours[r] / its[r]
          printf "| %s | %s | %s |\n", name, shown(its, "%.1f"), shown(ratio, "%.1f")
        }' "$work/$server.far"
    done
  done
}

# Ours, and that of Angus; messages of a run, and of one that is far.
jakarta_pairs=('7 4 10000 20' '8 9 10000 10')

scene_jakarta() {
  echo '| Jakarta Mail, 4 KiB | by | CPU s / 1,000 | messages/s | ours/its CPU | ours/its rate |'
  echo '|---|---|---|---|---|---|'
  for server in "${far[@]}"; do
    jakarta_rows "$server" "${port_of[$server]}" 1
    jakarta_rows "$server" "${port_of[$server]}" 20
    start "jakarta $server" "$java_home/bin/java" -XX:+UseSerialGC -cp "$jar" \
      dev.ehlo.smtp.benchmarks.client.DelayProxy "${port_of[$server]}" 25
    await_ready "jakarta $server"
    jakarta_rows "$server, 50 ms away" "${port_of[jakarta $server]}" 1
  done
}
jakarta_rows() { # NAME PORT CONNECTIONS
  local table="$work/$1.$3.jakarta" first=0 pair run i count column=3 its
  if [[ $1 == *away* ]]; then
    first=1 column=4 # nothing to warm up for who waits
  fi
  for ((run = first; run <= runs; run++)); do
    for pair in "${jakarta_pairs[@]}"; do
      count=$(share_of "$(cut -d ' ' -f $column <<<"$pair")")
      for i in ${pair% * *}; do
        took=$(send "$i" "$2" "$3" 4096 "$count")
        ((run == 0)) || echo "$i $run $took $count" >>"$table"
      done
    done
  done
  for pair in "${jakarta_pairs[@]}"; do
    read -r ours its _ <<<"$pair"
    for i in "$ours" "$its"; do
      awk -v c="$i" -v o="$ours" -v name="$1, $3 | ${clients[i]%%|*}" "$shown"'
        $1 == c { cpu[$2] = $4 / $5 * 1000; rate[$2] = $5 / $3 }
        $1 == o { ourCpu[$2] = $4 / $5 * 1000; ourRate[$2] = $5 / $3 }
        END {
          for (r in cpu) { less[r] = ourCpu[r] / cpu[r]; more[r] = ourRate[r] / rate[r] }
          printf "| %s | %s | %s | %s | %s |\n", name, shown(cpu, "%.4f"), shown(rate, "%.1f"), shown(less, "%.2f"), shown(more, "%.2f")
        }' "$table"
    done
  done
}

scene_heap() {
  start_sink counting "$work/counting.out" -c
  await_port "${port_of[counting]}"
  million=$((1000000 / share > 300000 ? 1000000 / share : 300000)) # fewer are over before one can look
  JAVA_HOME=$java_home EHLO_JAVA_OPTS="-Xms24m -Xmx24m" start load "$home/ehlo" load "127.0.0.1:${port_of[counting]}" \
    --messages "$million" --size 1k --connections 20
  early=$(used_after $((million / 10)))
  late=$(used_after $((million * 95 / 100)))
  wait "${pid_of[load]}"
  echo "Heap in use after a collection, ./ehlo load -Xmx24m, $million messages of 1 KiB over 20 connections:" \
    "after 10 % of them $early KiB, after 95 % $late KiB."
  echo
  echo '```'
  cat "$work/load.out"
  echo '```'
}

machine " · smtp-source, smtp-sink: Postfix $(postconf -dh mail_version) · load before: $(cut -d ' ' -f 1-3 /proc/loadavg)"
jvm "$java_home"
for scene in ${EHLO_FIGURES_SCENES:-clients jakarta far heap}; do
  echo
  "scene_$scene"
done
