package access

import (
	"crypto/rand"
	"crypto/sha256"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}

// The bounds of what is remembered.
const (
	mostRemembered = 16_384
	mostCounted    = 16_384
)

// memory knows credentials that were verified, by a hash with a key of this process.
type memory struct {
	key [32]byte

	mu         sync.RWMutex // guards what is below
	known      map[[32]byte]memo
	generation uint64 // counts what made everything be forgotten
}

type memo struct {
	caller *Caller
	until  time.Time
}

func newMemory() *memory {
	return &memory{key: [32]byte(random(32)), known: map[[32]byte]memo{}}
}

// hash names a credential of a kind. It does not allocate for what fits in 1 KiB.
func (m *memory) hash(kind byte, credential string) [32]byte {
	var buf [1024]byte
	b := append(append(append(buf[:0], m.key[:]...), kind), credential...)
	return sha256.Sum256(b)
}

// find returns who a credential stands for, or nil, and the generation to hand to put.
func (m *memory) find(h [32]byte, now time.Time) (*Caller, uint64) {
	m.mu.RLock()
	defer m.mu.RUnlock()
	if e, ok := m.known[h]; ok && now.Before(e.until) {
		return e.caller, m.generation
	}
	return nil, m.generation
}

// put remembers a credential that was verified by what was true in a generation.
func (m *memory) put(h [32]byte, c *Caller, until time.Time, generation uint64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if generation != m.generation {
		return
	}
	for k := range m.known { // any other gives way: a map's order is random
		if len(m.known) < mostRemembered {
			break
		}
		delete(m.known, k)
	}
	m.known[h] = memo{c, until}
}

// forget makes every credential be verified anew.
func (m *memory) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.known = map[[32]byte]memo{}
	m.generation++
}

// failures counts wrong passwords by address and user, and by address.
type failures struct {
	mu sync.Mutex // guards by
	by map[string]*rate.Limiter
}

// What an address may fail: at once, and then one more each interval.
const (
	failBurst        = 10
	failEvery        = 6 * time.Second
	failAddressBurst = 100
	failAddressEvery = time.Second
)

func (f *failures) keys(address, user string) [2]string {
	return [2]string{address, address + "\x00" + user}
}

// allowed reports whether one more password may be tried.
func (f *failures) allowed(address, user string, now time.Time) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, k := range f.keys(address, user) {
		if l := f.by[k]; l != nil && l.TokensAt(now) < 1 {
			return false
		}
	}
	return true
}

// count notes a wrong password.
func (f *failures) count(address, user string, now time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, k := range f.keys(address, user) {
		l := f.by[k]
		if l == nil {
			for old, o := range f.by { // those that are whole again go first
				if len(f.by) < mostCounted {
					break
				}
				if o.TokensAt(now) >= float64(o.Burst()) || len(f.by) >= mostCounted {
					delete(f.by, old)
				}
			}
			l = rate.NewLimiter(rate.Every(failAddressEvery), failAddressBurst)
			if i == 1 {
				l = rate.NewLimiter(rate.Every(failEvery), failBurst)
			}
			f.by[k] = l
		}
		l.AllowN(now, 1)
	}
}
