package postgres

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"fmt"
	"strconv"
	"time"

	"github.com/millrace/millrace/cdc/postgres"
	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/record"
)

// source is cdc/postgres's Source with its errors classed.
type source struct{ *postgres.Source }

// newSource makes the source of one task. A configuration that validate refuses is a config.FaultsError.
func newSource(env connect.Env, v config.Values) (connect.Source, error) {
	cfg, faults := sourceConfig(v)
	if len(faults) > 0 {
		return nil, config.FaultsError(faults)
	}
	cfg.Log = env.Log
	cfg.Progress = progress(env.Gauges)
	if v.Bool("extended.headers.enabled") {
		cfg.Headers = contextHeaders(cfg.Names.Prefix, env.Task)
	}
	return &source{postgres.New(cfg)}, nil
}

func (s *source) Open(ctx context.Context, resume record.Position) error {
	return classify(s.Source.Open(ctx, resume))
}

func (s *source) Read(ctx context.Context, b *record.Batch) error {
	return classify(s.Source.Read(ctx, b))
}

func (s *source) Commit(ctx context.Context, pos record.Position) error {
	return classify(s.Source.Commit(ctx, pos))
}

func (s *source) Close(ctx context.Context) error { return classify(s.Source.Close(ctx)) }

// slotStates are what cdc/postgres tells about a slot.
var slotStates = []string{"creating", "snapshot", "streaming", "stopped"}

// progress reports to the worker's metrics: source_lag_bytes and source_lag_ms; snapshot_rows, snapshot_rows_estimated,
// snapshot_chunks and snapshot_chunks_done; slot_state, which is 1 with the label of the present state.
func progress(g connect.Gauges) postgres.Progress {
	if g == nil {
		return postgres.Progress{}
	}
	return postgres.Progress{
		Snapshot: func(rows, estimated int64, chunks, allChunks int) {
			g.Set("snapshot_rows", float64(rows))
			g.Set("snapshot_rows_estimated", float64(estimated))
			g.Set("snapshot_chunks", float64(allChunks))
			g.Set("snapshot_chunks_done", float64(chunks))
		},
		Lag: func(bytes int64, age time.Duration) {
			g.Set("source_lag_bytes", float64(bytes))
			g.Set("source_lag_ms", float64(age.Milliseconds()))
		},
		SlotState: func(state string) {
			for _, s := range slotStates {
				on := 0.0
				if s == state {
					on = 1
				}
				g.Set("slot_state", on, "state", s)
			}
		},
	}
}

// contextHeaders are what extended.headers.enabled gives every record: Debezium's context of the task.
func contextHeaders(prefix string, task int) map[string]string {
	return map[string]string{
		"__debezium.context.connectorName":        "postgresql",
		"__debezium.context.connectorLogicalName": prefix,
		"__debezium.context.taskId":               strconv.Itoa(task),
		"__debezium.context.runId":                runID(time.Now()),
	}
}

// runID returns a UUID of version 7 (RFC 9562): the time in ms, and chance.
func runID(now time.Time) string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it does not fail
	ms := binary.BigEndian.AppendUint64(nil, uint64(now.UnixMilli()))
	copy(b[:6], ms[2:])
	b[6], b[8] = b[6]&0x0f|0x70, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
