// Package offset keeps source positions: the Store that makes them durable and the Tracker that says how far they may go.
package offset

import (
	"context"

	"github.com/millrace/millrace/connect/record"
)

// Key names one source partition of one connector. Partition is the compact JSON object that Kafka Connect uses, with
// keys sorted: {"server":"shop"}.
type Key struct{ Connector, Partition string }

// Store keeps positions. Save is durable when it returns.
type Store interface {
	Load(ctx context.Context, connector string) (map[Key]record.Position, error)
	// Save stores all of offsets or none. A nil position deletes.
	Save(ctx context.Context, offsets map[Key]record.Position) error
	Close(ctx context.Context) error
}
