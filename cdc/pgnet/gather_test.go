package pgnet_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"

	"github.com/millrace/millrace/cdc/pgnet"
)

// pair returns a gathering connection and its peer.
func pair(t testing.TB) (net.Conn, net.Conn) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	peer := make(chan net.Conn, 1)
	go func() {
		c, err := l.Accept()
		if err != nil {
			close(peer)
			return
		}
		peer <- c
	}()
	c, err := pgnet.Dial(nil)(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	p := <-peer
	t.Cleanup(func() { c.Close(); p.Close() })
	return c, p
}

func TestEveryByteArrivesInOrder(t *testing.T) {
	c, p := pair(t)
	want := make(chan []byte, 1)
	go func() {
		r := rand.New(rand.NewPCG(1, 2))
		h := sha256.New()
		b := make([]byte, 4000)
		for range 20_000 {
			m := b[:1+r.IntN(600)]
			for i := range m {
				m[i] = byte(r.Uint32())
			}
			h.Write(m)
			if _, err := p.Write(m); err != nil {
				return
			}
			if r.IntN(500) == 0 {
				time.Sleep(time.Duration(r.IntN(4)) * time.Millisecond)
			}
		}
		p.Close()
		want <- h.Sum(nil)
	}()
	h := sha256.New()
	if _, err := io.Copy(h, struct{ io.Reader }{c}); err != nil {
		t.Fatal(err)
	}
	if got := h.Sum(nil); !bytes.Equal(got, <-want) {
		t.Fatal("the bytes differ")
	}
}

// TestALoneMessageIsNotHeldBack sends a burst, which makes the connection gather, and then single messages.
func TestALoneMessageIsNotHeldBack(t *testing.T) {
	c, p := pair(t)
	go func() {
		m := make([]byte, 200)
		for range 50_000 {
			if _, err := p.Write(m); err != nil {
				return
			}
		}
	}()
	if _, err := io.CopyN(io.Discard, c, 50_000*200); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	for range 20 {
		sent := time.Now()
		if _, err := p.Write([]byte("one")); err != nil {
			t.Fatal(err)
		}
		n, err := c.Read(b)
		if err != nil || string(b[:n]) != "one" {
			t.Fatalf("%q %v", b[:n], err)
		}
		if d := time.Since(sent); d > 200*time.Millisecond {
			t.Errorf("a message waited %v", d)
		}
	}
}

func TestDeadlines(t *testing.T) {
	for _, busy := range []bool{false, true} {
		c, p := pair(t)
		if busy {
			go func() {
				for range 20_000 {
					if _, err := p.Write(make([]byte, 200)); err != nil {
						return
					}
				}
			}()
			if _, err := io.CopyN(io.Discard, c, 20_000*200); err != nil {
				t.Fatal(err)
			}
		}
		b := make([]byte, 10)
		if err := c.SetReadDeadline(time.Now().Add(20 * time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		if _, err := c.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("busy %v: a passed deadline gives %v", busy, err)
		}
		if err := c.SetDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		time.AfterFunc(20*time.Millisecond, func() { _ = c.SetReadDeadline(time.Unix(1, 0)) })
		if _, err := c.Read(b); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("busy %v: a deadline set during a read gives %v", busy, err)
		}
		if err := c.SetReadDeadline(time.Time{}); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Write([]byte("x")); err != nil {
			t.Fatal(err)
		}
		if n, err := c.Read(b); n != 1 || err != nil {
			t.Errorf("busy %v: after a deadline: %d %v", busy, n, err)
		}
	}
}

func TestCloseEndsAWait(t *testing.T) {
	c, _ := pair(t)
	time.AfterFunc(10*time.Millisecond, func() { c.Close() })
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
		t.Errorf("%v", err)
	}
}

// BenchmarkRows receives messages of 300 bytes that a peer writes one by one.
func BenchmarkRows(b *testing.B) {
	for _, gather := range []bool{false, true} {
		name := "plain"
		if gather {
			name = "gather"
		}
		b.Run(name, func(b *testing.B) {
			g, p := pair(b)
			c := g
			if !gather {
				c = g.(interface{ NetConn() net.Conn }).NetConn()
			}
			go func() {
				m := make([]byte, 300)
				for range b.N {
					if _, err := p.Write(m); err != nil {
						return
					}
				}
			}()
			buf := make([]byte, 128<<10)
			for got := 0; got < 300*b.N; {
				n, err := c.Read(buf)
				if err != nil {
					b.Fatal(err)
				}
				got += n
			}
		})
	}
}
