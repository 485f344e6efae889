package runtime

import (
	"bytes"
	"fmt"
	"time"

	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/record"
)

// saving makes committable positions durable and tells the source: at once after a quiet time, at most once in the save
// interval, and a last time when everything has drained.
func (r *run) saving(drained <-chan struct{}) error {
	s := saver{run: r, save: map[offset.Key]record.Position{}}
	pause := time.NewTimer(0)
	defer pause.Stop()
	<-pause.C
	for {
		select {
		case <-r.acked:
		case <-drained:
			return s.step()
		case <-r.work.Done():
			return nil
		}
		if err := s.step(); err != nil {
			return err
		}
		pause.Reset(r.task.Limits.SaveInterval)
		select {
		case <-pause.C:
		case <-drained:
			return s.step()
		case <-r.work.Done():
			return nil
		}
	}
}

type saver struct {
	*run
	pos, last []byte
	save      map[offset.Key]record.Position
}

func (s *saver) step() error {
	pos, ok := s.tracker.Committable(s.pos[:0])
	s.pos = pos
	if !ok || s.saved && bytes.Equal(pos, s.last) {
		return nil
	}
	h := &s.task.Hooks
	position(h.BeforeSave, pos)
	s.save[s.task.OffsetKey] = pos
	if err := s.task.Offsets.Save(s.work, s.save); err != nil {
		return fmt.Errorf("saving the offset: %w", err)
	}
	s.saved = true
	s.last = append(s.last[:0], pos...)
	s.task.metrics.saves.Inc()
	position(h.AfterSave, pos)
	if err := s.src.Commit(s.work, pos); err != nil {
		return fmt.Errorf("committing to the source: %w", err)
	}
	position(h.AfterCommit, pos)
	return nil
}
