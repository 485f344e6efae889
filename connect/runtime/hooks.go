package runtime

import (
	"github.com/millrace/millrace/connect/record"
)

// Hooks observe the steps of a task. They change nothing; crash tests kill the process in them, and the worker learns
// topics from them. A hook runs on the goroutine of its step and delays it. Any may be nil.
type Hooks struct {
	AfterRead    func(b *record.Batch)     // a batch was filled and not yet passed on
	AfterProduce func(messages int)        // Produce returned; acks may be outstanding
	AfterAck     func(messages int)        // every message of a flight is acked; on the producer's goroutine
	BeforeSave   func(pos record.Position) // pos is committable
	AfterSave    func(pos record.Position) // pos is durable
	AfterCommit  func(pos record.Position) // the source knows
	NewTopic     func(topic string)        // the first message of topic is about to be sent
}

func (h *Hooks) afterRead(b *record.Batch) {
	if h.AfterRead != nil {
		h.AfterRead(b)
	}
}

func (h *Hooks) afterProduce(n int) {
	if h.AfterProduce != nil {
		h.AfterProduce(n)
	}
}

func (h *Hooks) afterAck(n int) {
	if h.AfterAck != nil {
		h.AfterAck(n)
	}
}

func (h *Hooks) newTopic(topic string) {
	if h.NewTopic != nil {
		h.NewTopic(topic)
	}
}

func position(f func(record.Position), pos record.Position) {
	if f != nil {
		f(pos)
	}
}
