package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/offset"
)

// Task moves the rows of one source partition to a broker until it is stopped, the source is finished or an error ends
// it. Fill the fields that have no default and call Run, once.
type Task struct {
	Name string // the connector's
	ID   int

	// Source and Producer make what a run uses up: each run has its own, closed at its end.
	Source   func() (connect.Source, error)
	Producer func(ctx context.Context) (connect.Producer, error)
	// Key and Value are used by one goroutine at a time and kept over runs.
	Key, Value convert.Converter
	Offsets    offset.Store
	OffsetKey  offset.Key

	Policy  Policy
	Limits  Limits
	Log     *slog.Logger // nil: slog.Default
	Metrics *TaskMetrics // nil: counted and not shown
	Hooks   Hooks
	// OnState is told of Running, Restarting with the error that led to it, and Failed with its error, in order and from
	// the goroutine of Run. May be nil.
	OnState func(s State, err error)

	log     *slog.Logger
	metrics *TaskMetrics
}

// Run owns every goroutine of the task and returns after the last has ended: nil when ctx ended or the source is finished,
// else the error that a person must look at. Retriable errors are retried by the Policy.
func (t *Task) Run(ctx context.Context) error {
	t.Policy, t.Limits = t.Policy.withDefaults(), t.Limits.withDefaults()
	if t.log = t.Log; t.log == nil {
		t.log = slog.Default()
	}
	t.log = t.log.With("connector", t.Name, "task", t.ID)
	if t.metrics = t.Metrics; t.metrics == nil {
		m, err := NewMetrics(nil)
		if err != nil {
			return err
		}
		t.metrics = m.Task(t.Name, t.ID)
	}
	retry, since := 0, time.Now()
	for {
		progress := false
		err := guard(func() (err error) { progress, err = t.attempt(ctx); return err })
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
				return nil
			}
			return fmt.Errorf("stopping: %w", err)
		}
		class := connect.ClassOf(err)
		if class != connect.BadRecord { // those were counted one by one
			t.metrics.errors[class].Inc()
		}
		if progress {
			retry, since = 0, time.Now()
		}
		if class != connect.Retriable {
			t.tell(Failed, err)
			return err
		}
		if t.Policy.MaxRetries != 0 && retry >= t.Policy.MaxRetries {
			err = fmt.Errorf("giving up after %d retries without progress: %w", retry, err)
		} else if t.Policy.MaxElapsed > 0 && time.Since(since) >= t.Policy.MaxElapsed {
			err = fmt.Errorf("giving up after %v without progress: %w", t.Policy.MaxElapsed, err)
		} else {
			d := t.Policy.delay(retry)
			t.log.Warn("restarting the task", "after", d.Round(time.Millisecond), "error", err)
			t.tell(Restarting, err)
			t.metrics.restarts.Inc()
			retry++
			select {
			case <-time.After(d):
				continue
			case <-ctx.Done():
				return nil
			}
		}
		t.tell(Failed, err)
		return err
	}
}

func (t *Task) tell(s State, err error) {
	t.metrics.setState(s)
	if t.OnState != nil {
		t.OnState(s, err)
	}
}

// bad counts a tolerated bad record.
func (t *Task) bad(stage, topic string, err error) {
	t.metrics.errors[connect.BadRecord].Inc()
	if t.Policy.LogBad {
		t.log.Error("leaving out a bad record", "stage", stage, "topic", topic, "error", err)
	}
}

// badRecord is bad under errors.tolerance=all; otherwise it returns err.
func (t *Task) badRecord(stage, topic string, err error) error {
	if t.Policy.TolerateBad {
		t.bad(stage, topic, err)
		return nil
	}
	t.metrics.errors[connect.BadRecord].Inc()
	return err
}
