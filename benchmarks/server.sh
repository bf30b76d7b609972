#!/usr/bin/env bash
# Measures what a message costs the server: ./ehlo sink beside Postfix's smtp-sink (C) and beside a bare NIO loop, which
# is the JVM's floor, under smtp-source, all of them in turns in one run, so that what else the machine does strikes all
# alike. Everything stays on 127.0.0.1.
#
#   benchmarks/server.sh [RUNS] [JAVA_HOME...] >table.md
#
# For each JVM one process of each server serves all runs; the first round warms up and is discarded. What counts is CPU,
# user and system, of the server's process alone. Then STARTTLS sessions beside openssl s_server and, for root, a Postfix
# of its own directories; bulk under TLS; garbage; and memory of idle connections, as far as ulimit -n allows them. Prints
# Markdown tables: medians, ranges, and the ratios of each run.
set -euo pipefail
. "$(dirname "$0")/common.sh"
need smtp-source smtp-sink

runs=${1:-5}
shift || true
homes=("$@")
((${#homes[@]})) || homes=("$java_home")

# Name, options of smtp-source, messages of a run, and those for smtp-sink, which takes far longer where they are large.
workloads=(
  '4 KiB, kept, 20 sessions|-d -s 20 -l 4096|40000|40000'
  '4 KiB, kept, 200 sessions|-d -s 200 -l 4096|40000|40000'
  '4 KiB, one connection each, 20 sessions|-s 20 -l 4096|10000|10000'
  '1 MiB, kept, 20 sessions|-d -s 20 -l 1048576|3000|300'
)

"$home/ehlo" --version >/dev/null # builds if need be, so that no run has to
start_sink smtp-sink "$work/sink.out"
servers=(smtp-sink)
for i in "${!homes[@]}"; do
  start "bare$i" "${homes[i]}/bin/java" -XX:+UseSerialGC -Xms32m -cp "$jar" dev.ehlo.smtp.benchmarks.net.BareSmtp
  JAVA_HOME=${homes[i]} start "ehlo$i" "$home/ehlo" sink --port 0
  await_ready "bare$i"
  await_ready "ehlo$i"
  servers+=("bare$i" "ehlo$i")
done

for ((run = 0; run <= runs; run++)); do
  for w in "${!workloads[@]}"; do
    IFS='|' read -r _ options messages fewer <<<"${workloads[w]}"
    for server in "${servers[@]}"; do
      count=$messages
      [[ $server == smtp-sink ]] && count=$fewer
      before=$(ticks "${pid_of[$server]}")
      # shellcheck disable=SC2086 # several options
      smtp-source $options -m "$count" -f a@example.org -t b@example.net "127.0.0.1:${port_of[$server]}"
      after=$(ticks "${pid_of[$server]}")
      if ((run > 0)); then
        echo "$w $server $run $before $after $count" >>"$work/runs"
      fi
    done
  done
  echo "round $run of $runs done" >&2
done

echo "CPU seconds of the server per 1,000 messages, median of $runs (range); ratios are taken run by run."
echo
machine " · smtp-sink: Postfix $(postconf -dh mail_version)"
for i in "${!homes[@]}"; do
  echo
  jvm "${homes[i]}"
  echo
  echo '| load | ehlo sink | smtp-sink | bare loop | ehlo/smtp-sink | ehlo/bare |'
  echo '|---|---|---|---|---|---|'
  for w in "${!workloads[@]}"; do
    awk -v w="$w" -v name="${workloads[w]%%|*}" -v ehlo="ehlo$i" -v bare="bare$i" "$shown"'
      $1 == w { cpu[$2, $3] = ($5 - $4) / $6 * 1000; rounds[$3] }
      END {
        for (r in rounds) {
          a[r] = cpu[ehlo, r]; b[r] = cpu["smtp-sink", r]; c[r] = cpu[bare, r]
          toSink[r] = b[r] > 0 ? a[r] / b[r] : 0
          toBare[r] = c[r] > 0 ? a[r] / c[r] : 0
        }
        printf "| %s | %s | %s | %s | %s | %s |\n", name, shown(a, "%.4f"), shown(b, "%.4f"), shown(c, "%.4f"),
          shown(toSink, "%.2f"), shown(toBare, "%.2f")
      }' "$work/runs"
  done
done

figure() { "$java_home/bin/java" -cp "$jar" "dev.ehlo.smtp.benchmarks.net.$1" "${@:2}"; }

# A Postfix that takes sessions and relays nothing; sets postfix to its port and its master's process.
postfix=()
start_postfix() {
  local port
  port=$(free_port)
  configure_postfix "$work/postfix" "$port" 1 "maillog_file_prefixes = $work/postfix" "maillog_file = $work/postfix/log" \
    'smtpd_tls_security_level = may' "smtpd_tls_chain_files = $work/key.pem, $work/chain.pem"
  start postfix postfix -c "$work/postfix/etc" start-fg
  if await_port "$port"; then
    postfix=("$port" "$(tr -d ' ' <"$work/postfix/queue/pid/master.pid")")
    pids+=("${postfix[1]}")
  else
    echo "no Postfix beside the STARTTLS sessions: $(tail -n 1 "$work/postfix.out")" >&2
  fi
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/chain.pem" 2>/dev/null
if ((EUID == 0)); then
  start_postfix
fi
idle=$(($(ulimit -n) - 1000))
((idle > 10000)) && idle=10000
for java_home in "${homes[@]}"; do
  echo
  jvm "$java_home"
  echo
  echo '| CPU of the server | ehlo | Postfix smtpd | openssl s_server, handshake alone | ehlo/Postfix | ehlo/openssl |'
  echo '|---|---|---|---|---|---|'
  figure StartTlsFigure "$work/chain.pem" "$work/key.pem" "$runs" "${postfix[@]}"
  echo
  echo '| inline handler, client in the same process | |'
  echo '|---|---|'
  figure MessageFigure "$runs"
  if ((idle >= 1000)); then
    echo
    echo '```'
    figure IdleConnections "$idle" 100 10
    echo '```'
  fi
done
