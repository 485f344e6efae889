package kafkalog_test

import (
	"context"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/kafkalog"
)

// cutter loses the answer to the next produce request: it calls meanwhile when the broker has answered, and closes the
// connection.
type cutter struct{ meanwhile atomic.Pointer[func()] }

func (c *cutter) config(cfg kafkalog.Config) kafkalog.Config {
	cfg.Client = append(slices.Clone(cfg.Client), kgo.Dialer(func(ctx context.Context, network, host string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, host)
		return &cutConn{Conn: conn, cutter: c}, err
	}))
	return cfg
}

type cutConn struct {
	net.Conn

	cutter *cutter
	cut    atomic.Pointer[func()]
}

func (c *cutConn) Write(b []byte) (int, error) {
	if len(b) >= 6 && b[4] == 0 && b[5] == 0 { // behind the length the kind of request: 0 is Produce
		c.cut.Store(c.cutter.meanwhile.Swap(nil))
	}
	return c.Conn.Write(b)
}

func (c *cutConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if meanwhile := c.cut.Swap(nil); meanwhile != nil {
		(*meanwhile)()
		_ = c.Conn.Close()
		return 0, io.EOF
	}
	return n, err
}

// TestLostAnswer has the answer to an append lost: the record is there once, and Append says where. It does also when another
// node has claimed the log meanwhile, unless that one has appended something behind it.
func TestLostAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		elected   bool
		meanwhile func(t *testing.T, other *kafkalog.Log)
		want      string
	}{
		"nothing else":                   {false, func(*testing.T, *kafkalog.Log) {}, "a1 a2 a3"},
		"another leads":                  {false, lead, "a1 a2 a3"},
		"another leads, and was elected": {true, lead, "a1 a2"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t)
			cfg.Elected = c.elected
			var cut cutter
			l, other := open(t, cut.config(cfg)), open(t, cfg)
			lead(t, l)
			at := appendTo(t, l, -1, "a1")
			meanwhile := func() { c.meanwhile(t, other) }
			cut.meanwhile.Store(&meanwhile)
			at = appendTo(t, l, at, "a2")
			if cut.meanwhile.Load() != nil {
				t.Fatal("no answer was lost")
			}
			if !c.elected {
				appendTo(t, l, at, "a3")
			} else if _, err := l.Append(t.Context(), at, rec("lost")); err == nil {
				t.Error("the deposed one may still append")
			}
			wantKeys(t, l, c.want)
		})
	}
}

func lead(t *testing.T, l *kafkalog.Log) {
	t.Helper()
	if err := l.Lead(t.Context()); err != nil {
		t.Error(err)
	}
}

// TestTopicMadeAnew deletes a topic that is followed and makes another of its name: its offsets mean something else, so the
// follower ends, and so does the writer.
func TestTopicMadeAnew(t *testing.T) {
	cfg := config(t)
	l := open(t, cfg)
	at := appendTo(t, l, -1, "a1")
	ended := make(chan error, 1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	go func() {
		ended <- l.Follow(ctx, 0, func(int64, registry.Record) error { return nil }, func(int64) {})
	}()
	cl, err := kgo.NewClient(cfg.Client...)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	if _, err := kadm.NewClient(cl).DeleteTopic(ctx, cfg.Topic); err != nil {
		t.Fatal(err)
	}
	open(t, cfg)
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "made anew") {
		t.Errorf("Follow: %v", err)
	}
	if _, err := l.Append(ctx, at, rec("a2")); err == nil || !strings.Contains(err.Error(), "made anew") {
		t.Errorf("Append: %v", err)
	}
}
