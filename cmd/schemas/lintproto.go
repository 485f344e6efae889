package schemas

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/millrace/millrace/compat/protobuf"
)

func (l *linter) protobuf(ctx context.Context, now, before *protobuf.Schema) error {
	n, err := now.Descriptor(ctx)
	if err != nil {
		return fmt.Errorf("linking %s: %w", l.f.Path, err)
	}
	l.zeros(n.Enums())
	messagesOf(n.Messages(), nil, func(path []string, m protoreflect.MessageDescriptor) { l.zeros(m.Enums()) })
	if before == nil {
		return nil
	}
	b, err := before.Descriptor(ctx)
	if err != nil {
		return fmt.Errorf("linking the version before %s: %w", l.f.Path, err)
	}
	l.enums(nil, n.Enums(), b.Enums())
	messagesOf(n.Messages(), nil, func(path []string, m protoreflect.MessageDescriptor) {
		if old := messageAt(b.Messages(), path); old != nil {
			l.fields(path, m, old)
			l.enums(path, m.Enums(), old.Enums())
		}
	})
	return nil
}

// messagesOf calls each for messages and those inside them, but not for the entries of maps.
func messagesOf(list protoreflect.MessageDescriptors, path []string, each func([]string, protoreflect.MessageDescriptor)) {
	for i := range list.Len() {
		m := list.Get(i)
		if m.IsMapEntry() {
			continue
		}
		at := append(path[:len(path):len(path)], string(m.Name()))
		each(at, m)
		messagesOf(m.Messages(), at, each)
	}
}

func messageAt(list protoreflect.MessageDescriptors, path []string) protoreflect.MessageDescriptor {
	m := list.ByName(protoreflect.Name(path[0]))
	if m == nil || len(path) == 1 {
		return m
	}
	return messageAt(m.Messages(), path[1:])
}

func (l *linter) at(path ...string) int { return protoOffset(l.f.Text, path) }

// zeros warns of enums whose zero means something: it is what readers get for what is not there.
func (l *linter) zeros(list protoreflect.EnumDescriptors) {
	for i := range list.Len() {
		e := list.Get(i)
		zero := e.Values().ByNumber(0)
		if zero == nil || strings.HasSuffix(string(zero.Name()), "UNSPECIFIED") || strings.HasSuffix(string(zero.Name()), "UNKNOWN") {
			continue
		}
		l.warn(l.at(string(e.Name())), "ENUM_ZERO_HAS_MEANING", "let 0 be a constant that ends with UNSPECIFIED",
			"the constant 0 of enum %s is %s: readers cannot tell it from a field that was not set, or a constant they do not know", e.Name(), zero.Name())
	}
}

func (l *linter) fields(path []string, now, before protoreflect.MessageDescriptor) {
	for i := range before.Fields().Len() {
		old := before.Fields().Get(i)
		number := itoa(int(old.Number()))
		here := now.Fields().ByNumber(old.Number())
		switch {
		case here == nil && !now.ReservedRanges().Has(old.Number()):
			l.warn(l.at(path...), "FIELD_NUMBER_NOT_RESERVED", "add reserved "+number+";",
				"field %s is gone and its number %s is not reserved: who uses it again makes old data be read as something else", old.Name(), number)
		case here != nil && here.Name() != old.Name() && (now.Fields().ByName(old.Name()) != nil || before.Fields().ByName(here.Name()) != nil):
			l.warn(l.at(append(path[:len(path):len(path)], number)...), "FIELD_NUMBER_REUSED", "give "+string(here.Name())+" a number of its own",
				"number %s was field %s and is now %s: old data is read as something else", number, old.Name(), here.Name())
		case here != nil && here.Name() != old.Name():
			l.warn(l.at(append(path[:len(path):len(path)], number)...), "FIELD_RENAMED", `keep json_name = "`+old.JSONName()+`" where JSON is used`,
				"field %s is now %s: JSON and generated code know it by its name; if it means something else, its number is used again", old.Name(), here.Name())
		}
	}
}

// aliased reports that an enum may have several names for a number.
func aliased(e protoreflect.EnumDescriptor) bool {
	o, ok := e.Options().(*descriptorpb.EnumOptions)
	return ok && o.GetAllowAlias()
}

func (l *linter) enums(path []string, now, before protoreflect.EnumDescriptors) {
	for i := range before.Len() {
		old := before.Get(i)
		e := now.ByName(old.Name())
		if e == nil {
			continue
		}
		at := l.at(append(path[:len(path):len(path)], string(e.Name()))...)
		for j := range old.Values().Len() {
			v := old.Values().Get(j)
			here := e.Values().ByNumber(v.Number())
			switch {
			case e.Values().ByName(v.Name()) != nil && e.Values().ByName(v.Name()).Number() != v.Number():
				l.warn(at, "ENUM_NUMBER_CHANGED", "give it its old number back", "constant %s was %d and is now %d", v.Name(), v.Number(), e.Values().ByName(v.Name()).Number())
			case here != nil && here.Name() != v.Name() && e.Values().ByName(v.Name()) == nil && !aliased(e):
				l.warn(at, "ENUM_NUMBER_REUSED", "give the new constant a number of its own", "number %d was %s and is now %s: old data is read as something else", v.Number(), v.Name(), here.Name())
			case here == nil && !e.ReservedRanges().Has(v.Number()):
				l.warn(at, "ENUM_NUMBER_NOT_RESERVED", fmt.Sprintf("add reserved %d;", v.Number()), "constant %s is gone and its number %d is not reserved", v.Name(), v.Number())
			}
		}
	}
}
