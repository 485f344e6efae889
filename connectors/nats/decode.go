package nats

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/nats-io/nats.go"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/record"
)

// decode is the opposite of encode; headers are sorted by name.
func decode(subject string, h nats.Header, data []byte) (connect.Message, error) {
	m := connect.Message{Topic: subject, Value: data}
	if m.Value == nil {
		m.Value = []byte{}
	}
	for name, values := range h {
		if name == TombstoneHeader {
			m.Value = nil
			continue
		}
		if hasPrefixFold(name, "nats-") {
			continue
		}
		plain, binary := strings.CutSuffix(name, base64Suffix)
		for _, text := range values {
			v := []byte(text)
			if binary {
				var err error
				if v, err = base64.StdEncoding.DecodeString(text); err != nil {
					return connect.Message{}, fmt.Errorf("header %s is not base64", name)
				}
			}
			if plain == KeyHeader {
				m.Key = v
				continue
			}
			m.Headers = append(m.Headers, record.Header{Key: ownName(plain), Value: v})
		}
	}
	slices.SortStableFunc(m.Headers, func(a, b record.Header) int { return strings.Compare(a.Key, b.Key) })
	return m, nil
}

// ownName takes off what keeps a record header's name apart from reserved ones.
func ownName(s string) string {
	if rest, ok := strings.CutPrefix(s, reserved); ok && (hasPrefixFold(rest, "nats-") || hasPrefixFold(rest, reserved)) {
		return rest
	}
	return s
}
