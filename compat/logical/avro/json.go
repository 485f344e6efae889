package avro

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/schema"
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

// appendJSON writes a value. Bytes become text, a character for each, as Avro has them.
func appendJSON(dst []byte, v logical.Value) []byte {
	switch v := v.(type) {
	case bool:
		if v {
			return append(dst, "true"...)
		}
		return append(dst, "false"...)
	case string:
		return schema.AppendString(dst, v)
	case []byte:
		return schema.AppendString(dst, latin1(v))
	case logical.Number:
		if json.Valid([]byte(v)) {
			return append(dst, v...)
		}
		return schema.AppendString(dst, string(v))
	case []logical.Value:
		dst = append(dst, '[')
		for i, e := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendJSON(dst, e)
		}
		return append(dst, ']')
	case logical.Object:
		dst = append(dst, '{')
		for i, m := range v {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(schema.AppendString(dst, m.Name), ':')
			dst = appendJSON(dst, m.Value)
		}
		return append(dst, '}')
	}
	return append(dst, "null"...)
}

// latin1 returns the text whose characters are the bytes.
func latin1(b []byte) string {
	out := make([]rune, len(b))
	for i, c := range b {
		out[i] = rune(c)
	}
	return string(out)
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

// textOf returns a value as Java's toString does where it is a scalar: what a list of tags may hold.
func textOf(v logical.Value) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(appendJSON(nil, v))
}

// member returns a member of an object, and whether it is there.
func member(o logical.Object, name string) (logical.Value, bool) {
	for _, m := range o {
		if m.Name == name {
			return m.Value, true
		}
	}
	return nil, false
}
