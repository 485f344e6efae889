package runtime

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/record"
)

// flight is the messages of one row batch with the memory that holds them, from encoding to the last ack.
type flight struct {
	msgs    []connect.Message
	data    []byte          // what the newest of msgs point into; never grows while it is large enough
	full    [][]byte        // what the others point into
	spare   [][]byte        // for data, once it is full
	largest int             // bytes of the largest message so far, for the room that the next one is given
	headers []record.Header // the rows' own headers, likewise
	topics  []string        // topics whose first message is here
	pos     []byte
	hasPos  bool

	bytes  int64 // of keys and values
	weight int64 // taken from the run's room
	sent   time.Time
	flying atomic.Bool
	ack    func()      // reports the flight to the tracker
	done   func(error) // finish of the run, made once a flight
}

// messageOverhead is what a message in flight costs beside its bytes, here and in a broker's client.
const messageOverhead = 256

// pieceSize is what data is made of: large enough for hundreds of rows, small enough that little of it lies idle.
const pieceSize = 256 << 10

// makeRoom begins a new piece when the present one may not hold the next message, which would move what it holds.
func (f *flight) makeRoom() {
	if need := 1024 + f.largest + f.largest/4; cap(f.data)-len(f.data) < need {
		f.turn(max(need, pieceSize))
	}
}

func (f *flight) turn(size int) {
	if len(f.data) > 0 {
		f.full = append(f.full, f.data)
	}
	if n := len(f.spare); n > 0 && cap(f.spare[n-1]) >= size {
		f.data, f.spare = f.spare[n-1], f.spare[:n-1]
		return
	}
	f.data = make([]byte, 0, size)
}

// size is the memory that f holds on to.
func (f *flight) size() (n int64) {
	for _, piece := range f.spare {
		n += int64(cap(piece))
	}
	return n + int64(cap(f.data)) + int64(cap(f.msgs))*messageOverhead
}

func (f *flight) reset() {
	clear(f.msgs)
	clear(f.headers)
	f.msgs, f.data, f.headers, f.topics, f.pos = f.msgs[:0], f.data[:0], f.headers[:0], f.topics[:0], f.pos[:0]
	for _, piece := range f.full {
		if cap(piece) == pieceSize { // others are for rows of a size that is rare
			f.spare = append(f.spare, piece[:0])
		}
	}
	clear(f.full)
	f.full, f.largest = f.full[:0], f.largest/2
	if cap(f.data) > pieceSize {
		f.data = nil
	}
	f.hasPos, f.bytes, f.weight, f.ack = false, 0, 0, nil
}

// hangar keeps flights for reuse, no more than limit bytes of them.
type hangar struct {
	mu    sync.Mutex // guards what follows
	idle  []*flight
	held  int64
	limit int64
}

func (h *hangar) get(fresh func() *flight) *flight {
	h.mu.Lock()
	defer h.mu.Unlock()
	n := len(h.idle)
	if n == 0 {
		return fresh()
	}
	f := h.idle[n-1]
	h.idle = h.idle[:n-1]
	h.held -= f.size()
	return f
}

func (h *hangar) put(f *flight) {
	f.reset()
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.held+f.size() > h.limit {
		return
	}
	h.idle = append(h.idle, f)
	h.held += f.size()
}

// finish is what a producer calls once for a flight, with every ack or a failure.
func (r *run) finish(f *flight, err error) {
	if !f.flying.CompareAndSwap(true, false) {
		panic("runtime: a producer reported a batch twice")
	}
	r.task.metrics.produce.Observe(time.Since(f.sent).Seconds())
	failed, err := r.failures(f, err)
	if err != nil {
		r.fail(fmt.Errorf("producing: %w", err), r.stopFeed)
	} else {
		r.task.metrics.messages.Add(float64(len(f.msgs) - failed))
		r.task.metrics.bytes.Add(float64(f.bytes))
		r.task.Hooks.afterAck(len(f.msgs) - failed)
		f.ack()
		select {
		case r.acked <- struct{}{}:
		default:
		}
	}
	r.release(f)
}

// release gives back a flight and its room.
func (r *run) release(f *flight) {
	w := f.weight
	r.flights.put(f)
	r.task.metrics.inFlight.Sub(float64(w))
	r.room.Release(w)
}

// failures returns what is left of a producer's error when tolerated bad records are taken out, and how many those are.
// Of the rest it returns the error that decides: one that no retry helps, if there is any.
func (r *run) failures(f *flight, err error) (tolerated int, rest error) {
	if err == nil {
		return 0, nil
	}
	var batch *connect.BatchError
	if !errors.As(err, &batch) {
		return 0, err
	}
	for i, e := range batch.Failed {
		switch {
		case connect.ClassOf(e) == connect.BadRecord && r.task.Policy.TolerateBad:
			tolerated++
			r.task.bad("producing", f.msgs[i].Topic, e)
		case rest == nil || connect.ClassOf(e) != connect.Retriable:
			rest = e
		}
	}
	return tolerated, rest
}
