package postgres

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/jackc/pglogrepl"
)

// position is where the stream resumes, stored with the keys that Debezium's offsets have.
type position struct {
	Snapshot  mark   `json:"snapshot,omitempty"`           // "INITIAL" of a snapshot
	Completed mark   `json:"snapshot_completed,omitempty"` // "true" once the snapshot is at its end
	Last      mark   `json:"last_snapshot_record,omitempty"`
	LSN       uint64 `json:"lsn"`                  // of the last change read
	Processed uint64 `json:"lsn_proc,omitempty"`   // the same
	Commit    uint64 `json:"lsn_commit,omitempty"` // of the last transaction that is complete
	TxID      uint32 `json:"txId,omitempty"`
	Micros    int64  `json:"ts_usec,omitempty"`
	// Done: changes of the transaction whose commit record stands at TxCommit that are delivered; the stream resumes inside it.
	TxCommit uint64 `json:"millrace_tx_commit,omitempty"`
	Done     uint64 `json:"millrace_tx_done,omitempty"`
	// Confirm is what the slot may confirm once this position is durable: the end of the last complete transaction.
	Confirm uint64 `json:"millrace_confirm,omitempty"`
}

// parsePosition reads a stored position: Millrace's own, or one that Debezium wrote.
func parsePosition(b []byte) (position, error) {
	var p position
	if len(b) == 0 {
		return p, nil
	}
	if err := json.Unmarshal(b, &p); err != nil {
		return p, fmt.Errorf("the stored offset is not one of a PostgreSQL connector: %w", err)
	}
	return p, nil
}

// mark is a string, or a boolean as one: versions of Debezium differ.
type mark string

// UnmarshalJSON implements json.Unmarshaler.
func (m *mark) UnmarshalJSON(b []byte) error {
	switch s := string(b); s {
	case "null":
		*m = ""
	case "true", "false":
		*m = mark(s)
	default:
		return json.Unmarshal(b, (*string)(m))
	}
	return nil
}

// inSnapshot reports whether a snapshot was under way, which starts over.
func (p position) inSnapshot() bool {
	return p.Snapshot != "" && p.Snapshot != "false" && p.Completed != "true" && p.Last != "true"
}

// resume returns the LSN from which everything not yet delivered is streamed; 0: from where the slot stands.
func (p position) resume() uint64 {
	if p.Confirm != 0 {
		return p.Confirm
	}
	return p.Commit // Debezium's: it streams from the last commit and skips what it has processed
}

// append writes the position without the reflection of encoding/json: it is made for every batch.
func (p position) append(dst []byte) []byte {
	field := func(name string, v uint64) {
		dst = append(append(append(dst, ",\""...), name...), "\":"...)
		dst = strconv.AppendUint(dst, v, 10)
	}
	dst = append(dst, "{\"lsn\":"...)
	dst = strconv.AppendUint(dst, p.LSN, 10)
	if p.Processed != 0 {
		field("lsn_proc", p.Processed)
	}
	if p.Commit != 0 {
		field("lsn_commit", p.Commit)
	}
	if p.Snapshot != "" {
		dst = strconv.AppendQuote(append(dst, ",\"snapshot\":"...), string(p.Snapshot))
		dst = strconv.AppendBool(append(dst, ",\"snapshot_completed\":"...), p.Completed == "true")
	}
	if p.TxID != 0 {
		field("txId", uint64(p.TxID))
	}
	if p.Micros != 0 {
		dst = strconv.AppendInt(append(dst, ",\"ts_usec\":"...), p.Micros, 10)
	}
	if p.TxCommit != 0 {
		field("millrace_tx_commit", p.TxCommit)
		field("millrace_tx_done", p.Done)
	}
	field("millrace_confirm", p.Confirm)
	return append(dst, '}')
}

func lsn(v uint64) pglogrepl.LSN { return pglogrepl.LSN(v) }
