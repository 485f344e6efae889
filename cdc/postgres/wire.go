package postgres

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// wire reads frames of PostgreSQL's protocol in large pieces, without copying or allocating a frame: it takes over a
// connection that pgconn has set up, for the copy modes. One goroutine reads; any may write, interrupt and close.
type wire struct {
	conn net.Conn
	buf  []byte
	r, w int // buf[r:w] is not read yet
	last int // bytes of the last read

	mu          sync.Mutex // guards what follows and the order of deadlines
	interrupted bool

	out   sync.Mutex // guards frame and writing
	frame []byte
}

const (
	wireBuffer = 128 << 10
	// maxFrame is what a server may send at most: a row is limited to 1 GiB by PostgreSQL.
	maxFrame = 1<<30 + 1<<20
	// writeTimeout is how long a server may refuse to take a few bytes.
	writeTimeout = 10 * time.Second
)

// newWire takes over an idle connection, which pgconn forgets.
func newWire(ctx context.Context, conn *pgconn.PgConn) (*wire, error) {
	if err := conn.SyncConn(ctx); err != nil {
		return nil, err
	}
	h, err := conn.Hijack()
	if err != nil {
		return nil, err
	}
	if err := h.Conn.SetDeadline(time.Time{}); err != nil {
		_ = h.Conn.Close()
		return nil, err
	}
	return &wire{conn: h.Conn, buf: make([]byte, wireBuffer)}, nil
}

// next returns the next frame's kind and body, which is valid until the next call. An ErrorResponse is returned as a
// *ServerError; notices and parameter changes are passed over. A passed deadline gives os.ErrDeadlineExceeded and loses
// nothing.
func (w *wire) next() (kind byte, body []byte, err error) {
	for {
		for !w.ready() {
			if err := w.fill(); err != nil {
				return 0, nil, err
			}
		}
		n := w.need()
		if n < 5 {
			return 0, nil, errLength(n)
		}
		kind, body = w.buf[w.r], w.buf[w.r+5:w.r+n:w.r+n]
		w.r += n
		switch kind {
		case 'E':
			return 0, nil, serverError(body)
		case 'N', 'S', 'A':
			continue
		}
		return kind, body, nil
	}
}

// ready reports whether next will return without reading from the network.
func (w *wire) ready() bool { return w.w-w.r >= 5 && w.w-w.r >= w.need() }

// need returns how many bytes the frame at r has; 5 while that is not known.
func (w *wire) need() int {
	if w.w-w.r < 5 {
		return 5
	}
	return 1 + int(binary.BigEndian.Uint32(w.buf[w.r+1:]))
}

func errLength(n int) error {
	return fmt.Errorf("PostgreSQL's protocol: a message of %d bytes", n)
}

func (w *wire) fill() error {
	need := w.need()
	if need < 5 || need > maxFrame {
		return errLength(need)
	}
	switch {
	case w.w-w.r == len(w.buf): // a large row, whose length is believed as far as it comes
		big := make([]byte, min(need, 2*len(w.buf)))
		w.w = copy(big, w.buf[w.r:w.w])
		w.r, w.buf = 0, big
	case w.r == w.w && len(w.buf) > 16*wireBuffer: // it has passed
		w.r, w.w, w.buf = 0, 0, make([]byte, wireBuffer)
	case w.w == len(w.buf) || len(w.buf)-w.w < len(w.buf)/4 || w.r == w.w:
		w.w = copy(w.buf, w.buf[w.r:w.w])
		w.r = 0
	}
	n, err := w.conn.Read(w.buf[w.w:])
	w.w += n
	w.last = n
	if n > 0 {
		return nil
	}
	switch {
	case err == nil, errors.Is(err, io.EOF): // io.EOF is what a source says that is finished
		return fmt.Errorf("the server closed the connection: %w", io.ErrUnexpectedEOF)
	case errors.Is(err, os.ErrDeadlineExceeded):
		return os.ErrDeadlineExceeded
	}
	return err
}

// deadline sets when next gives up; the zero time is never. After interrupt it has no effect.
func (w *wire) deadline(t time.Time) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.interrupted {
		return nil
	}
	return w.conn.SetReadDeadline(t)
}

// interrupt makes a waiting next, and every later one that would wait, return os.ErrDeadlineExceeded.
func (w *wire) interrupt() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.interrupted = true
	_ = w.conn.SetReadDeadline(time.Unix(1, 0))
}

// watch interrupts w when ctx ends, until the function returned is called.
func (w *wire) watch(ctx context.Context) (release func()) {
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		w.interrupt()
	})
	return func() {
		if stop() {
			return
		}
		<-done
		w.mu.Lock()
		defer w.mu.Unlock()
		w.interrupted = false
		_ = w.conn.SetReadDeadline(time.Time{})
	}
}

// send writes one frame.
func (w *wire) send(kind byte, body []byte) error {
	w.out.Lock()
	defer w.out.Unlock()
	w.frame = binary.BigEndian.AppendUint32(append(w.frame[:0], kind), uint32(len(body)+4))
	w.frame = append(w.frame, body...)
	if err := w.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return err
	}
	_, err := w.conn.Write(w.frame)
	return err
}

// query sends a statement in simple protocol.
func (w *wire) query(sql string) error { return w.send('Q', append([]byte(sql), 0)) }

// begin sends a statement and waits for the answer that opens its copy mode: H or W. After a *ServerError the
// connection is idle again.
func (w *wire) begin(ctx context.Context, sql string, mode byte) error {
	defer w.watch(ctx)()
	if err := w.query(sql); err != nil {
		return err
	}
	kind, _, err := w.next()
	var se *ServerError
	switch {
	case errors.As(err, &se):
		if err := w.idle(); err != nil {
			return err
		}
		return se
	case errors.Is(err, os.ErrDeadlineExceeded):
		return context.Cause(ctx)
	case err != nil:
		return err
	case kind != mode:
		return fmt.Errorf("PostgreSQL's protocol: message %q where %q is due", kind, mode)
	}
	return nil
}

// idle reads up to ReadyForQuery. An error of the server met on the way is returned after it.
func (w *wire) idle() error {
	var first error
	for {
		kind, _, err := w.next()
		var se *ServerError
		switch {
		case errors.As(err, &se):
			first = se
		case err != nil:
			return err
		case kind == 'Z':
			return first
		}
	}
}

// close says goodbye and closes. It does not wait for the server.
func (w *wire) close() {
	_ = w.conn.SetWriteDeadline(time.Now().Add(100 * time.Millisecond))
	if w.out.TryLock() {
		_, _ = w.conn.Write([]byte{'X', 0, 0, 0, 4})
		w.out.Unlock()
	}
	_ = w.conn.Close()
}

// serverError reads an ErrorResponse: fields of a type byte and a string, ended by a zero.
func serverError(body []byte) *ServerError {
	e := &ServerError{Code: "XX000", Message: "an error without a message"}
	for len(body) > 1 {
		field, rest, ok := bytes.Cut(body[1:], []byte{0})
		if !ok {
			break
		}
		switch body[0] {
		case 'C':
			e.Code = string(field)
		case 'M':
			e.Message = string(field)
		}
		body = rest
	}
	return e
}
