package avro

import (
	"strconv"

	"github.com/millrace/millrace/compat/schema"
)

// printer writes a schema as Java's Schema.toString does. https://avro.apache.org/docs/1.12.0/api/java/org/apache/avro/Schema.html
type printer struct {
	buf   []byte
	known map[Name]bool // names that are written as a reference
	depth int           // levels open
	most  int           // the deepest that was reached
}

// printed returns the schema text of t, with the known types by name, and how deep it nests. It is cut short beyond MaxDepth.
func printed(t *Type, known []Name) (string, int) {
	p := printer{known: make(map[Name]bool, len(known))}
	for _, n := range known {
		p.known[n] = true
	}
	p.write(t, "")
	return string(p.buf), p.most
}

// text returns the schema text of t alone.
func text(t *Type) string {
	s, _ := printed(t, nil)
	return s
}

// open and close write a bracket, and stop what is nested beyond any document that could be read again.
func (p *printer) open(c byte) bool {
	p.depth++
	p.most = max(p.most, p.depth)
	p.buf = append(p.buf, c)
	return p.depth <= MaxDepth
}

func (p *printer) close(c byte) {
	p.depth--
	p.buf = append(p.buf, c)
}

func (p *printer) raw(s string)    { p.buf = append(p.buf, s...) }
func (p *printer) string(s string) { p.buf = schema.AppendString(p.buf, s) }

func (p *printer) props(props []Prop) {
	for _, pr := range props {
		p.buf = append(p.buf, ',')
		p.string(pr.Name)
		p.buf = append(p.buf, ':')
		p.buf = appendValue(p.buf, pr.Value)
	}
}

// write writes t inside namespace space.
func (p *printer) write(t *Type, space string) {
	switch t.Kind {
	case Record, Enum, Fixed:
		p.named(t, space)
	case Array, Map:
		if p.open('{') {
			p.raw(`"type":"`)
			p.raw(t.Kind.String())
			p.raw(map[Kind]string{Array: `","items":`, Map: `","values":`}[t.Kind])
			p.write(t.Elem, space)
			p.props(t.Props)
		}
		p.close('}')
	case Union:
		if p.open('[') {
			for i, b := range t.Branches {
				if i > 0 {
					p.buf = append(p.buf, ',')
				}
				p.write(b, space)
			}
		}
		p.close(']')
	default:
		if len(t.Props) == 0 {
			p.string(t.Kind.String())
			return
		}
		p.raw(`{"type":"`)
		p.raw(t.Kind.String())
		p.raw(`"`)
		p.props(t.Props)
		p.raw("}")
	}
}

func (p *printer) named(t *Type, space string) {
	if t.placeholder || p.known[t.Name] {
		p.string(t.Name.qualified(space))
		return
	}
	p.known[t.Name] = true
	defer p.close('}')
	if !p.open('{') {
		return
	}
	kind := t.Kind.String()
	if t.IsError {
		kind = "error"
	}
	p.raw(`"type":"` + kind + `","name":`)
	p.string(t.Name.Short)
	if t.Name.Space != space {
		p.raw(`,"namespace":`)
		p.string(t.Name.Space)
	}
	if t.Doc != nil {
		p.raw(`,"doc":`)
		p.string(*t.Doc)
	}
	switch t.Kind {
	case Record:
		p.raw(`,"fields":`)
		if p.open('[') {
			for i, f := range t.Fields {
				if i > 0 {
					p.buf = append(p.buf, ',')
				}
				p.field(f, t.Name.Space)
			}
		}
		p.close(']')
	case Enum:
		p.raw(`,"symbols":`)
		p.strings(t.Symbols)
		if t.EnumDefault != nil {
			p.raw(`,"default":`)
			p.string(*t.EnumDefault)
		}
	case Fixed:
		p.raw(`,"size":`)
		p.buf = strconv.AppendInt(p.buf, int64(t.Size), 10)
	}
	p.props(t.Props)
	if len(t.Aliases) > 0 {
		aliases := make([]string, len(t.Aliases))
		for i, a := range t.Aliases {
			aliases[i] = a.qualified(t.Name.Space)
		}
		p.raw(`,"aliases":`)
		p.strings(aliases)
	}
}

func (p *printer) field(f *Field, space string) {
	defer p.close('}')
	if !p.open('{') {
		return
	}
	p.raw(`"name":`)
	p.string(f.Name)
	p.raw(`,"type":`)
	p.write(f.Type, space)
	if f.Doc != nil {
		p.raw(`,"doc":`)
		p.string(*f.Doc)
	}
	if f.Default != nil {
		p.raw(`,"default":`)
		p.buf = appendValue(p.buf, f.Default)
	}
	if f.Order != Ascending {
		p.raw(`,"order":"` + f.Order.String() + `"`)
	}
	if len(f.Aliases) > 0 {
		p.raw(`,"aliases":`)
		p.strings(f.Aliases)
	}
	p.props(f.Props)
}

func (p *printer) strings(list []string) {
	p.buf = append(p.buf, '[')
	for i, s := range list {
		if i > 0 {
			p.buf = append(p.buf, ',')
		}
		p.string(s)
	}
	p.buf = append(p.buf, ']')
}
