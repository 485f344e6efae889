package wire

import (
	"encoding/binary"
	"fmt"
)

// Apicurio's headers, where its serializers are told to leave the data bare. The ids are 8 bytes.
const (
	apicurioKey   = "apicurio.key."
	apicurioValue = "apicurio.value."
	globalID      = "globalId"
	contentID     = "contentId"
	contentHash   = "contentHash"
	artifactID    = "artifactId"
)

// AppendApicurio appends Apicurio 2's prefix, of 8 bytes. That of Apicurio 3 is Append's.
func AppendApicurio(dst []byte, id int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, MagicID), uint64(id))
}

// ParseApicurio splits a record with a prefix of Apicurio's of 4 or 8 bytes into id and datum, which aliases b. Which of the
// two it is shows where ids are positive and below 2³¹: four zero bytes begin one of 8, as Apicurio's optimistic fallback has it.
// Apicurio 3 writes content ids in 4 bytes, Apicurio 2 global ids in 8, unless they were configured otherwise.
func ParseApicurio(b []byte) (id int64, datum []byte, err error) {
	if err := begins(b, MagicID, 5); err != nil {
		return 0, nil, err
	}
	if n := binary.BigEndian.Uint32(b[1:]); n != 0 || len(b) < 9 {
		id, datum = int64(int32(n)), b[5:]
	} else {
		id, datum = int64(binary.BigEndian.Uint64(b[1:])), b[9:]
	}
	if id <= 0 {
		return 0, nil, fmt.Errorf("%w: Apicurio has no id %d", ErrFrame, id)
	}
	return id, datum, nil
}

// headerID reads an id out of a header's value.
func headerID(b []byte) (int64, error) {
	if len(b) != 8 {
		return 0, fmt.Errorf("%w: Apicurio's header has %d bytes, not 8", ErrFrame, len(b))
	}
	id := int64(binary.BigEndian.Uint64(b))
	if id <= 0 {
		return 0, fmt.Errorf("%w: Apicurio has no id %d", ErrFrame, id)
	}
	return id, nil
}
