package client

import "sync"

// cache keeps values that never change. When it is full it starts over: it holds schemas, of which few are in use.
type cache[K comparable, V any] struct {
	mu     sync.Mutex // guards values
	values map[K]V
}

// most is how many values are kept.
const most = 10_000

// get returns the value of k, or else what fetch returns. Two callers may fetch the same value at once.
func (c *cache[K, V]) get(k K, fetch func() (V, error)) (V, error) {
	c.mu.Lock()
	v, ok := c.values[k]
	c.mu.Unlock()
	if ok {
		return v, nil
	}
	v, err := fetch()
	if err != nil {
		return v, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.values == nil || len(c.values) >= most {
		c.values = map[K]V{}
	}
	c.values[k] = v
	return v, nil
}

func (c *cache[K, V]) clear() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.values = nil
}
