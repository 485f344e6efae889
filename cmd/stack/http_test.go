package stack

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/connect/config"
)

var short = bounds{header: 4 << 10, read: 500 * time.Millisecond, write: time.Second, drain: 300 * time.Millisecond}

// slowly sends head and then drops until the connection is cut, which it returns the time of; 0: it was not.
func slowly(t *testing.T, addr, head, drop string) time.Duration {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Error(err)
		return 0
	}
	defer c.Close()
	began := time.Now()
	cut := make(chan struct{})
	go func() {
		defer close(cut)
		_, _ = io.Copy(io.Discard, c)
	}()
	for _, err = io.WriteString(c, head); err == nil; _, err = io.WriteString(c, drop) {
		select {
		case <-cut:
			return time.Since(began)
		case <-time.After(20 * time.Millisecond):
		}
		if time.Since(began) > 8*time.Second {
			return 0
		}
	}
	return time.Since(began)
}

// TestWorkerBounds drips bytes to a worker's API, which is taken away from nobody else meanwhile.
func TestWorkerBounds(t *testing.T) {
	dir := t.TempDir()
	cfg, faults := config.NewWorker(map[string]string{
		"listeners": "http://127.0.0.1:0", "broker": "nats", "nats.url": "nats://127.0.0.1:1", "offset.storage.file.filename": filepath.Join(dir, "offsets"),
		"key.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter": "org.apache.kafka.connect.json.JsonConverter",
	}, config.Lookup{})
	if len(faults) > 0 {
		t.Fatal(config.FaultsError(faults))
	}
	c, err := NewConnect(t.Context(), cfg, Options{Log: slog.New(slog.DiscardHandler), Version: "1"})
	if err != nil {
		t.Fatal(err)
	}
	if b := c.bounds; b.header != 64<<10 || b.read != time.Minute || b.write != 2*time.Minute || b.drain != 5*time.Second || b.delay != 0 {
		t.Errorf("a worker's bounds are %+v", b)
	}
	c.bounds = short
	addr := c.ls[0].Addr().String()
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- c.Run(ctx) }()

	var all sync.WaitGroup
	for name, request := range map[string][2]string{
		"header lines": {"GET / HTTP/1.1\r\nHost: x\r\n", "X-A: b\r\n"},
		"a body":       {"PUT /connectors/a/config HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n", " "},
		"nothing":      {"", ""},
	} {
		all.Go(func() {
			if after := slowly(t, addr, request[0], request[1]); after < 400*time.Millisecond || after > 5*time.Second {
				t.Errorf("%s: the connection is cut after %v", name, after)
			}
		})
	}
	if status, answer := get(t, fresh(nil), "http://"+addr+"/"); status != http.StatusOK {
		t.Errorf("meanwhile: %d %s", status, answer)
	}
	if status, _ := get(t, fresh(nil), "http://"+addr+"/", "X-Large", strings.Repeat("x", 16<<10)); status != http.StatusRequestHeaderFieldsTooLarge {
		t.Errorf("a large header: %d", status)
	}
	all.Wait()
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

// endpoints listens for handlers and serves them until stop is called.
func endpoints(t *testing.T, b bounds, draining func(), hs ...http.Handler) (urls []string, stop context.CancelFunc, ended chan error) {
	t.Helper()
	var all []endpoint
	for i, h := range hs {
		ls, err := listen(t.Context(), "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, endpoint{Listener: ls[0], handler: h, last: i > 0})
		urls = append(urls, "http://"+ls[0].Addr().String())
	}
	ctx, stop := context.WithCancel(t.Context())
	ended = make(chan error, 1)
	go func() { ended <- serve(ctx, slog.New(slog.DiscardHandler), b, draining, all...) }()
	return urls, stop, ended
}

// TestServeEnds has a handler that is done in time, and one that goes on until its context ends: it is waited for.
func TestServeEnds(t *testing.T) {
	var drained, gone atomic.Bool
	began := make(chan struct{}, 2)
	h := http.NewServeMux()
	h.HandleFunc("/short", func(http.ResponseWriter, *http.Request) {
		began <- struct{}{}
		time.Sleep(100 * time.Millisecond)
	})
	h.HandleFunc("/long", func(_ http.ResponseWriter, r *http.Request) {
		began <- struct{}{}
		<-r.Context().Done()
		time.Sleep(100 * time.Millisecond)
		gone.Store(true)
	})
	urls, stop, ended := endpoints(t, short, func() { drained.Store(true) }, h, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	defer stop()
	answers := make(chan int, 2)
	for _, path := range []string{"/short", "/long"} {
		go func() {
			status, _ := get(t, fresh(nil), urls[0]+path)
			answers <- status
		}()
		<-began
	}
	stop()
	if status := <-answers; status != http.StatusOK {
		t.Errorf("the request that ends in time: %d", status)
	}
	if status, _ := get(t, fresh(nil), urls[1]); status != http.StatusOK {
		t.Errorf("the last address while the other drains: %d", status)
	}
	if status, _ := get(t, fresh(nil), urls[0]+"/short"); status != 0 {
		t.Errorf("a new request while it drains: %d", status)
	}
	if err := <-ended; err != nil || !gone.Load() || !drained.Load() {
		t.Errorf("served to the end: %v; the handler has ended: %v; draining was told: %v", err, gone.Load(), drained.Load())
	}
	if status := <-answers; status != 0 {
		t.Errorf("the request that is cut off: %d", status)
	}
	if status, _ := get(t, fresh(nil), urls[1]); status != 0 {
		t.Errorf("the last address afterwards: %d", status)
	}
}

// One listener that fails ends them all, and at once: nobody has asked the process to drain.
func TestServeFails(t *testing.T) {
	ls, err := listen(t.Context(), "127.0.0.1:0", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	time.AfterFunc(50*time.Millisecond, func() { _ = ls[1].Close() })
	b := short
	b.delay = time.Minute
	err = serve(t.Context(), slog.New(slog.DiscardHandler), b, nil, endpoint{Listener: ls[0], handler: http.NotFoundHandler()}, endpoint{Listener: ls[1], handler: http.NotFoundHandler()})
	if !errors.Is(err, net.ErrClosed) || !strings.Contains(err.Error(), "serving on "+ls[1].Addr().String()) || time.Since(began) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}
