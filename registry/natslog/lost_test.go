package natslog_test

import (
	"errors"
	"io"
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/natslog"
)

// proxy passes a server's connections on. While deaf it takes what clients send and keeps the answers to itself, and closes a
// connection soon after.
type proxy struct {
	l    net.Listener
	deaf atomic.Bool
}

func startProxy(t *testing.T, server string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	p := &proxy{l: l}
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", server)
			if err != nil {
				_ = in.Close()
				continue
			}
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go p.answers(in, out)
		}
	}()
	return p
}

func (p *proxy) answers(in, out net.Conn) {
	defer in.Close()
	buffer := make([]byte, 1<<16)
	for {
		n, err := out.Read(buffer)
		if err != nil {
			return
		}
		if p.deaf.Load() {
			time.Sleep(50 * time.Millisecond)
			p.deaf.Store(false)
			return
		}
		if _, err := in.Write(buffer[:n]); err != nil {
			return
		}
	}
}

// TestLostAnswers has the answers to appends lost with their connection: nothing is written twice, and the append that was
// overtaken meanwhile is a conflict.
func TestLostAnswers(t *testing.T) {
	s := start(t)
	p := startProxy(t, s.URL()[len("nats://"):])
	l := open(t, natslog.Config{URL: "nats://" + p.l.Addr().String()})
	at := int64(-1)
	for range 5 {
		p.deaf.Store(true)
		last, err := l.Append(t.Context(), at, registry.Record{Key: []byte("k"), Value: []byte("v")})
		if err != nil {
			t.Fatal(err)
		}
		if last != at+1<<20 {
			t.Fatalf("written at %d behind %d", last, at)
		}
		at = last
	}
	stream, err := client(t, s.URL()).Stream(t.Context(), natslog.DefaultStream)
	if err != nil {
		t.Fatal(err)
	}
	if n := stream.CachedInfo().State.Msgs; n != 5 {
		t.Errorf("%d messages, want 5", n)
	}
	other := open(t, natslog.Config{URL: s.URL()})
	if _, err := other.Append(t.Context(), at, registry.Record{Key: []byte("other")}); err != nil {
		t.Fatal(err)
	}
	p.deaf.Store(true)
	if _, err := l.Append(t.Context(), at, registry.Record{Key: []byte("late")}); !errors.Is(err, registry.ErrConflict) {
		t.Errorf("Append behind another's: %v, want ErrConflict", err)
	}
}
