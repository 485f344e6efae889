#!/usr/bin/env bash
# Apache Kafka from Maven Central (kafka.xml names the version): one KRaft node, PLAINTEXT and, on the port after the
# next, SASL_SSL with PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512 for the user alice.
#   MILLRACE_KAFKA_PORT (29092; +1 is the controller's, +2 SASL_SSL's)   MILLRACE_KAFKA_HEAP (512m)
#   MILLRACE_KAFKA_CONFIG   more lines for server.properties
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PORT="${MILLRACE_KAFKA_PORT:-29092}" DIR="$STATE/kafka" PASSWORD=alice-secret
JAVA="${JAVA_HOME:+$JAVA_HOME/bin/}java"
VERSION="$(sed -n 's:.*<kafka.version>\(.*\)</kafka.version>.*:\1:p' "$HERE/kafka.xml")"
NAME="kafka-$VERSION-tools" LIBS="$DIST/kafka-$VERSION-tools"

fetch() { mvn -q -B -f "$HERE/kafka.xml" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$1"; }

check_tools() {
  local want=(openssl=openssl) v
  has "$JAVA" || want+=(java=default-jdk-headless)
  [ -e "$LIBS" ] || want+=(mvn=maven)
  need "${want[@]}"
  v="$("$JAVA" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')"
  [ "${v:-0}" -ge 17 ] || die "$JAVA is version ${v:-unknown}: Kafka needs a JDK of 17 or later, set JAVA_HOME to one"
}

configure() {
  mkdir -p "$DIR"
  if [ ! -s "$DIR/tls.pem" ]; then
    certificate "$DIR/tls"; cat "$DIR/tls.key" "$DIR/tls.crt" >"$DIR/tls.pem"
  fi
  local plain=127.0.0.1:$PORT sasl=localhost:$((PORT + 2)) module=org.apache.kafka.common.security
  cat >"$DIR/server.properties" <<P
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$((PORT + 1))
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listeners=PLAINTEXT://$plain,CONTROLLER://127.0.0.1:$((PORT + 1)),SASL_SSL://$sasl
advertised.listeners=PLAINTEXT://$plain,SASL_SSL://$sasl
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=$module.plain.PlainLoginModule required user_alice="$PASSWORD";
listener.name.sasl_ssl.scram-sha-256.sasl.jaas.config=$module.scram.ScramLoginModule required;
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=$module.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location=$DIR/tls.pem
log.dirs=$DIR/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
num.network.threads=2
num.io.threads=4
log.cleaner.dedupe.buffer.size=8388608
${MILLRACE_KAFKA_CONFIG:-}
P
  [ ! -e "$DIR/data/meta.properties" ] || return 0
  "$JAVA" -XX:TieredStopAtLevel=1 -cp "$LIBS/*" kafka.tools.StorageTool format -t "$(head -c 16 /dev/urandom | base64 | tr '+/' 'AB' | tr -d '=')" \
    -c "$DIR/server.properties" --add-scram "SCRAM-SHA-256=[name=alice,password=$PASSWORD]" --add-scram "SCRAM-SHA-512=[name=alice,password=$PASSWORD]" \
    >"$DIR/log" 2>&1 || { tail -n 5 "$DIR/log" >&2; die "formatting Kafka's storage: see $DIR/log"; }
}

running() { local pid; pid="$(pid_of "$DIR/pid")" && tcp_open "$PORT" && echo "127.0.0.1:$PORT, SASL_SSL localhost:$((PORT + 2)), version $VERSION, pid $pid"; }
ready() { grep -q 'Kafka Server started' "$DIR/log" && tcp_open "$PORT"; }

start() {
  check_tools
  once "$NAME" fetch
  local p; for p in 0 1 2; do need_port $((PORT + p)) Kafka MILLRACE_KAFKA_PORT; done
  configure
  local heap="${MILLRACE_KAFKA_HEAP:-512m}"
  daemon "$DIR" "$JAVA" "-Xms$heap" "-Xmx$heap" -XX:+UseG1GC -XX:+ExitOnOutOfMemoryError -Dlog4j2.configurationFile="$HERE/log4j2.properties" \
    -cp "$LIBS/*" kafka.Kafka "$DIR/server.properties"
  await Kafka "$DIR" ready
}

halt() { end_pid "$DIR"; }

env_vars() {
  echo "export MILLRACE_TEST_KAFKA=127.0.0.1:$PORT"
  echo "export MILLRACE_KAFKA_LIBS='$LIBS'"
  echo "export MILLRACE_TEST_KAFKA_SASL='sasl-ssl://alice:$PASSWORD@localhost:$((PORT + 2))?ca=$DIR/tls.crt'"
}

serve "$@"
