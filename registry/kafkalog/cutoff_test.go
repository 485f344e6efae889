package kafkalog_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// flaky dials connections that end at their first read while down, as those to a broker that goes away do.
type flaky struct {
	down  atomic.Bool
	ended atomic.Int64
}

func (f *flaky) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	c, err := new(net.Dialer).DialContext(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	return &flakyConn{c, f}, nil
}

type flakyConn struct {
	net.Conn
	f *flaky
}

func (c *flakyConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	if c.f.down.Load() {
		c.f.ended.Add(1)
		_ = c.Close()
		return 0, io.EOF
	}
	return n, err
}

// TestConnectionsEnd has connections end at their first read for a while. Registries on the log go on by themselves after it.
func TestConnectionsEnd(t *testing.T) {
	t.Parallel()
	cfg, f := config(t), new(flaky)
	writer := start(t, cfg)
	cfg.Client = append(slices.Clone(cfg.Client), kgo.Dialer(f.dial))
	follower := start(t, cfg)
	register := func(subject string) {
		t.Helper()
		if status, got := ask(t, writer.url, http.MethodPost, "/subjects/"+subject+"/versions", []byte(`{"schema":"\"int\""}`)); status != http.StatusOK {
			t.Fatalf("%s: %d %v", subject, status, got)
		}
	}
	register("before")
	f.down.Store(true)
	register("meanwhile")
	for began := time.Now(); f.ended.Load() < 20 && time.Since(began) < 20*time.Second; {
		time.Sleep(50 * time.Millisecond)
	}
	f.down.Store(false)
	if f.ended.Load() == 0 {
		t.Fatal("no connection ended")
	}
	register("after")
	if err := follower.Sync(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{"before", "meanwhile", "after"} {
		if _, err := follower.Get(subject, 1, false); err != nil {
			t.Errorf("the follower lacks %s: %v", subject, err)
		}
	}
}
