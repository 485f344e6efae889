package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strconv"
	"sync"
	"time"
)

// conn is a connection of the load: it costs as little as it can, for the servers run on the same cores.
type conn struct {
	c net.Conn
	r *bufio.Reader
}

func dial(addr string) (*conn, error) {
	c, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	return &conn{c, bufio.NewReaderSize(c, 16<<10)}, nil
}

var contentLength = []byte("Content-Length: ")

// do sends a request and reads the answer to its end; body gets it unless it is nil.
func (c *conn) do(req []byte, body *[]byte) (status int, err error) {
	if _, err := c.c.Write(req); err != nil {
		return 0, err
	}
	line, err := c.r.ReadSlice('\n')
	if err != nil {
		return 0, err
	}
	if len(line) < 12 {
		return 0, errors.New("no status line")
	}
	if status, err = strconv.Atoi(string(line[9:12])); err != nil {
		return 0, err
	}
	length := -1
	for {
		if line, err = c.r.ReadSlice('\n'); err != nil {
			return 0, err
		}
		if len(line) <= 2 {
			break
		}
		if rest, ok := bytes.CutPrefix(line, contentLength); ok {
			if length, err = strconv.Atoi(string(bytes.TrimSpace(rest))); err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, errors.New("an answer without a length")
	}
	if body != nil {
		*body = slices.Grow((*body)[:0], length)[:length]
		_, err = io.ReadFull(c.r, *body)
		return status, err
	}
	_, err = c.r.Discard(length)
	return status, err
}

func get(path string) []byte { return []byte("GET " + path + " HTTP/1.1\r\nHost: bench\r\n\r\n") }

func post(path string, body []byte) []byte {
	return append(fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: bench\r\nContent-Type: application/vnd.schemaregistry.v1+json\r\nContent-Length: %d\r\n\r\n", path, len(body)), body...)
}

// measured is what one load showed.
type measured struct {
	requests int
	took     time.Duration
	cpu      time.Duration // of the server
	p50, p99 time.Duration
}

func (m measured) rate() float64 { return float64(m.requests) / m.took.Seconds() }

func (m measured) each() time.Duration { return m.cpu / time.Duration(max(m.requests, 1)) }

// load has connections ask for a while, or until next has no more; next gives the n-th request of a connection.
func load(s *server, conns int, length time.Duration, next func(conn, n int) []byte) (measured, error) {
	var mu sync.Mutex
	var all []time.Duration
	var failed error
	var wg sync.WaitGroup
	cpu, began := s.cpu(), time.Now()
	for i := range conns {
		wg.Go(func() {
			var took []time.Duration
			err := func() error {
				c, err := dial(s.addr)
				if err != nil {
					return err
				}
				defer c.c.Close()
				for n := 0; time.Since(began) < length; n++ {
					req := next(i, n)
					if req == nil {
						break
					}
					at := time.Now()
					status, err := c.do(req, nil)
					if err != nil {
						return err
					}
					if status != 200 {
						return fmt.Errorf("status %d to %.200q", status, req)
					}
					took = append(took, time.Since(at))
				}
				return nil
			}()
			mu.Lock()
			defer mu.Unlock()
			all = append(all, took...)
			if failed == nil {
				failed = err
			}
		})
	}
	wg.Wait()
	m := measured{requests: len(all), took: time.Since(began), cpu: s.cpu() - cpu}
	if len(all) > 0 {
		slices.Sort(all)
		m.p50, m.p99 = all[len(all)/2], all[len(all)*99/100]
	}
	return m, failed
}
