#!/usr/bin/env bash
# PostgreSQL for logical decoding: the newest installed one of 14 or later, else 15 from Maven Central.
#   MILLRACE_PG_PORT (25432)   MILLRACE_PG_MAVEN   a version from Maven Central (17.6.0), installed or not
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PORT="${MILLRACE_PG_PORT:-25432}" DIR="$STATE/postgres" MAVEN="${MILLRACE_PG_MAVEN:-15.14.0}"

# fetch OUT: unpack io.zonky.test.postgres:embedded-postgres-binaries: by mvn where it is, else by curl.
fetch() {
  local arch repo a jar=binaries.jar
  case "$(uname -m)" in x86_64) arch=amd64 ;; aarch64) arch=arm64v8 ;; *) die "no PostgreSQL binaries for $(uname -m): install PostgreSQL" ;; esac
  a="embedded-postgres-binaries-linux-$arch"
  cd "$1"
  if has mvn; then
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy -Dartifact="io.zonky.test.postgres:$a:$MAVEN" -DoutputDirectory="$1" -Dmdep.stripVersion=true
    mv "$a.jar" "$jar"
  else
    repo="${MAVEN_REPO:-https://repo1.maven.org/maven2}/io/zonky/test/postgres/$a/$MAVEN/$a-$MAVEN.jar"
    curl -fsSL -o "$jar" "$repo"
    echo "$(curl -fsSL "$repo.sha1" | cut -c1-40)  $jar" | sha1sum -c
  fi
  unzip -q -o "$jar" '*.txz' && tar -xJf ./*.txz && rm -f ./*.txz "$jar"
}

# find_bin: set BIN to the programs' directory, fetching them when none is installed.
find_bin() {
  local v; for v in $(ls /usr/lib/postgresql 2>/dev/null | sort -rn); do
    [ -z "${MILLRACE_PG_MAVEN:-}" ] && [ "${v%%.*}" -ge 14 ] && [ -x "/usr/lib/postgresql/$v/bin/initdb" ] || continue
    BIN="/usr/lib/postgresql/$v/bin"; return
  done
  BIN="$DIST/postgres-$MAVEN/bin"
  [ ! -x "$BIN/initdb" ] || return 0
  has mvn || need curl=curl
  need unzip=unzip xz=xz-utils
  once "postgres-$MAVEN" fetch
}

make_cluster() {
  local data="$DIR/data"
  [ ! -s "$data/PG_VERSION" ] || return 0
  need openssl=openssl
  rm -rf "$DIR"; mkdir -p "$DIR"; certificate "$DIR/server"; echo postgres >"$DIR/password"
  [ "$(id -u)" != 0 ] || { chown -R "$user:" "$DIR"; "${as_user[@]}" test -x "$DIR" -a -x "$BIN" || die "the user $user cannot reach $DIR: set MILLRACE_SERVICES_DIR and MILLRACE_DIST_DIR to directories that it can"; }
  cd "$DIR"
  "${as_user[@]}" "$BIN/initdb" -D "$data.new" -U postgres --pwfile="$DIR/password" -A scram-sha-256 -E UTF8 --locale=C --no-sync >"$DIR/initdb.log" 2>&1 ||
    { tail -n 5 "$DIR/initdb.log" >&2; die "initdb: see $DIR/initdb.log"; }
  "${as_user[@]}" bash -c "cat >>'$data.new/postgresql.conf'" <<P
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
wal_level = logical
max_wal_senders = 50
max_replication_slots = 50
max_connections = 200
shared_buffers = 64MB
fsync = off
full_page_writes = off
ssl = on
ssl_cert_file = '$DIR/server.crt'
ssl_key_file = '$DIR/server.key'
P
  chmod 600 "$DIR/server.key"
  mv "$data.new" "$data" # whole or not at all
}

running() {
  local pid file="$DIR/data/postmaster.pid"
  [ -s "$file" ] && pid="$(head -n1 "$file")" && tcp_open "$PORT" && [ "$(sed -n 4p "$file")" = "$PORT" ] && [ "$(sed -n 8p "$file" | tr -d ' ')" = ready ] &&
    echo "127.0.0.1:$PORT, version $(cat "$DIR/data/PG_VERSION"), postgres/postgres, pid $pid"
}

start() {
  find_bin; need_port "$PORT" PostgreSQL MILLRACE_PG_PORT; make_cluster; cd "$DIR"
  local file="$DIR/data/postmaster.pid"
  if [ -s "$file" ] && ! alive "$(head -n1 "$file")"; then # killed; it takes an unreaped zombie for a running server
    sleep 0.5 # its children end by themselves
    rm -f "$file"
  fi
  "${as_user[@]}" "$BIN/pg_ctl" -s -w -t "$WAIT" -D "$DIR/data" -l "$DIR/log" -o "-p $PORT" start </dev/null >/dev/null 9>&- ||
    { tail -n 15 "$DIR/log" >&2; die "PostgreSQL did not start: see $DIR/log"; }
}

halt() {
  local file="$DIR/data/postmaster.pid"
  [ -s "$file" ] && alive "$(head -n1 "$file")" || return 0
  find_bin; cd "$DIR"
  "${as_user[@]}" "$BIN/pg_ctl" -s -w -m fast -D "$DIR/data" stop >/dev/null 2>&1 || "${as_user[@]}" "$BIN/pg_ctl" -s -w -m immediate -D "$DIR/data" stop || true
}

env_vars() {
  echo "export MILLRACE_TEST_POSTGRES=postgres://postgres:postgres@127.0.0.1:$PORT/postgres"
  echo "export MILLRACE_TEST_POSTGRES_CA=$DIR/server.crt"
}

serve "$@"
