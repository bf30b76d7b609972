#!/usr/bin/env bash
# Measures what durable accept and relay cost: smtp-source → server → smtp-sink, ./ehlo serve beside Postfix as it comes
# and beside one that is tuned, in turns in one run, so that what else the machine does strikes all alike. Each has an
# smtp-sink of its own; the spools are on one disk, that of TMPDIR. Everything stays on 127.0.0.1.
#
#   benchmarks/relay.sh [RUNS] [JAVA_HOME...] >table.md
#
# One process of each server serves all runs; the first round warms up and is discarded, and a last one, of a third of the
# messages, counts syncs. A rate is that of delivery: until the sink has the last message. CPU is all that a server's
# processes used, those that have ended too: each server runs in a control group of its own. Then the time from end of data
# to 250; what accepting alone costs, beside ./ehlo sink and beside what the disk gives; start and idle memory. Prints
# Markdown tables: medians, ranges, and the ratios of each run.
#
# Needs root (Postfix does), control groups of version 2, perf, and Postfix with smtp-source and smtp-sink.
set -euo pipefail
. "$(dirname "$0")/common.sh"
need postfix smtp-source smtp-sink perf

runs=${1:-3}
shift || true
homes=("$@")
((${#homes[@]})) || homes=("$java_home")
groups=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/mounts)
((EUID == 0)) && [[ -w $groups/cgroup.procs ]] || { echo "needs root and control groups of version 2" >&2; exit 2; }

# Size, octets, messages for Postfix, for ehlo. EHLO_FIGURES_SHARE=20 divides all counts by 20: to try the script.
share=${EHLO_FIGURES_SHARE:-1}
sizes=('4 KiB|4096|600|6000' '100 KiB|102400|450|2400' '1 MiB|1048576|160|480')
sessions=(20 200)
kinds=('one connection each|' 'kept|-d')

live=$(mktemp -d -p /dev/shm) # what the sinks count is not on the disk that is measured
[[ $(stat -fc %T "$work") != tmpfs ]] || { echo "$work is no disk: set TMPDIR" >&2; exit 2; }
mine=ehlo-figures-$$
cleanup_own() {
  for group in "$groups/$mine".*; do
    [[ -d $group ]] || continue
    for ((i = 0; i < 150; i++)); do
      rmdir "$group" 2>/dev/null && break
      ((i < 100)) || while read -r pid; do kill -9 "$pid" 2>/dev/null || true; done <"$group/cgroup.procs"
      pause 0.1
    done
  done
  rm -rf "$live"
}

# CPU seconds that a server's processes have used.
cpu() { awk '$1 == "usage_usec" { print $2 / 1e6 }' "$groups/$mine.$1/cpu.stat"; }

# start_in_group NAME COMMAND...: in the background, in a control group of its own.
start_in_group() {
  mkdir "$groups/$mine.$1"
  start "$1" in_group "$@"
}
in_group() {
  echo "$BASHPID" >"$groups/$mine.$1/cgroup.procs" && exec "${@:2}"
}
# smtp-sink rewrites one line of counts: sess=1 quit=1 mesg=1
sunk() { tail -c 100 "$live/$1" | tr '\r' '\n' | sed -n 's/.*mesg=\([0-9]*\)$/\1/p' | tail -n 1 | grep . || echo 0; }

# start_postfix NAME SETTING...: one of its own directories, which relays to its sink. It logs where it does by itself, to
# syslog, whose cost is not counted.
start_postfix() {
  port_of[$1]=$(free_port)
  configure_postfix "$work/$1" "${port_of[$1]}" - 'mynetworks = 127.0.0.0/8' 'smtp_dns_support_level = disabled' \
    "relayhost = [127.0.0.1]:${port_of[$1.sink]}" "${@:2}"
  start_in_group "$1" postfix -c "$work/$1/etc" start-fg
  await_port "${port_of[$1]}" || { echo "no $1: $(tail -n 3 "$work/$1.out" "$work/$1.err")" >&2; exit 1; }
}

# start_ehlo NAME JAVA_HOME ARGUMENT...: ./ehlo, and its port from the line that tells of it.
start_ehlo() {
  JAVA_HOME=$2 start_in_group "$1" "$home/ehlo" "${@:3}"
  await_ready "$1"
}
serve=(--port mx=0 --port submission=off --port submissions=off --port alternate=off --relay-from 127.0.0.0/8)

# await_sunk SERVER COUNT: until its sink has so many.
await_sunk() {
  for ((i = 0; i < 6000; i++)); do
    (($(sunk "$1") >= $2)) && return
    pause 0.05
  done
  echo "$1 delivered $(sunk "$1") messages, not $2, within five minutes" >&2
  exit 1
}

# Calls of fsync and fdatasync in a server's group while the command runs.
syncs() { # SERVER COMMAND...
  local group=$mine.$1 counter
  perf stat -x, -a -o "$work/syncs" -e syscalls:sys_enter_fsync,syscalls:sys_enter_fdatasync -G "$group,$group" &
  counter=$!
  pause 0.3
  "${@:2}" >/dev/null
  kill -INT "$counter"
  wait "$counter" || true
  awk -F, '/sys_enter/ { n += $1 } END { print n }' "$work/syncs"
}

load() { # SERVER OPTIONS MESSAGES OCTETS SESSIONS
  # shellcheck disable=SC2086 # no option, or one
  smtp-source $2 -s "$5" -m "$3" -l "$4" -f a@example.org -t b@example.net "127.0.0.1:${port_of[$1]}"
}
# Relays: prints seconds until the sink had all, which its last count tells, and CPU seconds of the server and of the sink.
relay() { # as load
  local before start sink used
  before=$(sunk "$1") sink=$(ticks "${pid_of[$1.sink]}") used=$(cpu "$1") start=$EPOCHREALTIME
  load "$@"
  await_sunk "$1" $((before + $3))
  local end
  end=$(stat -c %.6Y "$live/$1")
  pause 0.3 # what is left to do when all is delivered is part of the cost
  echo "$start $end $used $(cpu "$1") $sink $(ticks "${pid_of[$1.sink]}")" | awk '{ print $2 - $1, $4 - $3, $6 - $5 }'
}
messages() { # SERVER FOR_POSTFIX FOR_EHLO
  local count=$3
  [[ $1 == postfix* ]] && count=$2
  echo $((count / share > 20 ? count / share : 20))
}

"$home/ehlo" --version >/dev/null # builds if need be, so that no run has to
servers=(postfix-stock postfix-tuned)
for i in "${!homes[@]}"; do servers+=("ehlo$i"); done
for server in "${servers[@]}"; do start_sink "$server.sink" "$live/$server" -c; done
start_postfix postfix-stock
start_postfix postfix-tuned 'in_flow_delay = 0' 'default_process_limit = 250' \
  'default_destination_concurrency_limit = 100' 'initial_destination_concurrency = 20'
for i in "${!homes[@]}"; do
  start_ehlo "ehlo$i" "${homes[i]}" serve --data "$work/ehlo$i" "${serve[@]}" --smarthost "127.0.0.1:${port_of["ehlo$i.sink"]}"
done

for ((run = 0; run <= runs + 1; run++)); do
  for size in "${sizes[@]}"; do
    IFS='|' read -r size octets few many <<<"$size"
    for session in "${sessions[@]}"; do
      for kind in "${kinds[@]}"; do
        IFS='|' read -r kind option <<<"$kind"
        for server in "${servers[@]}"; do
          count=$(messages "$server" "$few" "$many")
          row="$size, $session sessions, $kind"
          if ((run > runs)); then
            count=$((count / 3))
            echo "$row|$server|$(syncs "$server" relay "$server" "$option" "$count" "$octets" "$session")|$count" >>"$work/syncs.rows"
          else
            figures=$(relay "$server" "$option" "$count" "$octets" "$session")
            ((run == 0)) || echo "$row|$server|$run|$count|${figures// /|}" >>"$work/relay.rows"
          fi
        done
      done
    done
  done
  echo "relay: round $run of $((runs + 1)) done" >&2
done

# 4 KiB, 200 sessions, kept: how long each waits for its 250, while deliveries go on.
for ((run = 1; run <= runs; run++)); do
  for server in "${servers[@]}"; do
    count=$(messages "$server" 1000 10000)
    before=$(sunk "$server")
    figures=$("${homes[0]}/bin/java" -XX:+UseSerialGC -cp "$jar" dev.ehlo.smtp.benchmarks.net.EndOfDataFigure \
      "${port_of[$server]}" 200 "$count" 4096)
    await_sunk "$server" $((before + count))
    echo "end of data|$server|$run|$count|${figures// /|}" >>"$work/latency.rows"
  done
  echo "end of data: round $run of $runs done" >&2
done

# Accepting alone.
for i in "${!homes[@]}"; do
  start_ehlo "held$i" "${homes[i]}" serve --data "$work/held$i" "${serve[@]}" --hold
  start_ehlo "sink$i" "${homes[i]}" sink --port 0
done
for ((run = 0; run <= runs; run++)); do
  for session in "${sessions[@]}"; do
    for i in "${!homes[@]}"; do
      count=$(messages ehlo 0 20000) figures=
      for server in "sink$i" "held$i"; do
        used=$(cpu "$server") start=$EPOCHREALTIME
        load "$server" -d "$count" 4096 "$session"
        end=$EPOCHREALTIME
        pause 0.3
        figures+="|$start|$end|$used|$(cpu "$server")"
      done
      size=$(du -sb --apparent-size "$work/held$i/spool" | cut -f 1)
      fewer=$((count / 3))
      synced=$(syncs "held$i" load "held$i" -d "$fewer" 4096 "$session")
      octets=$((($(du -sb --apparent-size "$work/held$i/spool" | cut -f 1) - size) / fewer))
      batch=$(((fewer + synced / 2) / synced))
      floor=$("${homes[i]}/bin/java" -cp "$jar" dev.ehlo.smtp.benchmarks.net.DiskFloor "$work/floor" "$octets" "$batch" "$count")
      rm "$work/floor"
      ((run == 0)) || echo "4 KiB, $session sessions, kept|held$i|$run|$count$figures|$octets|$batch|$floor" >>"$work/accept.rows"
    done
  done
  echo "accept: round $run of $runs done" >&2
done

# Rows of a file as rows of a table, of which the first field is the name, the second the server, the third the run: what
# the expression says of the fields, for each server, then ratios of the first to the others, taken run by run.
table() { # FILE FORMAT EXPRESSION SERVER...
  local servers=${*:4}
  awk -F'|' -v format="$2" -v names="$servers" "$shown"'
    { if (!seen[$1]++) order[++rows] = $1; value[$1, $2, $3] = '"$3"'; runs[$3] }
    END {
      count = split(names, server, " ")
      for (row = 1; row <= rows; row++) {
        line = "| " order[row]
        ratios = ""
        for (k = 1; k <= count; k++) {
          delete v; delete ratio
          for (r in runs) {
            v[r] = value[order[row], server[k], r] + 0
            ratio[r] = v[r] > 0 ? value[order[row], server[1], r] / v[r] : 0
          }
          line = line " | " shown(v, format)
          if (k > 1) ratios = ratios " | " shown(ratio, "%.3g")
        }
        print line ratios " |"
      }
    }' "$work/$1"
}

# Start and idle memory of a server whose data is new: seconds to ready, and MiB resident two seconds later.
starts() { # JAVA_HOME
  for ((run = 1; run <= runs; run++)); do
    local name=start$((++started)) start=$EPOCHREALTIME
    start_ehlo "$name" "$1" serve --data "$work/$name" "${serve[@]}"
    local ready=$EPOCHREALTIME
    pause 2
    echo "start|ehlo|$run|$start|$ready|$(awk '/VmRSS/ { print $2 / 1024 }' "/proc/${pid_of[$name]}/status")"
    kill "${pid_of[$name]}"
    wait "${pid_of[$name]}" || true
  done >"$work/start.rows"
}
started=0

echo "Medians of $runs (range); ratios are taken run by run."
echo
postfix="Postfix $(postconf -dh mail_version), tuned: in_flow_delay 0, 250 processes of a kind, 100 deliveries to the destination"
machine ", $(df --output=fstype "$work" | tail -n 1) · $postfix"
for i in "${!homes[@]}"; do
  echo
  jvm "${homes[i]}"
  for figure in 'delivered messages/s|%.0f|$4 / $5' 'CPU seconds per 1,000 messages|%.3f|$6 / $4 * 1000'; do
    IFS='|' read -r name format expression <<<"$figure"
    echo
    echo "| $name | ehlo | Postfix, stock | Postfix, tuned | ehlo/stock | ehlo/tuned |"
    echo '|---|---|---|---|---|---|'
    table relay.rows "$format" "$expression" "ehlo$i" postfix-stock postfix-tuned
  done
  echo
  echo '| share of a core that smtp-sink itself took, % | ehlo | Postfix, stock | Postfix, tuned |'
  echo '|---|---|---|---|'
  table relay.rows %.0f '$7 / $5 * 100' "ehlo$i" postfix-stock postfix-tuned | cut -d '|' -f 1-5 | sed 's/$/|/'
  echo
  echo '| syncs per 1,000 messages | ehlo | Postfix, stock | Postfix, tuned |'
  echo '|---|---|---|---|'
  awk -F'|' -v ehlo="ehlo$i" '
    { if (!seen[$1]++) order[++rows] = $1; value[$1, $2] = $3 / $4 * 1000 }
    END {
      for (r = 1; r <= rows; r++)
        printf "| %s | %.0f | %.0f | %.0f |\n", order[r], value[order[r], ehlo], value[order[r], "postfix-stock"],
          value[order[r], "postfix-tuned"]
    }' "$work/syncs.rows"
  echo
  echo '| 4 KiB, 200 sessions, kept: end of data to 250, ms | ehlo | Postfix, stock | Postfix, tuned | ehlo/stock | ehlo/tuned |'
  echo '|---|---|---|---|---|---|'
  for figure in 'median|$5' '99 %|$6' 'longest|$7' 'sessions that got to speak|$8'; do
    table latency.rows %.1f "${figure#*|}" "ehlo$i" postfix-stock postfix-tuned | sed "s/^| end of data/| ${figure%|*}/"
  done
  echo
  echo '| accepting alone | CPU s per 1,000, ehlo serve | ehlo sink | serve/sink |'
  echo '|---|---|---|---|'
  awk -F'|' -v OFS='|' -v held="held$i" '$2 == held { print $1, "sink", $3, ($8 - $7) / $4 * 1000; print $1, "held", $3, ($12 - $11) / $4 * 1000 }' \
    "$work/accept.rows" >"$work/accept.cpu"
  table accept.cpu %.4f '$4' held sink
  echo
  echo '| accepting alone, load and server on the same cores | messages/s, ehlo serve | the disk | serve/disk |'
  echo '|---|---|---|---|'
  awk -F'|' -v OFS='|' -v held="held$i" '$2 == held { print $1, "held", $3, $4 / ($10 - $9); print $1, "disk", $3, $15 }' \
    "$work/accept.rows" >"$work/accept.rate"
  table accept.rate %.0f '$4' held disk
  echo
  echo "The disk: appended and synced with as many messages a sync as ehlo had, and as many octets a message:" \
    "$(awk -F'|' -v held="held$i" '$2 == held { printf "%s%d of %d", separator, $14, $13; separator = ", " }' "$work/accept.rows")."
  echo
  echo '| messages of 4 KiB into the spool, no network before it | spool, messages/s | the disk, messages/s | messages a sync | spool/disk |'
  echo '|---|---|---|---|---|'
  mkdir "$work/commit$i"
  "${homes[i]}/bin/java" -XX:+UseSerialGC -cp "$jar" dev.ehlo.smtp.benchmarks.net.CommitFigure "$work/commit$i" "$runs" \
    "$(messages ehlo 0 50000)" 4096
  rm -r "$work/commit$i"
  echo
  echo '| start | |'
  echo '|---|---|'
  starts "${homes[i]}"
  table start.rows %.2f '$5 - $4' ehlo | sed 's/^| start/| from the command to ready, keys and first login made, s/'
  table start.rows %.0f '$6' ehlo | sed 's/^| start/| resident memory, idle, MiB/'
done
