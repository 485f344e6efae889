package ha

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/test/harness"
	"github.com/millrace/millrace/test/testenv"
)

// brokers is a Kafka of three brokers that are controllers, too.
type brokers struct {
	t    *testing.T
	dir  string
	libs string
	cmds [3]*exec.Cmd
	done [3]<-chan struct{}
}

func (b *brokers) bootstrap() string {
	var all []string
	for i := range 3 {
		all = append(all, b.address(i))
	}
	return strings.Join(all, ",")
}

func (b *brokers) address(i int) string { return fmt.Sprintf("%s1:%d", clusterNet, 9092+i) }

func startKafka(t *testing.T) *brokers {
	t.Helper()
	testenv.Kafka(t) // where its software is promised
	b := &brokers{t: t, dir: t.TempDir(), libs: os.Getenv("MILLRACE_KAFKA_LIBS")}
	if b.libs == "" {
		t.Fatal("MILLRACE_KAFKA_LIBS is not set: run the tests with `make test`, which starts the servers")
	}
	t.Cleanup(func() {
		for i := range b.cmds {
			b.kill(i)
		}
	})
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() { b.format(i) })
	}
	wg.Wait()
	for i := range 3 {
		b.start(i)
	}
	for i := range 3 {
		b.await(i)
	}
	return b
}

func (b *brokers) path(i int, name string) string {
	return filepath.Join(b.dir, fmt.Sprintf("%d-%s", i, name))
}

func (b *brokers) java(args ...string) *exec.Cmd {
	java := "java"
	if home := os.Getenv("JAVA_HOME"); home != "" {
		java = filepath.Join(home, "bin", "java")
	}
	config := filepath.Join(harness.Root(), "test", "services", "log4j2.properties")
	return exec.Command(java, append([]string{"-Xms128m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dlog4j2.configurationFile=" + config, "-cp", b.libs + "/*"}, args...)...)
}

func (b *brokers) format(i int) {
	controller := func(i int) string { return fmt.Sprintf("%s1:%d", clusterNet, 9192+i) }
	text := fmt.Sprintf(`process.roles=broker,controller
node.id=%d
controller.quorum.voters=0@%s,1@%s,2@%s
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://%s,CONTROLLER://%s
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=%s
min.insync.replicas=2
offsets.topic.replication.factor=3
offsets.topic.num.partitions=3
transaction.state.log.replication.factor=3
transaction.state.log.min.isr=2
transaction.state.log.num.partitions=3
num.network.threads=2
num.io.threads=2
log.cleaner.dedupe.buffer.size=8388608
`, i, controller(0), controller(1), controller(2), b.address(i), controller(i), b.path(i, "data"))
	if err := os.WriteFile(b.path(i, "properties"), []byte(text), 0o644); err != nil {
		b.t.Error(err)
		return
	}
	if out, err := b.java("kafka.tools.StorageTool", "format", "-t", "aGlnaC1hdmFpbGFiaWxpdA", "-c", b.path(i, "properties")).CombinedOutput(); err != nil {
		b.t.Errorf("formatting a broker's storage: %v\n%s", err, out)
	}
}

// start starts a broker, again where it was.
func (b *brokers) start(i int) {
	b.t.Helper()
	log, err := os.OpenFile(b.path(i, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		b.t.Fatal(err)
	}
	defer log.Close()
	cmd := b.java("kafka.Kafka", b.path(i, "properties"))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	b.cmds[i], b.done[i] = cmd, start(b.t, cmd)
}

func (b *brokers) await(i int) {
	b.t.Helper()
	for began := time.Now(); time.Since(began) < 90*time.Second; time.Sleep(50 * time.Millisecond) {
		text, _ := os.ReadFile(b.path(i, "log"))
		if c, err := net.Dial("tcp", b.address(i)); err == nil && strings.Contains(string(text), "Kafka Server started") {
			_ = c.Close()
			return
		}
	}
	text, _ := os.ReadFile(b.path(i, "log"))
	b.t.Fatalf("broker %d is not ready\n%s", i, text[max(0, len(text)-3000):])
}

// kill ends a broker by SIGKILL.
func (b *brokers) kill(i int) {
	if b.cmds[i] != nil {
		_ = b.cmds[i].Process.Kill()
		<-b.done[i]
		b.cmds[i] = nil
	}
}
