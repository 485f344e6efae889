package registry

import "iter"

// layer is a map, or one that lies over another: it has what is below but for what was set or deleted in it. The state is
// made of layers, so that a draft of it costs what it changes.
type layer[K comparable, V any] struct {
	own   map[K]V
	gone  map[K]bool // of the keys below
	below *layer[K, V]
}

// over returns an empty layer over l.
func (l *layer[K, V]) over() layer[K, V] { return layer[K, V]{below: l} }

func (l *layer[K, V]) get(k K) (V, bool) {
	for {
		if v, ok := l.own[k]; ok || l.below == nil || l.gone[k] {
			return v, ok
		}
		l = l.below
	}
}

// at returns the value of a key, or none.
func (l *layer[K, V]) at(k K) V {
	v, _ := l.get(k)
	return v
}

func (l *layer[K, V]) set(k K, v V) {
	if l.own == nil {
		l.own = map[K]V{}
	}
	l.own[k] = v
	delete(l.gone, k)
}

func (l *layer[K, V]) delete(k K) {
	delete(l.own, k)
	if l.below == nil {
		return
	}
	if _, ok := l.below.get(k); ok {
		if l.gone == nil {
			l.gone = map[K]bool{}
		}
		l.gone[k] = true
	}
}

// all yields every key once, in no order. l must not change meanwhile.
func (l *layer[K, V]) all() iter.Seq2[K, V] {
	return func(yield func(K, V) bool) {
		for k, v := range l.own {
			if !yield(k, v) {
				return
			}
		}
		if l.below == nil {
			return
		}
		for k, v := range l.below.all() {
			if _, over := l.own[k]; !over && !l.gone[k] && !yield(k, v) {
				return
			}
		}
	}
}

func (l *layer[K, V]) empty() bool {
	for range l.all() {
		return false
	}
	return true
}
