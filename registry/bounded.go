package registry

// bounded is a map of bounded weight. What gives way to a new entry is any other, as a map's order is random.
type bounded[K comparable, V any] struct {
	m      map[K]weighed[V]
	weight int
}

type weighed[V any] struct {
	v      V
	weight int
}

func (b *bounded[K, V]) get(k K) (V, bool) {
	w, ok := b.m[k]
	return w.v, ok
}

// put keeps a value of a weight, unless it alone is more than half of what may be kept.
func (b *bounded[K, V]) put(k K, v V, weight, most int) {
	if weight > most/2 {
		return
	}
	if b.m == nil {
		b.m = map[K]weighed[V]{}
	}
	b.weight += weight - b.m[k].weight
	b.m[k] = weighed[V]{v, weight}
	for other, w := range b.m {
		if b.weight <= most {
			return
		}
		if other != k {
			b.weight -= w.weight
			delete(b.m, other)
		}
	}
}
