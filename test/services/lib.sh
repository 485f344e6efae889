# shellcheck shell=bash
# What postgres.sh, kafka.sh and nats.sh share. Sourced, not run; `services` has the manual.
set -euo pipefail

HERE="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# Root's home is often closed to the unprivileged user that PostgreSQL runs as, so root keeps things elsewhere.
if [ "$(id -u)" = 0 ]; then CACHE=/var/cache/millrace; else CACHE="${XDG_CACHE_HOME:-$HOME/.cache}/millrace"; fi
STATE="${MILLRACE_SERVICES_DIR:-$CACHE/services}" # data, logs and process ids; one a parallel set
DIST="${MILLRACE_DIST_DIR:-$CACHE/dist}"          # downloaded and built software, shared by every set
WAIT="${MILLRACE_SERVICES_WAIT:-90}"              # seconds until a server must answer
mkdir -p "$STATE" "$DIST"
STATE="$(cd "$STATE" && pwd)" DIST="$(cd "$DIST" && pwd)"

die() { echo "error: $*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# need COMMAND=PACKAGE...: all of COMMANDs exist, or root installs their Debian packages, or one line names them.
need() {
  local want cmds=() pkgs=()
  for want in "$@"; do has "${want%%=*}" || { cmds+=("${want%%=*}"); pkgs+=("${want#*=}"); }; done
  [ ${#cmds[@]} -gt 0 ] || return 0
  if [ "$(id -u)" = 0 ] && has apt-get; then
    echo "installing ${pkgs[*]} with apt-get" >&2
    (
      flock 8
      export DEBIAN_FRONTEND=noninteractive
      apt-get update -qq >/dev/null 2>&1 || true # an old list may still do
      apt-get install -y -qq --no-install-recommends "${pkgs[@]}" >"$DIST/apt.log" 2>&1 || { tail -n 5 "$DIST/apt.log" >&2; false; }
    ) 8>"$DIST/apt.lock" || die "installing ${pkgs[*]} with apt-get (see $DIST/apt.log)"
    return 0
  fi
  die "missing ${cmds[*]}: install ${pkgs[*]} (Debian, Ubuntu: sudo apt-get install ${pkgs[*]})"
}

# once NAME CMD...: run CMD, which makes $DIST/NAME from the empty directory $1, one time per DIST.
once() {
  local name="$1"; shift
  [ -e "$DIST/$name" ] && return 0
  (
    flock 8
    [ -e "$DIST/$name" ] && exit 0
    echo "fetching $name into $DIST" >&2
    rm -rf "$DIST/$name.part"; mkdir "$DIST/$name.part"
    "$@" "$DIST/$name.part" >"$DIST/$name.log" 2>&1 || { tail -n 5 "$DIST/$name.log" >&2; exit 1; }
    chmod -R a+rX "$DIST/$name.part"; mv "$DIST/$name.part" "$DIST/$name"
  ) 8>"$DIST/$name.lock" || die "fetching $name: see $DIST/$name.log"
}

# The server's own user: PostgreSQL refuses to run as root.
as_user=()
if [ "$(id -u)" = 0 ]; then
  if id -u postgres >/dev/null 2>&1; then user=postgres; else user=nobody; fi
  as_user=(setpriv "--reuid=$user" "--regid=$(id -g "$user")" --clear-groups)
fi

alive() { grep -q '^State:.[^ZX]' "/proc/$1/status" 2>/dev/null; } # and not a zombie that nobody has reaped

# A pid file holds the process id and its kernel start time, so that a reused id is never taken for the server's.
started() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
pid_of() { # pid_of PIDFILE: the process id when it still runs
  local pid at
  [ -s "$1" ] && { read -r pid && read -r at; } <"$1" && [ "$(started "$pid")" = "$at" ] && alive "$pid" && echo "$pid"
}

# daemon DIR CMD...: run CMD in a session of its own, with DIR/log and DIR/pid.
daemon() {
  local dir="$1"; shift
  rm -f "$dir/pid"
  setsid bash -c 'printf "%s\n%s\n" $$ "$(sed "s/.*) //" /proc/$$/stat | cut -d" " -f20)" >"$1.new"; mv "$1.new" "$1"; shift; exec "$@"' \
    - "$dir/pid" "$@" </dev/null >"$dir/log" 2>&1 9>&- &
  until [ -s "$dir/pid" ]; do sleep 0.02; done
}

# await NAME DIR CMD...: until CMD succeeds; fails when the process of DIR/pid ends before.
await() {
  local name="$1" dir="$2" end=$((SECONDS + WAIT)); shift 2
  until "$@" >/dev/null 2>&1; do
    if ! pid_of "$dir/pid" >/dev/null; then tail -n 15 "$dir/log" >&2; die "$name ended while starting: see $dir/log"; fi
    if [ "$SECONDS" -ge "$end" ]; then tail -n 15 "$dir/log" >&2; end_pid "$dir"; die "$name is not ready after ${WAIT}s: see $dir/log"; fi
    sleep 0.1
  done
}

# end_pid DIR: ask the process of DIR/pid to end, insist after 20 s.
end_pid() {
  local pid; pid="$(pid_of "$1/pid")" || { rm -f "$1/pid"; return 0; }
  kill -TERM "$pid" 2>/dev/null || true
  local i; for i in $(seq 200); do pid_of "$1/pid" >/dev/null || break; sleep 0.1; done
  if pid_of "$1/pid" >/dev/null; then kill -KILL "$pid"; while pid_of "$1/pid" >/dev/null; do sleep 0.05; done; fi
  rm -f "$1/pid"
}

tcp_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
need_port() { ! tcp_open "$1" || die "$2 cannot listen on port $1, which is in use: set $3 to another"; }

# certificate FILE: a self-signed certificate for localhost, FILE.crt and FILE.key.
certificate() {
  openssl req -x509 -newkey rsa:2048 -nodes -days 3650 -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 \
    -keyout "$1.key" -out "$1.crt" 2>/dev/null
}

# serve VERB: call the script's own start, halt, running or env. Two calls for one service take turns.
serve() {
  local name dir; name="$(basename "$0" .sh)" dir="$STATE/$(basename "$0" .sh)"
  case "${1:-}" in
    start) (flock 9; running >/dev/null || start) 9>"$STATE/$name.lock"; echo "$name: $(running)" ;;
    halt) (flock 9; halt) 9>"$STATE/$name.lock" ;;
    stop) (flock 9; halt; rm -rf "$dir") 9>"$STATE/$name.lock"; rm -f "$STATE/$name.lock" ;;
    status) if running >/dev/null; then echo "$name: $(running)"; else echo "$name: stopped"; return 1; fi ;;
    env) env_vars ;;
    *) die "usage: $name.sh start|halt|stop|status|env" ;;
  esac
}
