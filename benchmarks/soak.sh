#!/usr/bin/env bash
# Crowds at the door of ./ehlo serve, whose heap is 256 MiB: 9,000 idle connections beside 1,000 that send, 1,000 new ones
# a second, 2,000 that send an octet a second, 1,000 guesses of passwords a second, and the time of refused logins. Each
# has a server of its own; the clients are one process more and come from many addresses of 127.0.0.0/8.
#
#   benchmarks/soak.sh [JAVA_HOME [idle|new|slow|guess|plain|scram]...] >table.md
#
# Needs a JDK and ulimit -n 11300; takes under six minutes. Prints a Markdown table, a row as soon as it is there, and
# exits with 1 if something does not hold. Nothing else should run meanwhile.
set -euo pipefail
. "$(dirname "$0")/common.sh"
export JAVA_HOME=${1:-$java_home}
shift || true
files=11300

(($(ulimit -n) >= files)) || ulimit -n "$files" || { echo "needs ulimit -n $files" >&2; exit 2; }
[[ -x $JAVA_HOME/bin/jcmd ]] || { echo "needs a JDK, not $JAVA_HOME" >&2; exit 2; }
"$home/ehlo" --version >/dev/null # builds if need be, so that no run has to

machine ""
echo
jvm "$JAVA_HOME"
echo
# The sessions of the next hop are logged too.
"$JAVA_HOME/bin/java" -XX:+UseSerialGC -Xmx1g -Djava.io.tmpdir="$work" -Dsoak.ehlo="$home/ehlo" -cp "$jar" \
  dev.ehlo.smtp.benchmarks.soak.Soak "$@" 2>"$work/log" || { grep -v ' INFO ' "$work/log" >&2; exit 1; }
