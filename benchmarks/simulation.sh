#!/usr/bin/env bash
# Simulates a month of mail to ten thousand destinations, on a clock that is advanced by hand: what the queue does as it is
# set up by itself, beside a fixed concurrency of 20 without jitter. Takes a minute or so; no network, no disk.
#
#   benchmarks/simulation.sh >table.md
#
# JAVA_HOME says which JVM. The size is SimulationSize.MONTH in smtp-queue's tests.
set -euo pipefail
home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
table=$(mktemp)
trap 'rm -f "$table"' EXIT
mvn -q -f "$home/pom.xml" test -pl smtp-queue -am -Dtest='SimulationTest#aMonth' \
  -Dsurefire.failIfNoSpecifiedTests=false -Dsimulation.table="$table" >&2
cat "$table"
