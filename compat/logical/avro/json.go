package avro

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
)

// maxNested is how deep a JSON value may nest.
const maxNested = 1000

// decode reads JSON. Of members with the same name the last counts, in the place of the first.
func decode(text string) (logical.Value, error) {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	v, err := decodeValue(d, 0)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one value")
	}
	return v, nil
}

func decodeValue(d *json.Decoder, depth int) (logical.Value, error) {
	if depth > maxNested {
		return nil, errors.New("values nest too deeply")
	}
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token := token.(type) {
	case json.Number:
		return logical.Number(token), nil
	case json.Delim:
		if token == '[' {
			list := []logical.Value{}
			for d.More() {
				e, err := decodeValue(d, depth+1)
				if err != nil {
					return nil, err
				}
				list = append(list, e)
			}
			_, err := d.Token()
			return list, err
		}
		return decodeObject(d, depth)
	default:
		return token, nil
	}
}

func decodeObject(d *json.Decoder, depth int) (logical.Value, error) {
	object := logical.Object{}
	at := make(map[string]int)
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := decodeValue(d, depth+1)
		if err != nil {
			return nil, err
		}
		key, _ := name.(string)
		if i, dup := at[key]; dup {
			object[i].Value = v
			continue
		}
		at[key] = len(object)
		object = append(object, logical.Member{Name: key, Value: v})
	}
	_, err := d.Token()
	return object, err
}

// value returns a value of a schema document. Its String is JSON.
func value(v *native.Value) logical.Value {
	out, err := decode(v.String())
	if err != nil {
		return nil
	}
	return out
}

// bytesOf returns the bytes that a text stands for: a question mark for a character that has none.
func bytesOf(s string) []byte {
	out := make([]byte, 0, len(s))
	for _, c := range s {
		if c > 0xFF {
			c = '?'
		}
		out = append(out, byte(c))
	}
	return out
}
