package transfer

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry"
)

// The first line of a file.
const (
	format        = "millrace-registry-backup"
	formatVersion = 1
)

// mostLine bounds a line of a file: no registry takes a schema as large.
const mostLine = 64 << 20

// line is a line of a file: one of its members is set. What a registry holds stands in the shapes of the API.
type line struct {
	Format  string          `json:"format,omitempty"`
	Version int             `json:"version,omitempty"`
	Context string          `json:"context,omitempty"`
	Schema  json.RawMessage `json:"schema,omitempty"`
	Deleted bool            `json:"deleted,omitempty"` // the schema softly
	TS      int64           `json:"ts,omitempty"`      // of the schema's registration, in milliseconds since 1970, where it is known
	Scope   *string         `json:"scope,omitempty"`   // of config or mode
	Config  json.RawMessage `json:"config,omitempty"`
	Mode    string          `json:"mode,omitempty"`

	Association json.RawMessage `json:"association,omitempty"`

	End *end `json:"end,omitempty"`
}

// end is the last line: how many lines there are before it, and the SHA-256 of their bytes.
type end struct {
	Lines  int    `json:"lines"`
	SHA256 string `json:"sha256"`
}

// item is a schema in the shape of GET /schemas.
type item struct {
	Subject    string             `json:"subject"`
	Version    int                `json:"version"`
	ID         int                `json:"id"`
	GUID       string             `json:"guid"`
	Type       schema.Type        `json:"schemaType"`
	References []schema.Reference `json:"references"`
	Metadata   *registry.Metadata `json:"metadata"`
	RuleSet    *registry.RuleSet  `json:"ruleSet"`
	Text       *string            `json:"schema"`
	Deleted    *bool              `json:"deleted"`
	Aliases    []string           `json:"aliases"`
}

// version returns the item as a version. A registry that gives no GUID has that of the content.
func (it *item) version() (registry.Version, error) {
	if it.Subject == "" || it.Version < 1 || it.ID < 0 || it.Text == nil {
		return registry.Version{}, errors.New("it is no schema: subject, version, id or text is missing")
	}
	if it.Type == "" {
		it.Type = schema.Avro
	}
	v := registry.Version{
		Subject: registry.Qualify(it.Subject).String(), Number: it.Version, ID: it.ID, Deleted: it.Deleted != nil && *it.Deleted,
		Content: &registry.Content{Type: it.Type, Text: *it.Text, References: it.References, Metadata: it.Metadata, RuleSet: it.RuleSet},
	}
	v.GUID = v.Content.GUID()
	if it.GUID != "" {
		g, ok := registry.ParseGUID(it.GUID)
		if !ok {
			return v, fmt.Errorf("its guid %q is none", it.GUID)
		}
		v.GUID = g
	}
	return v, nil
}

// Write writes the dump as a file: the same bytes for the same content.
func (d *Dump) Write(to io.Writer) error {
	d.sort()
	w := writer{to: bufio.NewWriterSize(to, 1<<20), sum: sha256.New()}
	w.line(line{Format: format, Version: formatVersion})
	for _, c := range d.Contexts {
		w.line(line{Context: c})
	}
	for _, v := range d.Versions {
		w.line(line{Schema: v.AppendJSON(nil, registry.LookedUp), Deleted: v.Deleted, TS: v.Time})
	}
	for _, scope := range slices.Sorted(maps.Keys(d.Configs)) {
		c := d.Configs[scope]
		w.line(line{Scope: &scope, Config: c.AppendJSON(nil, "compatibilityLevel")})
	}
	for _, scope := range slices.Sorted(maps.Keys(d.Modes)) {
		w.line(line{Scope: &scope, Mode: d.Modes[scope]})
	}
	for _, a := range d.Associations {
		w.line(line{Association: a.AppendJSON(nil)})
	}
	w.line(line{End: &end{Lines: w.lines, SHA256: hex.EncodeToString(w.sum.Sum(nil))}})
	if w.err == nil {
		w.err = w.to.Flush()
	}
	if w.err != nil {
		return fmt.Errorf("writing the backup: %w", w.err)
	}
	return nil
}

type writer struct {
	to    *bufio.Writer
	sum   hash.Hash
	lines int
	err   error
}

func (w *writer) line(l line) {
	if w.err != nil {
		return
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if w.err = enc.Encode(l); w.err == nil {
		w.sum.Write(b.Bytes())
		w.lines++
		_, w.err = w.to.Write(b.Bytes())
	}
}

// Compressed returns a writer that compresses by what a file's name ends with: .gz or .zst; others pass through. Close ends it.
func Compressed(to io.Writer, name string) (io.WriteCloser, error) {
	switch {
	case strings.HasSuffix(name, ".gz"):
		return gzip.NewWriter(to), nil
	case strings.HasSuffix(name, ".zst"):
		return zstd.NewWriter(to)
	}
	return plain{to}, nil
}

type plain struct{ io.Writer }

func (plain) Close() error { return nil }

// decompressed returns what r holds, by the bytes that it begins with.
func decompressed(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	switch head, _ := b.Peek(4); {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return gzip.NewReader(b)
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return zstd.NewReader(b, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(64<<20))
	}
	return b, nil
}

var errNoEnd = errors.New("the backup is cut off: its last line is missing")

// Read reads a file that Write wrote, compressed or not, and all of it or an error: a line that is missing or changed is one.
func Read(from io.Reader) (*Dump, error) {
	from, err := decompressed(from)
	if err != nil {
		return nil, fmt.Errorf("reading the backup: %w", err)
	}
	d := &Dump{Configs: map[string]registry.Config{}, Modes: map[string]string{}}
	sum, r := sha256.New(), bufio.NewReaderSize(from, 1<<20)
	for n := 1; ; n++ {
		b, err := readLine(r)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errNoEnd
		}
		if err != nil {
			return nil, fmt.Errorf("reading line %d of the backup: %w", n, err)
		}
		var l line
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		if err := dec.Decode(&l); err != nil {
			if n == 1 {
				return nil, errors.New("it is no backup of a registry: its first line is another")
			}
			return nil, fmt.Errorf("line %d of the backup is malformed: %w", n, err)
		}
		switch {
		case n == 1 && l.Format != format:
			return nil, errors.New("it is no backup of a registry: its first line is another")
		case n == 1 && l.Version != formatVersion:
			return nil, fmt.Errorf("the backup has version %d of its format: this millrace reads version %d", l.Version, formatVersion)
		case l.End != nil:
			if l.End.Lines != n-1 || l.End.SHA256 != hex.EncodeToString(sum.Sum(nil)) {
				return nil, errors.New("the backup is damaged: its content is not that of its checksum")
			}
			if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
				return nil, errors.New("the backup is damaged: something follows its last line")
			}
			d.sort()
			return d, nil
		}
		sum.Write(b)
		if n == 1 {
			continue
		}
		if err := d.add(&l); err != nil {
			return nil, fmt.Errorf("line %d of the backup: %w", n, err)
		}
	}
}

func readLine(r *bufio.Reader) ([]byte, error) {
	var out []byte
	for {
		part, err := r.ReadSlice('\n')
		out = append(out, part...)
		switch {
		case err == nil:
			return out, nil
		case !errors.Is(err, bufio.ErrBufferFull):
			return nil, err
		case len(out) > mostLine:
			return nil, fmt.Errorf("it is longer than %d bytes", mostLine)
		}
	}
}

func (d *Dump) add(l *line) error {
	switch {
	case l.Schema != nil:
		var it item
		if err := json.Unmarshal(l.Schema, &it); err != nil {
			return err
		}
		v, err := it.version()
		if err != nil {
			return err
		}
		v.Deleted, v.Time = l.Deleted, l.TS
		d.Versions = append(d.Versions, v)
	case l.Scope != nil && l.Config != nil:
		var c registry.Config
		if err := json.Unmarshal(l.Config, &c); err != nil {
			return err
		}
		d.Configs[*l.Scope] = c
	case l.Scope != nil && l.Mode != "":
		d.Modes[*l.Scope] = l.Mode
	case l.Association != nil:
		var given association
		if err := json.Unmarshal(l.Association, &given); err != nil {
			return err
		}
		a, err := given.value()
		if err != nil {
			return err
		}
		d.Associations = append(d.Associations, a)
	case l.Context != "":
		d.Contexts = append(d.Contexts, l.Context)
	default:
		return errors.New("it holds nothing that this millrace knows")
	}
	return nil
}
