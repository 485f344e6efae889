package runtime

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/connect/state"
)

// Offsets returns the positions of a connector, by partition.
func (w *Worker) Offsets(ctx context.Context, name string) ([]Offset, error) {
	if _, err := w.find(name); err != nil {
		return nil, err
	}
	loaded, err := w.cfg.Offsets.Load(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("loading offsets: %w", err)
	}
	found := []Offset{}
	for k, p := range loaded {
		found = append(found, Offset{json.RawMessage(k.Partition), json.RawMessage(p)})
	}
	slices.SortFunc(found, func(a, b Offset) int { return cmp.Compare(string(a.Partition), string(b.Partition)) })
	return found, nil
}

// AlterOffsets sets positions of a stopped connector; one without an Offset is removed. ErrNotStopped, ErrBadOffsets: as
// they say, and nothing was changed.
func (w *Worker) AlterOffsets(ctx context.Context, name string, offsets []Offset) error {
	return w.changeOffsets(ctx, name, func() (map[offset.Key]record.Position, error) {
		if len(offsets) == 0 {
			return nil, fmt.Errorf("%w: there are none", ErrBadOffsets)
		}
		save := map[offset.Key]record.Position{}
		for i, o := range offsets {
			partition, err := offset.Canonical(o.Partition)
			if err != nil {
				return nil, fmt.Errorf("%w: entry %d: its partition is not a JSON object", ErrBadOffsets, i)
			}
			var pos bytes.Buffer
			if len(o.Offset) > 0 && string(o.Offset) != "null" {
				var object map[string]any
				if err := errors.Join(json.Unmarshal(o.Offset, &object), json.Compact(&pos, o.Offset)); err != nil {
					return nil, fmt.Errorf("%w: entry %d: its offset is neither a JSON object nor null", ErrBadOffsets, i)
				}
			}
			save[offset.Key{Connector: name, Partition: partition}] = pos.Bytes() // nil for none
		}
		return save, nil
	})
}

// ResetOffsets removes every position of a stopped connector, which then begins anew.
func (w *Worker) ResetOffsets(ctx context.Context, name string) error {
	return w.changeOffsets(ctx, name, func() (map[offset.Key]record.Position, error) {
		loaded, err := w.cfg.Offsets.Load(ctx, name)
		for k := range loaded {
			loaded[k] = nil
		}
		return loaded, err
	})
}

func (w *Worker) changeOffsets(ctx context.Context, name string, change func() (map[offset.Key]record.Position, error)) error {
	c, err := w.begin(ctx, name)
	if err != nil {
		return err
	}
	defer c.free()
	if c.target != state.Stopped || len(c.tasks) > 0 {
		return fmt.Errorf("connector %q %w", name, ErrNotStopped)
	}
	save, err := change()
	if err != nil || len(save) == 0 {
		return err
	}
	if err := w.cfg.Offsets.Save(ctx, save); err != nil {
		return fmt.Errorf("saving offsets: %w", err)
	}
	return nil
}
