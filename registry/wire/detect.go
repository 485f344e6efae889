package wire

import (
	"fmt"
	"strings"
)

// Format is a kind of frame.
type Format uint8

// The formats. What IDs name differs: Confluent's are schema ids, Apicurio's are its content or global ids.
const (
	Bare              Format = iota // no frame
	ConfluentID                     // ID; Apicurio 3's prefix looks the same, and holds a content id
	ConfluentGUID                   // GUID
	ApicurioGlobalID                // ID
	ApicurioContentID               // ID
	Glue                            // GUID: the schema version's id
)

// String names the format.
func (f Format) String() string {
	return [...]string{"bare", "Confluent id", "Confluent GUID", "Apicurio global id", "Apicurio content id", "AWS Glue"}[f]
}

// Header is a header of a record. The record headers of franz-go and of other Kafka clients have its shape.
type Header struct {
	Key   string
	Value []byte
}

// Frame is what a record says of its schema.
type Frame struct {
	Format     Format
	ID         int64
	GUID       GUID
	Compressed bool // Glue: Data is a zlib stream, for Inflate
	InHeader   bool
	// Data is what follows the frame. It aliases the record. With Confluent's formats, message indexes of Protobuf stand before
	// the datum: see Indexes.
	Data []byte

	indexes []byte // InHeader: what follows the GUID there
}

// Detect reads how one part of a record names its schema: a header of Confluent's or Apicurio's first, then the bytes before
// the datum. A record that has neither is Bare, with all of its bytes as Data. What looks like a frame may be chance where
// records of other kinds are about: text and JSON never begin so, but bare Avro and Protobuf may.
//
// An 8-byte prefix of Apicurio 2 is told by its four zero bytes, and taken for a global id, which is what it holds by default.
// The error says what is wrong with a frame that was begun in a header; Apicurio's headers that name a schema by artifact or
// hash alone are refused as well.
func Detect[H ~struct {
	Key   string
	Value []byte
}](part Part, headers []H, b []byte) (Frame, error) {
	// The last of several headers of a name counts.
	for i := len(headers) - 1; i >= 0; i-- {
		h := Header(headers[i])
		if h.Key == part.Header() {
			return inConfluentHeader(h.Value, b)
		}
	}
	prefix, byName := part.apicurio(), false
	for i := len(headers) - 1; i >= 0; i-- {
		h := Header(headers[i])
		name, ok := strings.CutPrefix(h.Key, prefix)
		if !ok {
			continue
		}
		switch name {
		case globalID, contentID:
			id, err := headerID(h.Value)
			if err != nil {
				return Frame{}, err
			}
			format := ApicurioGlobalID
			if name == contentID {
				format = ApicurioContentID
			}
			return Frame{Format: format, ID: id, InHeader: true, Data: b}, nil
		case contentHash, artifactID:
			byName = true
		}
	}
	if byName {
		return Frame{}, fmt.Errorf("%w: Apicurio's headers name the schema by artifact or hash, and by no id", ErrFrame)
	}
	return inPayload(b), nil
}

func inConfluentHeader(h, b []byte) (Frame, error) {
	f := Frame{InHeader: true, Data: b}
	var err error
	if len(h) > 0 && h[0] == MagicID {
		var id int
		id, f.indexes, err = Parse(h)
		f.Format, f.ID = ConfluentID, int64(id)
	} else {
		f.GUID, f.indexes, err = ParseGUID(h)
		f.Format = ConfluentGUID
	}
	if err != nil {
		return Frame{}, fmt.Errorf("reading the header of the schema id: %w", err)
	}
	return f, nil
}

func inPayload(b []byte) Frame {
	bare := Frame{Data: b}
	if len(b) < 5 {
		return bare
	}
	switch b[0] {
	case MagicID:
		id, data, err := ParseApicurio(b)
		switch {
		case err != nil:
			return bare
		case len(b)-len(data) == 9:
			return Frame{Format: ApicurioGlobalID, ID: id, Data: data}
		}
		return Frame{Format: ConfluentID, ID: id, Data: data}
	case MagicGUID:
		if g, data, err := ParseGUID(b); err == nil {
			return Frame{Format: ConfluentGUID, GUID: g, Data: data}
		}
	case MagicGlue:
		if g, compression, data, err := ParseGlue(b); err == nil {
			return Frame{Format: Glue, GUID: g, Compressed: compression == GlueZlib, Data: data}
		}
	}
	return bare
}

// Indexes appends the message indexes of a Protobuf record in one of Confluent's formats to dst, and returns them with the
// datum.
func (f *Frame) Indexes(dst []int, as Varint) (indexes []int, datum []byte, err error) {
	if !f.InHeader {
		return ParseIndexes(dst, f.Data, as)
	}
	indexes, rest, err := ParseIndexes(dst, f.indexes, as)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%w: %d bytes follow the message indexes in the header", ErrFrame, len(rest))
	}
	return indexes, f.Data, err
}
