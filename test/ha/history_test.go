package ha

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"
)

const (
	writers  = 8
	subjects = 4
	readers  = 2 // at each node

	probed, late = 1_000_001, 1_000_002 // numbers of subjects that the load has not
)

// Clients. A node holds a write back while a leader is elected; a probe does not wait for that.
var (
	patient = &http.Client{Timeout: 40 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64, IdleConnTimeout: 5 * time.Second}}
	short   = &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}}
)

func do(c *http.Client, method, url, body string, headers ...string) (int, []byte, error) {
	req, err := http.NewRequest(method, url, bytes.NewReader([]byte(body)))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	return resp.StatusCode, b, err
}

func get(c *http.Client, url string) (int, []byte, error) { return do(c, "GET", url, "") }

// text returns a schema that no other subject or number has.
func text(subject, number int) string {
	return fmt.Sprintf(`{"type":"record","name":"s%d_n%d","fields":[]}`, subject, number)
}

// named returns the subject and number of a text.
func named(text string) (subject, number int, ok bool) {
	var t struct{ Name string }
	if json.Unmarshal([]byte(text), &t) != nil {
		return 0, 0, false
	}
	n, err := fmt.Sscanf(t.Name, "s%d_n%d", &subject, &number)
	return subject, number, err == nil && n == 2
}

func request(text string) string {
	b, _ := json.Marshal(map[string]string{"schema": text})
	return string(b)
}

type kind int

const (
	register kind = iota
	lookup
	byID
)

// operation is one that a client asked for, and what it was told.
type operation struct {
	kind            kind
	client          int
	node            int
	subject, number int // of the text; of byID what was found, if it was
	id, version     int // what was told, 0: nothing; of byID what was asked
	found           bool
	call, end       time.Duration // end is math.MaxInt64 where the outcome is not known
}

// load is the clients and what they saw.
type load struct {
	t     *testing.T
	began time.Time
	nodes []*node
	base  int // number of the first subject

	numbers [subjects]atomic.Int64
	highest atomic.Int64 // id
	stop    chan struct{}
	wg      sync.WaitGroup

	mu    sync.Mutex
	ops   []operation
	acked []operation // registrations
}

// startLoad starts the clients, which register under subjects from number base on.
func startLoad(t *testing.T, nodes []*node, base int) *load {
	l := &load{t: t, began: time.Now(), nodes: nodes, base: base, stop: make(chan struct{})}
	for w := range writers {
		l.wg.Go(func() { l.write(w) })
	}
	for n := range nodes {
		for r := range readers {
			l.wg.Go(func() { l.read(writers+n*readers+r, n) })
		}
	}
	return l
}

func (l *load) stopped() bool {
	select {
	case <-l.stop:
		return true
	default:
		return false
	}
}

func (l *load) note(op operation) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ops = append(l.ops, op)
	if op.kind == register && op.found {
		l.acked = append(l.acked, op)
		l.highest.Store(max(l.highest.Load(), int64(op.id)))
	}
}

// answered is a version as the registry tells it.
type answered struct {
	ID, Version int
	Schema      string
}

// register registers a text at a node and says whether it was acknowledged.
func (l *load) register(client, n, subject, number int) bool {
	op := operation{kind: register, client: client, node: n, subject: subject, number: number, call: time.Since(l.began), end: math.MaxInt64}
	status, b, err := do(patient, "POST", fmt.Sprintf("%s/subjects/s%d/versions", l.nodes[n].url(), subject), request(text(subject, number)))
	var a answered
	if err == nil && status == 200 && json.Unmarshal(b, &a) == nil {
		op.id, op.version, op.found, op.end = a.ID, a.Version, true, time.Since(l.began)
	} else if err == nil && status/100 != 5 {
		l.t.Errorf("registering at node %d: %d %s", n, status, b)
	}
	l.note(op)
	return op.found
}

// write registers texts, each until it is acknowledged, and now and then one that the subject's other writer has.
func (l *load) write(w int) {
	last := &l.numbers[w%subjects]
	subject := l.base + w%subjects
	for !l.stopped() {
		number := int(last.Load())
		if number == 0 || rand.N(10) > 0 {
			number = int(last.Add(1))
		}
		for !l.register(w, rand.N(len(l.nodes)), subject, number) && !l.stopped() {
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(rand.N(40 * time.Millisecond))
	}
}

// recent returns a registration that was acknowledged, most often one of the last.
func (l *load) recent() (op operation, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.acked) == 0 {
		return op, false
	}
	back := 1 + rand.N(3)
	if rand.N(4) == 0 {
		back = 1 + rand.N(len(l.acked))
	}
	return l.acked[max(0, len(l.acked)-back)], true
}

func (l *load) read(client, n int) {
	for !l.stopped() {
		time.Sleep(rand.N(10 * time.Millisecond))
		op, ok := l.recent()
		if !ok {
			continue
		}
		op.client, op.node, op.found = client, n, false
		url := l.nodes[n].url()
		switch rand.N(3) {
		case 0:
			op.kind, op.id, op.version = lookup, 0, 0
			if rand.N(2) == 0 { // it may come at any moment
				op.number = int(l.numbers[op.subject-l.base].Load())
			}
			l.ask(op, "POST", fmt.Sprintf("%s/subjects/s%d", url, op.subject), request(text(op.subject, op.number)))
		case 1:
			op.kind = byID
			l.ask(op, "GET", fmt.Sprintf("%s/schemas/ids/%d", url, op.id), "")
		case 2:
			op.kind, op.id = byID, int(l.highest.Load())+1
			l.ask(op, "GET", fmt.Sprintf("%s/schemas/ids/%d", url, op.id), "")
		}
	}
}

// ask makes a read. One that fails has said nothing.
func (l *load) ask(op operation, method, url, body string) {
	op.call = time.Since(l.began)
	status, b, err := do(patient, method, url, body)
	op.end = time.Since(l.began)
	var a answered
	switch {
	case err != nil || status/100 == 5:
		return
	case status == 404:
		op.found = false
	case status != 200 || json.Unmarshal(b, &a) != nil:
		l.t.Errorf("%s %s: %d %s", method, url, status, b)
		return
	default:
		op.found = true
		if op.kind == lookup {
			op.id, op.version = a.ID, a.Version
		} else if op.subject, op.number, _ = named(a.Schema); op.number == 0 {
			l.t.Errorf("%s %s: %s", method, url, b)
			return
		} else if op.subject < l.base || op.subject >= l.base+subjects { // a probe's
			return
		}
	}
	l.note(op)
}

// end stops the clients and holds what they saw against the nodes and against every order in which it may have happened.
func (l *load) end() {
	l.t.Helper()
	close(l.stop)
	l.wg.Wait()
	known := l.final()
	l.wantAcknowledged(known)
	l.wantLinearizable(known)
}

type name struct{ subject, number int }
type place struct{ id, version int }

// final reads all subjects on every node: they must be the same, ids and versions each for one text.
func (l *load) final() map[name]place {
	l.t.Helper()
	var first map[name]place
	for n, node := range l.nodes {
		all, ids := map[name]place{}, map[int]name{}
		for i := range subjects {
			s := l.base + i
			status, b, err := get(patient, fmt.Sprintf("%s/subjects/s%d/versions", node.url(), s))
			var versions []int
			if err == nil && status == 404 {
				continue
			}
			if err != nil || status != 200 || json.Unmarshal(b, &versions) != nil {
				l.t.Fatalf("node %d: the versions of subject s%d: %d %s %v", n, s, status, b, err)
			}
			for i, v := range versions {
				if v != i+1 {
					l.t.Fatalf("node %d: subject s%d has versions %v", n, s, versions)
				}
				var a answered
				if status, b, err := get(patient, fmt.Sprintf("%s/subjects/s%d/versions/%d", node.url(), s, v)); err != nil || status != 200 || json.Unmarshal(b, &a) != nil {
					l.t.Fatalf("node %d: version %d of subject s%d: %d %s %v", n, v, s, status, b, err)
				}
				of, number, _ := named(a.Schema)
				who := name{of, number}
				if of != s || all[who] != (place{}) {
					l.t.Errorf("node %d: version %d of subject s%d is %s, as version %d is", n, v, s, a.Schema, all[who].version)
				}
				if other, twice := ids[a.ID]; twice {
					l.t.Errorf("node %d: id %d is %v and %v", n, a.ID, other, who)
				}
				all[who], ids[a.ID] = place{a.ID, v}, who
			}
		}
		if first == nil {
			first = all
		}
		if len(all) != len(first) {
			l.t.Errorf("node %d has %d schemas, node 0 has %d", n, len(all), len(first))
		}
		for who, p := range all {
			if first[who] != p {
				l.t.Errorf("node %d: %v is %v, on node 0 %v", n, who, p, first[who])
			}
		}
	}
	return first
}

func (l *load) wantAcknowledged(known map[name]place) {
	l.t.Helper()
	for _, op := range l.ops {
		if op.found && op.kind != byID && known[name{op.subject, op.number}] != (place{op.id, op.version}) {
			l.t.Errorf("%+v was told, and it is %v", op, known[name{op.subject, op.number}])
		}
		if op.found && op.kind == byID && known[name{op.subject, op.number}].id != op.id {
			l.t.Errorf("%+v was told, and it is %v", op, known[name{op.subject, op.number}])
		}
	}
}

// wantLinearizable checks each subject's history. Since versions are texts one to one, which final has seen, a subject's state
// is how many versions it has: the registration of version v makes it v where it is v-1, and finds it from v on.
func (l *load) wantLinearizable(known map[name]place) {
	l.t.Helper()
	byNumber := map[int]name{}
	for who, p := range known {
		byNumber[p.id] = who
	}
	type input struct {
		kind    kind
		version int
	}
	var history [subjects][]porcupine.Operation
	open, misses := 0, 0
	for _, op := range l.ops {
		who := name{op.subject, op.number}
		if op.kind == byID {
			who = byNumber[op.id]
		}
		p, ok := known[who]
		if !ok { // it was never there: a miss is right, and a registration had no effect
			continue
		}
		if op.end == math.MaxInt64 {
			open++
		}
		if !op.found && op.kind != register {
			misses++
		}
		h := &history[who.subject-l.base]
		*h = append(*h, porcupine.Operation{ClientId: op.client, Input: input{op.kind, p.version}, Output: op.found,
			Call: int64(op.call), Return: int64(op.end)})
	}
	model := porcupine.Model{
		Init: func() any { return 0 },
		Step: func(state, in, out any) (bool, any) {
			n, i := state.(int), in.(input)
			switch {
			case i.kind != register:
				return out.(bool) == (n >= i.version), n
			case n >= i.version:
				return true, n
			case n == i.version-1:
				return true, i.version
			}
			return !out.(bool), n // its outcome is not known: it had no effect here
		},
		DescribeOperation: func(in, out any) string { return fmt.Sprintf("%+v: %v", in, out) },
	}
	var results []string
	for s, h := range history {
		result := porcupine.CheckOperationsTimeout(model, h, 20*time.Second)
		if result != porcupine.Ok {
			l.t.Errorf("the history of subject s%d, %d operations, is linearizable: %s", l.base+s, len(h), result)
		}
		results = append(results, fmt.Sprint(len(h)))
	}
	var took []time.Duration
	for _, op := range l.acked {
		took = append(took, op.end-op.call)
	}
	slices.Sort(took)
	l.t.Logf("%d schemas; histories of %s operations, %d misses, %d outcomes unknown; a registration took %v at the median, %v at most",
		len(known), strings.Join(results, "+"), misses, open, took[len(took)/2].Round(time.Millisecond/10), took[len(took)-1].Round(time.Millisecond))
}
