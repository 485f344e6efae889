package access

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"
)

// Entry is a line of the audit log: a decision about something that changes, or a refusal.
type Entry struct {
	Time      time.Time `json:"time"`
	Principal string    `json:"principal"`
	Method    Method    `json:"authentication"`
	Node      string    `json:"node,omitempty"` // that passed the request on
	Remote    string    `json:"remote"`
	Verb      string    `json:"verb"`
	Subject   string    `json:"subject,omitempty"`
	Context   string    `json:"context,omitempty"`
	Outcome   Outcome   `json:"outcome"`
	Reason    string    `json:"reason,omitempty"`
	Request   string    `json:"request,omitempty"` // method and path, without the query
	RequestID string    `json:"request_id,omitempty"`
}

// Outcome is what was decided.
type Outcome string

// The outcomes.
const (
	Allowed         Outcome = "allowed"
	Denied          Outcome = "denied"
	Unauthenticated Outcome = "unauthenticated"
)

const (
	maxAuditText = 512
	auditQueue   = 4096
	auditTime    = 5 * time.Second
)

// Audit is an audit log: a line of JSON each. It never keeps a request waiting, or with Required only for a bounded time.
type Audit struct {
	// required makes Write return only when the line is written, or with an error: what is to be logged is not to be done then.
	required bool
	path     string // empty: not a file
	log      *slog.Logger
	queue    chan *line
	lost     atomic.Int64

	mu     sync.RWMutex // guards closed against sends
	closed bool
	done   chan struct{}
}

type line struct {
	text []byte
	err  chan error // nil: nobody waits
}

// OpenAudit appends to a file, or to w where path is empty. A file that is moved away is made anew.
func OpenAudit(path string, w io.Writer, required bool, log *slog.Logger) (*Audit, error) {
	a := &Audit{required: required, path: path, log: log, queue: make(chan *line, auditQueue), done: make(chan struct{})}
	if path != "" {
		f, err := openAppend(path)
		if err != nil {
			return nil, err
		}
		w = f
	}
	go a.run(w)
	return a, nil
}

func openAppend(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("opening the audit log: %w", err)
	}
	return f, nil
}

// Close writes what is waiting.
func (a *Audit) Close() {
	a.mu.Lock()
	if !a.closed {
		a.closed = true
		close(a.queue)
	}
	a.mu.Unlock()
	select {
	case <-a.done:
	case <-time.After(auditTime): // whoever reads the other end has stopped
	}
}

// Lost is how many lines could not be written.
func (a *Audit) Lost() int64 {
	if a == nil {
		return 0
	}
	return a.lost.Load()
}

var errAuditFull = errors.New("the audit log takes no more lines")

// Write appends a line. Without Required it does not wait, and the error is nil: a line that is lost is told of in the log.
func (a *Audit) Write(ctx context.Context, e Entry) error {
	if a == nil {
		return nil
	}
	for _, s := range []*string{&e.Principal, &e.Remote, &e.Subject, &e.Context, &e.Reason, &e.Request, &e.RequestID} {
		*s = (*s)[:min(len(*s), maxAuditText)]
	}
	text, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encoding a line of the audit log: %w", err)
	}
	l := &line{text: append(text, '\n')}
	if !a.required {
		if !a.send(l) {
			a.lose(errAuditFull)
		}
		return nil
	}
	l.err = make(chan error, 1)
	if !a.send(l) {
		a.lose(errAuditFull)
		return errAuditFull
	}
	timeout := time.NewTimer(auditTime)
	defer timeout.Stop()
	select {
	case err := <-l.err:
		return err
	case <-timeout.C:
		return errAuditFull
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (a *Audit) send(l *line) bool {
	a.mu.RLock()
	defer a.mu.RUnlock()
	if a.closed {
		return false
	}
	select {
	case a.queue <- l:
		return true
	default:
		return false
	}
}

// lose counts a line that is lost, and tells of the 1st, 10th, 100th, ….
func (a *Audit) lose(err error) {
	n := a.lost.Add(1)
	for n >= 10 && n%10 == 0 {
		n /= 10
	}
	if n == 1 {
		a.log.Error("lines of the audit log are lost", "lost", a.lost.Load(), "error", err)
	}
}

// run writes the lines until Close.
func (a *Audit) run(w io.Writer) {
	defer close(a.done)
	var looked time.Time
	for l := range a.queue {
		if a.path != "" && time.Since(looked) > readEvery {
			looked = time.Now()
			w = a.followed(w)
		}
		_, err := w.Write(l.text)
		if err != nil {
			err = fmt.Errorf("writing the audit log: %w", err)
			a.lose(err)
		}
		if l.err != nil {
			l.err <- err
		}
	}
	if f, ok := w.(*os.File); ok && a.path != "" {
		_ = f.Close()
	}
}

// followed returns the file to write to: the one of the path, when another has taken its place.
func (a *Audit) followed(w io.Writer) io.Writer {
	f, ok := w.(*os.File)
	if !ok {
		return w
	}
	have, err := f.Stat()
	at, err2 := os.Stat(a.path)
	if err == nil && err2 == nil && os.SameFile(have, at) {
		return w
	}
	next, err := openAppend(a.path)
	if err != nil {
		a.log.Error("the audit log cannot be opened anew", "error", err)
		return w
	}
	_ = f.Close()
	return next
}
