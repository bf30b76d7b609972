# What the scripts here share; they source it.

home=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
jar=$home/benchmarks/target/benchmarks.jar
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")}
PATH=$PATH:/usr/sbin
[[ -f $jar ]] || { echo "needs $jar: mvn package -DskipTests -pl benchmarks -am" >&2; exit 2; }

work=$(mktemp -d)
chmod 755 "$work" # not all of Postfix's processes are root's
pids=()
declare -A pid_of port_of
hertz=$(getconf CLK_TCK)
cleanup() {
  local pid
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  cleanup_own
  wait 2>/dev/null || true
  rm -rf "$work"
}
cleanup_own() { :; } # for a script to define; the processes have been told to end
trap cleanup EXIT

need() { # COMMAND...
  local command
  for command; do command -v "$command" >/dev/null || { echo "needs $*" >&2; exit 2; }; done
}
pause() { read -rt "$1" <> <(:) || true; }
# CPU seconds, user and system, that a process has used.
ticks() { awk -v hz="$hertz" '{ sub(/.*\) /, ""); printf "%.4f\n", ($12 + $13) / hz }' "/proc/$1/stat"; }

answers() { (echo >"/dev/tcp/127.0.0.1/$1") 2>/dev/null; } # PORT
free_port() {
  local port
  while port=$((20000 + RANDOM % 10000)) && answers "$port"; do :; done
  echo "$port"
}
await_port() { # PORT; fails after half a minute
  local i
  for ((i = 0; i < 300; i++)); do
    answers "$1" && return
    pause 0.1
  done
  return 1
}

# start NAME COMMAND...: in the background.
start() {
  : >"$work/$1.out" # there before anybody looks for it
  "${@:2}" >"$work/$1.out" 2>"$work/$1.err" &
  pid_of[$1]=$!
  pids+=("$!")
}
# await_ready NAME: until it says so; that line, or one before it, tells its port.
await_ready() {
  until grep -q '^ready' "$work/$1.out"; do
    kill -0 "${pid_of[$1]}" || { cat "$work/$1.err" >&2; exit 1; }
    pause 0.02
  done
  port_of[$1]=$(sed -n 's/^\(mx \|ready: \(sink\|bare\)\).*127\.0\.0\.1:\([0-9]*\).*/\3/p' "$work/$1.out")
}
# start_sink NAME OUT OPTION...: an smtp-sink.
start_sink() {
  port_of[$1]=$(free_port)
  smtp-sink "${@:3}" -u "$(id -un)" "127.0.0.1:${port_of[$1]}" 1024 >"$2" 2>"$work/$1.err" &
  pid_of[$1]=$!
  pids+=("$!")
}

# configure_postfix DIRECTORY PORT PROCESSES SETTING...: one of its own directories, with so many smtpd at most; - for as
# many as it has by itself.
configure_postfix() {
  local dir=$1
  mkdir -p "$dir"/{etc,queue,data}
  chown postfix "$dir/data"
  cat >"$dir/etc/main.cf" <<END
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
command_directory = $(postconf -dh command_directory)
daemon_directory = $(postconf -dh daemon_directory)
myhostname = localhost
mydestination =
local_recipient_maps =
alias_maps =
alias_database =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
smtpd_peername_lookup = no
$(printf '%s\n' "${@:4}")
END
  cat >"$dir/etc/master.cf" <<END
127.0.0.1:$2 inet n - n - $3 smtpd
postlog unix-dgram n - n - 1 postlogd
tlsmgr unix - - n 1000? 1 tlsmgr
anvil unix - - n - 1 anvil
rewrite unix - - n - - trivial-rewrite
proxymap unix - - n - - proxymap
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
smtp unix - - n - - smtp
scache unix - - n - 1 scache
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
retry unix - - n - - error
END
}

jvm() { "$1/bin/java" -version 2>&1 | sed -n 2p; } # JAVA_HOME
machine() { # MORE
  echo "Machine: $(nproc) cores, $(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1), $(uname -sr)$1" \
    "· commit: $(git -C "$home" describe --always --dirty)"
}

# For awk: the median of an array, and its range.
shown='
function shown(v, format,   n, i, j, t, s) {
  n = 0
  for (i in v) s[++n] = v[i]
  for (i = 2; i <= n; i++) for (j = i; j > 1 && s[j] < s[j - 1]; j--) { t = s[j]; s[j] = s[j - 1]; s[j - 1] = t }
  return n ? sprintf(format " (" format " to " format ")", s[int((n + 1) / 2)], s[1], s[n]) : "-"
}
'
median() { awk "$shown"'{ v[NR] = $1 } END { printf "%s", shown(v, "%s") }'; }
