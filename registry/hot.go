package registry

import (
	"slices"
	"sync"
	"sync/atomic"
)

const (
	// mostHot bounds the texts that are kept unpacked, in bytes.
	mostHot = 4 << 20
	// hotSpan is within how many questions for texts that are not kept one has to come again to be kept: what is asked for once in
	// a while, or all of it in turn, changes nothing.
	hotSpan = 4096
)

// hotTexts keeps unpacked the texts that are asked for again and again. Those that came first give way.
type hotTexts struct {
	asks atomic.Uint32

	mu   sync.Mutex
	kept []*body // in the order in which they came
	size int     // bytes of their texts
}

// ask notes that the text of b was asked for and had to be unpacked.
func (h *hotTexts) ask(b *body, text []byte) {
	now := h.asks.Add(1)
	if last := b.asked.Swap(now); last == 0 || now-last > hotSpan || len(text) > mostHot/64 {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if b.hot.Load() != nil { // another was first
		return
	}
	text = slices.Clone(text)
	b.hot.Store(&text)
	h.kept = append(h.kept, b)
	h.size += len(text)
	if h.size <= mostHot {
		return
	}
	gone := 0
	for ; h.size > mostHot*7/8; gone++ { // so that it is not done for each
		h.size -= len(*h.kept[gone].hot.Swap(nil))
	}
	h.kept = slices.Delete(h.kept, 0, gone)
}
