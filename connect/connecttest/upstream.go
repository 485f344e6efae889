package connecttest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/atomicfile"
	"github.com/millrace/millrace/connect/record"
)

// Upstream is a made-up database with a replication slot: Rows changes in transactions of varying length, the same ones
// for the same Seed. Change n belongs to key n mod Keys and has ID {1, n}. What was committed is pruned, as a slot lets go
// of its log, so that a source which resumes before it fails with "GAP" instead of losing rows quietly.
//
// Its sources are safe to use one at a time.
type Upstream struct {
	Rows  int
	Keys  int
	Seed  uint64
	Batch int  // the most rows a Read returns; 0: 100
	Wait  bool // Read blocks after the last row instead of ending with io.EOF
	// Slot is a file that keeps what was pruned, for tests that kill the process; "": in memory.
	Slot  string
	Topic string // "": "numbers"

	// Fail, when set, is asked before each Read with the number of the next row; an error is returned as it is.
	Fail func(next int) error

	once   sync.Once
	layout *record.Layout
	mu     sync.Mutex // guards pruned
	pruned int
}

// Position is where an Upstream's source resumes: Next is the number of the first row that is not delivered.
type Position struct {
	Next int `json:"next"`
}

// NumberSchema is the value schema of an Upstream's rows; the key schema is its first field's.
var NumberSchema = &record.Schema{Kind: record.Struct, Name: "number", Fields: []record.Field{
	{Name: "key", Schema: &record.Schema{Kind: record.Int32}},
	{Name: "n", Schema: &record.Schema{Kind: record.Int64}},
}}

// Layout returns the layout of every row.
func (u *Upstream) Layout() *record.Layout {
	u.once.Do(func() {
		topic := u.Topic
		if topic == "" {
			topic = "numbers"
		}
		u.layout = &record.Layout{Topic: topic, Table: "public.numbers", Key: NumberSchema.Fields[0].Schema, Value: NumberSchema}
	})
	return u.layout
}

// Pruned returns the number of the first row that may still be read.
func (u *Upstream) Pruned() (int, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.Slot == "" {
		return u.pruned, nil
	}
	b, err := os.ReadFile(u.Slot)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(string(b))
}

func (u *Upstream) prune(next int) error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.pruned = max(u.pruned, next)
	if u.Slot == "" {
		return nil
	}
	return atomicfile.Write(u.Slot, strconv.AppendInt(nil, int64(next), 10), 0o600)
}

// transactionEnd reports whether row n is the last of its transaction; about one row in eight is, and the last one.
func (u *Upstream) transactionEnd(n int) bool {
	x := (uint64(n) + u.Seed*0x9E3779B97F4A7C15) * 0xBF58476D1CE4E5B9
	return n == u.Rows-1 || (x>>33)%8 == 0
}

// Source returns a new source.
func (u *Upstream) Source() connect.Source {
	return &numbers{u: u, closed: make(chan struct{}), rnd: rand.New(rand.NewPCG(u.Seed, 7))}
}

type numbers struct {
	u      *Upstream
	next   int
	rnd    *rand.Rand
	closed chan struct{}
	end    sync.Once
}

func (s *numbers) Open(_ context.Context, resume record.Position) error {
	var p Position
	if len(resume) > 0 {
		if err := json.Unmarshal(resume, &p); err != nil {
			return fmt.Errorf("reading the position %q: %w", resume, err)
		}
	}
	pruned, err := s.u.Pruned()
	if err != nil {
		return err
	}
	if p.Next < pruned {
		return fmt.Errorf("GAP: resuming at row %d, rows before %d are gone", p.Next, pruned)
	}
	s.next = p.Next
	return nil
}

func (s *numbers) Read(ctx context.Context, b *record.Batch) error {
	if s.u.Fail != nil {
		if err := s.u.Fail(s.next); err != nil {
			return err
		}
	}
	select {
	case <-s.closed:
		return errors.New("reading numbers: closed")
	case <-ctx.Done():
		return ctx.Err()
	default:
	}
	if s.next >= s.u.Rows {
		if !s.u.Wait {
			return io.EOF
		}
		select {
		case <-s.closed:
			return errors.New("reading numbers: closed")
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	size := s.u.Batch
	if size == 0 {
		size = 100
	}
	size = 1 + s.rnd.IntN(size)
	l, last := s.u.Layout(), 0
	for range min(size, s.u.Rows-s.next) {
		n := s.next
		r := b.Row(l, record.Create, record.ID{Hi: 1, Lo: uint64(n)})
		c := b.Cells(3)
		b.SetInt(c, int64(n%s.u.Keys))
		b.SetInt(c+1, int64(n))
		b.SetRun(c+2, c, 2)
		b.SetKey(r, c)
		b.SetValue(r, c+2)
		s.next++
		if s.u.transactionEnd(n) {
			last = s.next
		}
	}
	// Only the end of a transaction is a place to resume at: the position says the last one in this batch, which may
	// lie before the batch's last row.
	if last > 0 {
		b.SetPosition(strconv.AppendInt([]byte(`{"next":`), int64(last), 10))
		pos, _ := b.Position()
		b.SetPosition(append(pos[:len(pos):len(pos)], '}'))
	}
	return nil
}

func (s *numbers) Commit(_ context.Context, pos record.Position) error {
	var p Position
	if err := json.Unmarshal(pos, &p); err != nil {
		return fmt.Errorf("reading the position %q: %w", pos, err)
	}
	if pruned, err := s.u.Pruned(); err != nil || p.Next < pruned {
		return fmt.Errorf("committing row %d after %d: %w", p.Next, pruned, err)
	}
	return s.u.prune(p.Next)
}

func (s *numbers) Close(context.Context) error {
	s.end.Do(func() { close(s.closed) })
	return nil
}
