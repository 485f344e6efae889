#!/usr/bin/env bash
# nats-server with JetStream, built from the version in go.mod.   MILLRACE_NATS_PORT (24222)
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PORT="${MILLRACE_NATS_PORT:-24222}" DIR="$STATE/nats"
VERSION="$(sed -n 's:.*github.com/nats-io/nats-server/v2 \(v[^ ]*\).*:\1:p' "$HERE/../../go.mod")"
BIN="$DIST/nats-$VERSION/nats-server"

fetch() { cd "$HERE/../.." && go build -trimpath -ldflags='-s -w' -o "$1/nats-server" github.com/nats-io/nats-server/v2; }
running() { local pid; pid="$(pid_of "$DIR/pid")" && ready && echo "nats://127.0.0.1:$PORT, version $VERSION, pid $pid"; }
ready() { (exec 3<>"/dev/tcp/127.0.0.1/$PORT" && IFS= read -r -t 2 line <&3 && [[ "$line" == INFO*'"jetstream":true'* ]]) 2>/dev/null; }

start() {
  [ -e "$BIN" ] || { has go || die "missing go: install Go 1.26 or later (https://go.dev/dl)"; once "nats-$VERSION" fetch; }
  need_port "$PORT" NATS MILLRACE_NATS_PORT; mkdir -p "$DIR"
  daemon "$DIR" "$BIN" -a 127.0.0.1 -p "$PORT" -js -sd "$DIR/data"
  await NATS "$DIR" ready
}

halt() { end_pid "$DIR"; }
env_vars() {
  echo "export MILLRACE_TEST_NATS=nats://127.0.0.1:$PORT"
  echo "export MILLRACE_NATS_SERVER='$BIN'"
}

serve "$@"
