package offset

import (
	"sync"

	"github.com/millrace/millrace/connect/record"
)

// Tracker says how far a source may be told to forget: positions go in in reading order, deliveries are reported in any
// order, and a position becomes committable when it and every one before it are delivered. Safe for concurrent use;
// entries are reused, so a steady flow allocates nothing. The zero Tracker is ready.
type Tracker struct {
	mu    sync.Mutex // guards everything below
	head  *entry     // the oldest delivery that is not reported, or nil
	tail  *entry
	free  *entry
	pos   []byte // the newest committable position
	found bool
}

type entry struct {
	pos    []byte
	hasPos bool
	queued bool // between Track and its done
	done   bool
	next   *entry
	report func() // made once an entry: done of whatever delivery holds it
}

// Track adds a delivery that ends at pos; a nil pos is one that ends where no resuming is possible, which still holds
// back what comes after it. done reports it delivered and must be called at most once: a delivery that fails is never
// reported, and nothing after it becomes committable. pos is copied.
func (t *Tracker) Track(pos record.Position) (done func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e := t.free
	if e == nil {
		e = &entry{}
		e.report = func() { t.report(e) }
	} else {
		t.free = e.next
	}
	e.pos, e.hasPos, e.queued, e.done, e.next = append(e.pos[:0], pos...), pos != nil, true, false, nil
	if t.tail == nil {
		t.head = e
	} else {
		t.tail.next = e
	}
	t.tail = e
	return e.report
}

func (t *Tracker) report(e *entry) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !e.queued || e.done {
		panic("offset: a delivery was reported twice")
	}
	e.done = true
	for t.head != nil && t.head.done {
		h := t.head
		if t.head = h.next; t.head == nil {
			t.tail = nil
		}
		if h.hasPos {
			t.pos, h.pos, t.found = h.pos, t.pos, true
		}
		h.queued, h.next = false, t.free
		t.free = h
	}
}

// Committable appends to dst the newest position before which everything is delivered; ok is false when there is none.
func (t *Tracker) Committable(dst []byte) (pos record.Position, ok bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append(dst, t.pos...), t.found
}

// Pending returns the number of deliveries that hold back or wait for one that does.
func (t *Tracker) Pending() int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for e := t.head; e != nil; e = e.next {
		n++
	}
	return n
}
