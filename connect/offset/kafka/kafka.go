package kafka

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"

	"github.com/millrace/millrace/connect/compacted"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/record"
)

// Store is an offset.Store in a compacted topic.
type Store struct {
	table *compacted.Table
	log   *slog.Logger

	mu      sync.Mutex // guards offsets and written; Load may be called while another reads
	offsets map[offset.Key]record.Position
	// written holds record keys as they are in the topic. Another writer may order a partition's keys in another way, and
	// only a record with the very same bytes takes the place of its own.
	written map[offset.Key][]byte
}

var _ offset.Store = (*Store)(nil)

// Open reads the whole topic, which is made if it is missing.
func Open(ctx context.Context, cfg compacted.Config) (*Store, error) {
	s := &Store{log: cfg.Log, offsets: map[offset.Key]record.Position{}, written: map[offset.Key][]byte{}}
	if s.log == nil {
		s.log = slog.Default()
	}
	table, err := compacted.Open(ctx, cfg, s.apply)
	if err != nil {
		return nil, fmt.Errorf("opening the offsets topic: %w", err)
	}
	s.table = table
	return s, nil
}

func (s *Store) apply(r compacted.Record) {
	k, err := parseKey(r.Key)
	if err != nil {
		s.log.Warn("skipping a record of the offsets topic", "error", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.written[k] = r.Key
	if r.Value == nil || string(r.Value) == "null" {
		delete(s.offsets, k)
		return
	}
	s.offsets[k] = r.Value
}

func parseKey(key []byte) (offset.Key, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(key, &parts); err != nil || len(parts) != 2 {
		return offset.Key{}, errors.New("its key is not [connector, partition]")
	}
	var k offset.Key
	if err := json.Unmarshal(parts[0], &k.Connector); err != nil {
		return offset.Key{}, errors.New("its connector is not a string")
	}
	var err error
	k.Partition, err = offset.Canonical(parts[1])
	return k, err
}

// Load reads the topic to its end and returns every position of connector.
func (s *Store) Load(ctx context.Context, connector string) (map[offset.Key]record.Position, error) {
	if err := s.table.Sync(ctx); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := map[offset.Key]record.Position{}
	for k, p := range s.offsets {
		if k.Connector == connector {
			found[k] = slices.Clone(p)
		}
	}
	return found, nil
}

// Save writes one record a position and waits for them. Several go in one transaction.
func (s *Store) Save(ctx context.Context, offsets map[offset.Key]record.Position) error {
	recs := make([]compacted.Record, 0, len(offsets))
	for k, p := range offsets {
		if p != nil && !json.Valid(p) {
			return fmt.Errorf("saving the offset of %s %s: it is not JSON", k.Connector, k.Partition)
		}
		key, err := s.key(k)
		if err != nil {
			return fmt.Errorf("saving the offset of %s: %w", k.Connector, err)
		}
		recs = append(recs, compacted.Record{Key: key, Value: p}) // written before Save returns, so p need not be copied
	}
	return s.table.PutAll(ctx, recs...)
}

func (s *Store) key(k offset.Key) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if key := s.written[k]; key != nil {
		return key, nil
	}
	name, err := offset.Canonical(k.Connector)
	if err != nil {
		return nil, err
	}
	if !json.Valid([]byte(k.Partition)) {
		return nil, errors.New("its partition is not JSON")
	}
	key := slices.Concat([]byte("["), []byte(name), []byte(","), []byte(k.Partition), []byte("]"))
	s.written[k] = key
	return key, nil
}

// Close ends the client.
func (s *Store) Close(context.Context) error {
	s.table.Close()
	return nil
}
