package json

import (
	"strconv"

	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
)

// appendSchema writes a schema in Connect's JSON form but for its closing brace, so that a struct can add the field's name.
func (c *compiler) appendSchema(dst []byte, s *record.Schema, path string) ([]byte, error) {
	if s.Kind < record.Boolean || s.Kind > record.Struct {
		return nil, &convert.SchemaError{Path: path, Msg: "a schema without a type"}
	}
	dst = append(append(append(dst, `{"type":"`...), s.Kind.String()...), '"')
	var err error
	inner := func(member string, s *record.Schema, path string) {
		if err == nil {
			dst = append(dst, member...)
			if dst, err = c.appendSchema(dst, s, path); err == nil {
				dst = append(dst, '}')
			}
		}
	}
	switch s.Kind {
	case record.Array:
		inner(`,"items":`, s.Elem, path+"[]")
	case record.Map:
		inner(`,"keys":`, s.Key, path+"[key]")
		inner(`,"values":`, s.Elem, path+"[]")
	case record.Struct:
		dst = append(dst, `,"fields":[`...)
		for i := range s.Fields {
			if i > 0 {
				dst = append(dst, ',')
			}
			if dst, err = c.appendSchema(dst, s.Fields[i].Schema, join(path, s.Fields[i].Name)); err != nil {
				return nil, err
			}
			dst = append(appendString(append(dst, `,"field":`...), []byte(s.Fields[i].Name)), '}')
		}
		dst = append(dst, ']')
	}
	if err != nil {
		return nil, err
	}
	dst = strconv.AppendBool(append(dst, `,"optional":`...), s.Optional)
	if s.Name != "" {
		dst = appendString(append(dst, `,"name":`...), []byte(s.Name))
	}
	if s.Version != 0 {
		dst = strconv.AppendInt(append(dst, `,"version":`...), int64(s.Version), 10)
	}
	if s.Doc != "" {
		dst = appendString(append(dst, `,"doc":`...), []byte(s.Doc))
	}
	if len(s.Params) > 0 {
		dst = append(dst, `,"parameters":`...)
		for i, p := range s.Params {
			dst = append(dst, "{,"[min(i, 1)])
			dst = append(appendString(dst, []byte(p.Name)), ':')
			dst = appendString(dst, []byte(p.Value))
		}
		dst = append(dst, '}')
	}
	if s.Default != nil && s.Default.V != nil {
		return c.appendLiteral(append(dst, `,"default":`...), s, s.Default, path)
	}
	return dst, nil
}
