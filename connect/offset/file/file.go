package file

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"github.com/millrace/millrace/connect/atomicfile"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/record"
)

const version = 1

// Store is an offset.Store in a file.
type Store struct {
	path    string
	mu      sync.Mutex // guards offsets and the file
	offsets map[offset.Key]record.Position
}

var _ offset.Store = (*Store)(nil)

type document struct {
	Version int     `json:"version"`
	Offsets []entry `json:"offsets"`
}

type entry struct {
	Connector string          `json:"connector"`
	Partition json.RawMessage `json:"partition"`
	Offset    json.RawMessage `json:"offset"`
}

// Open reads path, which need not exist yet; its directory is made.
func Open(path string) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("making the offset file's directory: %w", err)
	}
	s := &Store{path: path, offsets: map[offset.Key]record.Position{}}
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return nil, fmt.Errorf("reading offsets: %w", err)
	}
	if bytes.HasPrefix(data, []byte{0xAC, 0xED}) {
		return nil, fmt.Errorf("reading offsets: %s is Kafka Connect's own offset file (serialized Java); name another file and set the "+
			"connector's offsets by PATCH /connectors/NAME/offsets", path)
	}
	var d document
	if err := json.Unmarshal(data, &d); err != nil {
		return nil, fmt.Errorf("reading offsets of %s: %w", path, err)
	}
	if d.Version != version {
		return nil, fmt.Errorf("reading offsets: %s has version %d and this program reads %d", path, d.Version, version)
	}
	for _, e := range d.Offsets {
		p, err := offset.Canonical(e.Partition)
		if err != nil {
			return nil, fmt.Errorf("reading offsets of %s: connector %q: %w", path, e.Connector, err)
		}
		s.offsets[offset.Key{Connector: e.Connector, Partition: p}] = record.Position(e.Offset)
	}
	return s, nil
}

// Load returns every position of connector.
func (s *Store) Load(_ context.Context, connector string) (map[offset.Key]record.Position, error) {
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

// Save replaces the file. When it fails the store still holds what the file does.
func (s *Store) Save(_ context.Context, offsets map[offset.Key]record.Position) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := maps.Clone(s.offsets)
	for k, p := range offsets {
		if p == nil {
			delete(next, k)
			continue
		}
		if !json.Valid(p) {
			return fmt.Errorf("saving the offset of %s %s: it is not JSON", k.Connector, k.Partition)
		}
		next[k] = slices.Clone(p)
	}
	data, err := encode(next)
	if err == nil {
		err = atomicfile.Write(s.path, data, 0o600)
	}
	if err != nil {
		return fmt.Errorf("saving offsets: %w", err)
	}
	s.offsets = next
	return nil
}

// Close does nothing: every Save is already on disk.
func (s *Store) Close(context.Context) error { return nil }

func encode(offsets map[offset.Key]record.Position) ([]byte, error) {
	keys := slices.SortedFunc(maps.Keys(offsets), func(a, b offset.Key) int {
		return cmp.Or(cmp.Compare(a.Connector, b.Connector), cmp.Compare(a.Partition, b.Partition))
	})
	d := document{Version: version, Offsets: []entry{}}
	for _, k := range keys {
		d.Offsets = append(d.Offsets, entry{k.Connector, json.RawMessage(k.Partition), json.RawMessage(offsets[k])})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(d); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
