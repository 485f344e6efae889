package kafka

import (
	"cmp"
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"math"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sasl"
)

// Config says how to reach Kafka and how to publish. The zero value of a field means its default.
type Config struct {
	Brokers        []string // host:port, at least one
	ClientID       string   // default millrace
	TLS            *tls.Config
	SASL           sasl.Mechanism
	DialTimeout    time.Duration // default 10 s
	RequestTimeout time.Duration // how long a broker may take to answer; default 30 s
	IdleTimeout    time.Duration // after which an unused connection is closed; default 9 minutes
	MetadataMaxAge time.Duration // default 5 minutes
	Log            *slog.Logger  // gets what the client warns of; nil: nobody

	Compression      string        // none (default), gzip, snappy, lz4, zstd
	CompressionLevel int           // of gzip, lz4 or zstd; 0: the codec's own
	Linger           time.Duration // how long a partition's records wait for more; default DefaultLinger, negative: not at all
	BatchBytes       int           // after how many bytes a keyless record may go to another partition; default 16 KiB
	MaxRequestBytes  int           // largest record, and batch of records, before compression; default 1 MiB
	BufferBytes      int64         // largest sum of keys, values and headers in flight; default 32 MiB
	DeliveryTimeout  time.Duration // after which a record without an answer fails; default never
	Topics           Topics
}

// DefaultLinger gathers the records of a few batches of changes into one request at the cost of a latency that nobody
// sees; under load the broker's answers pace the requests anyway.
const DefaultLinger = 2 * time.Millisecond

// ClientOptions returns the options that every client of this cluster needs, producing or not.
func (c Config) ClientOptions() []kgo.Opt {
	opts := []kgo.Opt{
		kgo.SeedBrokers(c.Brokers...),
		kgo.ClientID(cmp.Or(c.ClientID, "millrace")),
		kgo.RequestTimeoutOverhead(cmp.Or(c.RequestTimeout, 30*time.Second)),
		kgo.ConnIdleTimeout(cmp.Or(c.IdleTimeout, 9*time.Minute)),
		kgo.MetadataMinAge(min(time.Second, cmp.Or(c.MetadataMaxAge, time.Second))), // how soon a new leader is found
		kgo.MetadataMaxAge(cmp.Or(c.MetadataMaxAge, 5*time.Minute)),
		kgo.DialTimeout(cmp.Or(c.DialTimeout, 10*time.Second)),
		kgo.DisableClientMetrics(),
	}
	if c.TLS != nil {
		opts = append(opts, kgo.DialTLSConfig(c.TLS))
	}
	if c.SASL != nil {
		opts = append(opts, kgo.SASL(c.SASL))
	}
	if c.Log != nil {
		opts = append(opts, kgo.WithLogger(logger{c.Log}))
	}
	return opts
}

// maxRequest returns MaxRequestBytes or its default.
func (c Config) maxRequest() int32 {
	return int32(min(cmp.Or(c.MaxRequestBytes, 1<<20), 1<<30))
}

func (c Config) producerOptions(limit func(topic string) int32) ([]kgo.Opt, error) {
	codec, err := c.codec()
	if err != nil {
		return nil, err
	}
	opts := append(c.ClientOptions(),
		kgo.RequiredAcks(kgo.AllISRAcks()),
		kgo.ProducerBatchCompression(codec),
		kgo.ProducerLinger(max(cmp.Or(c.Linger, DefaultLinger), 0)),
		kgo.ProduceRequestTimeout(cmp.Or(c.RequestTimeout, 30*time.Second)),
		kgo.ProducerBatchMaxBytesFn(limit),
		kgo.BrokerMaxWriteBytes(max(100<<20, 2*c.maxRequest())),
		kgo.RecordPartitioner(kgo.UniformBytesPartitioner(cmp.Or(c.BatchBytes, 16<<10), true, true, nil)),
		kgo.MaxBufferedRecords(math.MaxInt32), // Producer bounds what is in flight, by bytes and a batch at a time
	)
	if c.DeliveryTimeout > 0 {
		// Records whose answer got lost may fail too, and be there nevertheless: whoever sends them again doubles them.
		opts = append(opts, kgo.RecordDeliveryTimeout(c.DeliveryTimeout), kgo.AllowIdempotentProduceCancellation())
	}
	return opts, nil
}

func (c Config) codec() (codec kgo.CompressionCodec, err error) {
	switch c.Compression {
	case "", "none":
		return kgo.NoCompression(), nil
	case "gzip":
		codec = kgo.GzipCompression()
	case "snappy":
		codec = kgo.SnappyCompression()
	case "lz4":
		codec = kgo.Lz4Compression()
	case "zstd":
		codec = kgo.ZstdCompression()
	default:
		return codec, fmt.Errorf("compression %q: there are none, gzip, snappy, lz4 and zstd", c.Compression)
	}
	if c.CompressionLevel != 0 {
		codec = codec.WithLevel(c.CompressionLevel)
	}
	return codec, nil
}

// logger passes on what kgo finds worth a warning; its info is our debug.
type logger struct{ l *slog.Logger }

func (l logger) Level() kgo.LogLevel {
	if l.l.Enabled(context.Background(), slog.LevelDebug) {
		return kgo.LogLevelInfo
	}
	return kgo.LogLevelWarn
}

func (l logger) Log(level kgo.LogLevel, msg string, keyvals ...any) {
	to := slog.LevelWarn
	if level >= kgo.LogLevelInfo {
		to = slog.LevelDebug
	}
	l.l.Log(context.Background(), to, "kafka client: "+msg, keyvals...)
}
