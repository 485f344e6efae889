package client

import (
	"context"
	"sync"
	"time"
)

// cache keeps values within a bound of their weight. It holds them in two generations: when the young one has half of the
// weight, it becomes the old one, whose values are dropped unless they were asked for meanwhile.
type cache[K comparable, V any] struct {
	most  int               // of the weight
	ttl   time.Duration     // how long a value is good; 0: for ever
	until func(V) time.Time // instead: when a value stops being good; zero: never
	weigh func(K, V) int

	mu         sync.Mutex // guards what follows
	young, old map[K]kept[V]
	weight     int // of the young
	flights    map[K]*flight[V]
	epoch      int // counts the calls of clear
}

type kept[V any] struct {
	value V
	until time.Time
}

// flight is a value that is being fetched.
type flight[V any] struct {
	done  chan struct{}
	value V
	err   error
	left  bool // the one who fetches has given up
}

// get returns the value of k, or else what fetch returns. Of several callers that miss one value, one fetches it.
func (c *cache[K, V]) get(ctx context.Context, k K, fetch func() (V, error)) (V, error) {
	for {
		c.mu.Lock()
		if v, ok := c.find(k); ok {
			c.mu.Unlock()
			return v, nil
		}
		f := c.flights[k]
		if f == nil {
			return c.fetch(ctx, k, fetch)
		}
		c.mu.Unlock()
		select {
		case <-f.done:
		case <-ctx.Done():
			var none V
			return none, ctx.Err()
		}
		if !f.left || ctx.Err() != nil {
			return f.value, f.err
		}
	}
}

// fetch is entered with the lock held.
func (c *cache[K, V]) fetch(ctx context.Context, k K, fetch func() (V, error)) (V, error) {
	f, epoch := &flight[V]{done: make(chan struct{}), left: true}, c.epoch
	if c.flights == nil {
		c.flights = map[K]*flight[V]{}
	}
	c.flights[k] = f
	c.mu.Unlock()
	defer func() { // also when fetch panics
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.flights[k] == f {
			delete(c.flights, k)
		}
		if !f.left && f.err == nil && c.epoch == epoch {
			c.put(k, f.value)
		}
		close(f.done)
	}()
	f.value, f.err = fetch()
	f.left = f.err != nil && ctx.Err() != nil
	return f.value, f.err
}

func (c *cache[K, V]) find(k K) (V, bool) {
	e, ok := c.young[k]
	if !ok {
		if e, ok = c.old[k]; ok {
			delete(c.old, k)
			c.keep(k, e)
		}
	}
	if ok && !e.until.IsZero() && !time.Now().Before(e.until) {
		ok = false
	}
	return e.value, ok
}

func (c *cache[K, V]) put(k K, v V) {
	e := kept[V]{value: v}
	switch {
	case c.until != nil:
		e.until = c.until(v)
	case c.ttl > 0:
		e.until = time.Now().Add(c.ttl)
	}
	c.keep(k, e)
}

// entryWeight is what an entry costs beside its texts.
const entryWeight = 200

func (c *cache[K, V]) keep(k K, e kept[V]) {
	w := entryWeight + c.weigh(k, e.value)
	if w > c.most/2 {
		return
	}
	if before, ok := c.young[k]; ok {
		c.weight -= entryWeight + c.weigh(k, before.value)
	}
	if c.young == nil || c.weight+w > c.most/2 {
		c.old, c.young, c.weight = c.young, map[K]kept[V]{}, 0
	}
	c.young[k] = e
	c.weight += w
}

// clear drops all values. What is being fetched is not kept either, and is fetched again for whoever asks from now on.
func (c *cache[K, V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.young, c.old, c.weight, c.flights = nil, nil, 0, nil
	c.epoch++
}
