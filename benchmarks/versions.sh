#!/usr/bin/env bash
# What a message costs the sink of this checkout, inline under smtp-source, beside the sink of another one, which is of an
# older version, say; and the same of their servers, which relay it to an smtp-sink each. All in turns in one run. What
# events, metrics, limits or anything else that came between costs is the ratio. Everything stays on 127.0.0.1.
#
#   benchmarks/versions.sh OTHER_CHECKOUT [RUNS] [JAVA_HOME] >table.md
#
# OTHER_CHECKOUT is one in which ./ehlo has been built. The first round warms up and is discarded; the two take turns in
# going first. Prints a Markdown table: medians, ranges, and the ratios of each run.
set -euo pipefail
. "$(dirname "$0")/common.sh"
need smtp-source smtp-sink

other=$(cd "$1" && pwd)
runs=${2:-9}
export JAVA_HOME=${3:-$java_home}

workloads=(
  '4 KiB, kept, 20 sessions|-d -s 20 -l 4096|40000|sink'
  '4 KiB, one connection each, 20 sessions|-s 20 -l 4096|10000|sink'
  '4 KiB relayed, kept, 20 sessions|-d -s 20 -l 4096|10000|serve'
  '4 KiB relayed, one connection each, 20 sessions|-s 20 -l 4096|5000|serve'
)

"$home/ehlo" --version >/dev/null # builds if need be, so that no run has to
"$other/ehlo" --version >/dev/null
declare -A checkouts=([here]=$home [other]=$other) relayed=([here]=0 [other]=0)
for server in here other; do
  start "$server.sink" "${checkouts[$server]}/ehlo" sink --port 0
  await_ready "$server.sink"
  start_sink "$server.next" "$work/$server.count" -c
  start "$server.serve" "${checkouts[$server]}/ehlo" serve --data "$work/$server.data" --port mx=0 --port submission=off \
    --port submissions=off --port alternate=off --relay-from 127.0.0.0/8 --smarthost "127.0.0.1:${port_of[$server.next]}"
  await_ready "$server.serve"
done
# await_relayed SERVER: until its smtp-sink, which rewrites one line of counts, has as many as it was sent.
await_relayed() {
  local i
  for ((i = 0; i < 6000; i++)); do
    [[ $(tail -c 100 "$work/$1.count" | tr '\r' '\n' | sed -n 's/.*mesg=\([0-9]*\)$/\1/p' | tail -n 1) == "${relayed[$1]}" ]] &&
      return
    pause 0.02
  done
  echo "$1 did not relay ${relayed[$1]} messages in time" >&2
  exit 1
}

for ((run = 0; run <= runs; run++)); do
  order=(here other)
  ((run % 2)) && order=(other here)
  for w in "${!workloads[@]}"; do
    IFS='|' read -r _ options messages kind <<<"${workloads[w]}"
    for server in "${order[@]}"; do
      pid=${pid_of[$server.$kind]}
      before=$(ticks "$pid")
      began=$(date +%s%N)
      # shellcheck disable=SC2086 # several options
      smtp-source $options -m "$messages" -f a@example.org -t b@example.net "127.0.0.1:${port_of[$server.$kind]}"
      if [[ $kind == serve ]]; then
        relayed[$server]=$((relayed[$server] + messages))
        await_relayed "$server"
      fi
      took=$(($(date +%s%N) - began))
      after=$(ticks "$pid")
      if ((run > 0)); then
        echo "$w $server $run $before $after $messages $took" >>"$work/runs"
      fi
    done
  done
  echo "round $run of $runs done" >&2
done

machine " · other: $(git -C "$other" describe --always --dirty)"
echo
jvm "$JAVA_HOME"
echo
echo '| load | CPU s per 1,000, here | other | here/other | messages/s, here/other |'
echo '|---|---|---|---|---|'
for w in "${!workloads[@]}"; do
  awk -v w="$w" -v name="${workloads[w]%%|*}" "$shown"'
    $1 == w { cpu[$2, $3] = ($5 - $4) / $6 * 1000; took[$2, $3] = $7; rounds[$3] }
    END {
      for (r in rounds) {
        a[r] = cpu["here", r]; b[r] = cpu["other", r]
        ratio[r] = a[r] / b[r]; rate[r] = took["other", r] / took["here", r]
      }
      printf "| %s | %s | %s | %s | %s |\n", name, shown(a, "%.4f"), shown(b, "%.4f"), shown(ratio, "%.2f"), shown(rate, "%.2f")
    }' "$work/runs"
done
