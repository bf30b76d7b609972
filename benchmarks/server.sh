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

runs=${1:-5}
shift || true
homes=("$@")
((${#homes[@]})) || homes=("${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}")
home=$(cd "$(dirname "$0")/.." && pwd)
jar=$home/benchmarks/target/benchmarks.jar
PATH=$PATH:/usr/sbin
command -v smtp-source smtp-sink >/dev/null || { echo "needs Postfix's smtp-source and smtp-sink" >&2; exit 2; }
[[ -f $jar ]] || { echo "needs $jar: mvn package -DskipTests -pl benchmarks -am" >&2; exit 2; }

# Name, options of smtp-source, messages of a run, and those for smtp-sink, which takes far longer where they are large.
workloads=(
  '4 KiB, kept, 20 sessions|-d -s 20 -l 4096|40000|40000'
  '4 KiB, kept, 200 sessions|-d -s 200 -l 4096|40000|40000'
  '4 KiB, one connection each, 20 sessions|-s 20 -l 4096|10000|10000'
  '1 MiB, kept, 20 sessions|-d -s 20 -l 1048576|3000|300'
)

work=$(mktemp -d)
chmod 755 "$work" # the processes of a Postfix below are not all root's
pids=()
cleanup() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

# Ticks of CPU, user and system, that a process has used.
ticks() { awk '{ sub(/.*\) /, ""); print $12 + $13 }' "/proc/$1/stat"; }

declare -A pid_of port_of
# start NAME COMMAND...: a server that tells its port in the line that says it is ready.
start() {
  local name=$1 out=$work/$1.out
  shift
  "$@" >"$out" 2>"$work/$name.err" &
  pid_of[$name]=$!
  pids+=("$!")
  until grep -q '^ready' "$out"; do
    kill -0 "${pid_of[$name]}" || { cat "$work/$name.err" >&2; exit 1; }
    read -rt 0.05 <> <(:) || true
  done
  port_of[$name]=$(sed -n 's/^ready.*127\.0\.0\.1:\([0-9]*\).*/\1/p' "$out")
}

"$home/ehlo" --version >/dev/null # builds if need be, so that no run has to
port_of[smtp-sink]=$((20000 + RANDOM % 10000))
smtp-sink -u "$(id -un)" "127.0.0.1:${port_of[smtp-sink]}" 1024 >"$work/sink.out" 2>"$work/sink.err" &
pid_of[smtp-sink]=$!
pids+=("$!")
servers=(smtp-sink)
for i in "${!homes[@]}"; do
  start "bare$i" "${homes[i]}/bin/java" -XX:+UseSerialGC -Xms32m -cp "$jar" dev.ehlo.smtp.benchmarks.net.BareSmtp
  JAVA_HOME=${homes[i]} start "ehlo$i" "$home/ehlo" sink --port 0
  servers+=("bare$i" "ehlo$i")
done

hertz=$(getconf CLK_TCK)
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
        echo "$w $server $run $before $after $count $hertz" >>"$work/runs"
      fi
    done
  done
  echo "round $run of $runs done" >&2
done

echo "CPU seconds of the server per 1,000 messages, median of $runs (range); ratios are taken run by run."
echo
echo "Machine: $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(uname -sr) · smtp-sink: Postfix" \
  "$(postconf -dh mail_version) · commit: $(git -C "$home" describe --always --dirty)"
for i in "${!homes[@]}"; do
  echo
  echo "$("${homes[i]}/bin/java" -version 2>&1 | sed -n 2p)"
  echo
  echo '| load | ehlo sink | smtp-sink | bare loop | ehlo/smtp-sink | ehlo/bare |'
  echo '|---|---|---|---|---|---|'
  for w in "${!workloads[@]}"; do
    awk -v w="$w" -v name="${workloads[w]%%|*}" -v ehlo="ehlo$i" -v bare="bare$i" '
      function shown(v, format,   n, i, j, t, s) {
        n = 0
        for (i in v) s[++n] = v[i]
        for (i = 2; i <= n; i++) for (j = i; j > 1 && s[j] < s[j - 1]; j--) { t = s[j]; s[j] = s[j - 1]; s[j - 1] = t }
        return sprintf(format " (" format " to " format ")", s[int((n + 1) / 2)], s[1], s[n])
      }
      $1 == w { cpu[$2, $3] = ($5 - $4) / $7 / $6 * 1000; rounds[$3] }
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

figure() { "$java" -cp "$jar" "dev.ehlo.smtp.benchmarks.net.$1" "${@:2}"; }

# A Postfix that takes sessions and relays nothing; sets postfix to its port and its master's process.
postfix=()
start_postfix() {
  local port=$((20000 + RANDOM % 10000)) dir=$work/postfix
  mkdir -p "$dir"/{etc,queue,data}
  chown postfix "$dir/data"
  cat >"$dir/etc/main.cf" <<END
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
command_directory = $(postconf -dh command_directory)
daemon_directory = $(postconf -dh daemon_directory)
maillog_file_prefixes = $dir
maillog_file = $dir/log
myhostname = localhost
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
smtpd_tls_security_level = may
smtpd_tls_chain_files = $work/key.pem, $work/chain.pem
END
  cat >"$dir/etc/master.cf" <<END
127.0.0.1:$port inet n - n - 1 smtpd
postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
END
  postfix -c "$dir/etc" start-fg >"$dir/out" 2>&1 &
  pids+=("$!")
  for ((i = 0; i < 100; i++)); do
    if (echo >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      postfix=("$port" "$(tr -d ' ' <"$dir/queue/pid/master.pid")")
      pids+=("${postfix[1]}")
      return
    fi
    read -rt 0.1 <> <(:) || true
  done
  echo "no Postfix beside the STARTTLS sessions: $(tail -n 1 "$dir/out")" >&2
}

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/chain.pem" 2>/dev/null
if ((EUID == 0)); then
  start_postfix
fi
idle=$(($(ulimit -n) - 1000))
((idle > 10000)) && idle=10000
for java in "${homes[@]/%//bin/java}"; do
  echo
  echo "$("$java" -version 2>&1 | sed -n 2p)"
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
