package kafkalog_test

import (
	"fmt"
	"math"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/kafkalog"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/test/testenv"
)

var topics int

// config names a topic of the test's own.
func config(t testing.TB) kafkalog.Config {
	topics++
	return kafkalog.Config{
		Client: []kgo.Opt{kgo.SeedBrokers(testenv.Kafka(t))},
		Topic:  fmt.Sprintf("kafkalog-%d-%d", time.Now().UnixNano(), topics),
	}
}

func open(t testing.TB, cfg kafkalog.Config) *kafkalog.Log {
	t.Helper()
	l, err := kafkalog.Open(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	return l
}

func TestLog(t *testing.T) {
	configs := map[registry.Log]kafkalog.Config{}
	registrytest.TestLog(t, func(t testing.TB) registry.Log {
		cfg := config(t)
		cfg.Configs = map[string]string{"message.timestamp.after.max.ms": strconv.Itoa(math.MaxInt64)} // times of the suite are in the far future
		l := open(t, cfg)
		configs[l] = cfg
		return l
	}, func(t testing.TB, closed registry.Log) registry.Log {
		l := open(t, configs[closed])
		configs[l] = configs[closed]
		return l
	})
}
