package compat_test

import (
	"cmp"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/millrace/millrace/compat"
	"github.com/millrace/millrace/compat/protobuf"
	"github.com/millrace/millrace/compat/schema"
)

// TestProtobufEncodersAgree holds the verdict of BACKWARD beside what Google's codec does: messages written with the old file are
// read with the new one where it is compatible, every field that the new file still has is understood, and those of the same type
// have the values that were written.
func TestProtobufEncodersAgree(t *testing.T) {
	g := protoGenerator{Rand: rand.New(rand.NewPCG(4, 2))}
	compatible, unpacked, tally := 0, 0, map[string][2]int{}
	for range agreePairs {
		old := g.file()
		candidate, changes := g.mutate(old)
		writer, reader := parseProtobuf(t, old.text()), parseProtobuf(t, candidate.text())
		findings := compat.Judge(compat.Backward, reader, []compat.Previous{{Version: 1, Schema: writer}}).Backward
		lost, strange := g.exchange(t, writer, reader)
		if len(findings) == 0 {
			compatible++
			if errors.Is(lost, errUnpacked) {
				unpacked++
			} else if lost != nil {
				t.Errorf("compatible after %s, and yet: %v\n\told %s\n\tnew %s", changes, lost, old.text(), candidate.text())
			}
			continue
		}
		for _, rule := range rules(findings) {
			n := tally[rule]
			if n[1]++; lost != nil || strange != nil {
				n[0]++
			}
			tally[rule] = n
		}
	}
	t.Logf("%d of %d pairs are compatible; %d of them lose packed numbers, which Confluent's rules allow", compatible, agreePairs, unpacked)
	if compatible < agreePairs/4 || compatible > agreePairs*3/4 {
		t.Errorf("%d of %d pairs are compatible: too lopsided to show anything", compatible, agreePairs)
	}
	// What the other rules refuse are dangers to programs rather than to bytes: a package, a member that a oneof no longer tells.
	holdTally(t, tally, map[string]int{
		protobuf.FieldKindChanged: 90, protobuf.FieldScalarKindChanged: 90, protobuf.FieldNamedTypeChanged: 90, protobuf.FieldNumericLabelChanged: 25,
	})
}

func parseProtobuf(t testing.TB, text string) *protobuf.Schema {
	t.Helper()
	s, err := protobuf.Parse(schema.Document{Text: text}, nil, schema.Options{})
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return s
}

// errUnpacked is what Confluent's rules let through although it loses data: a repeated number becomes a single one without a label.
// Labels are compared only where both are written, and proto3 packs the elements in an encoding of their own.
var errUnpacked = errors.New("a single number does not read packed ones")

// exchange writes messages with the old file and reads them with the new one. lost is what the data loses that fields keep which
// are as before; strange is a value that reads as another because its field's type has changed.
func (g *protoGenerator) exchange(t *testing.T, writer, reader *protobuf.Schema) (lost, strange error) {
	t.Helper()
	of := func(s *protobuf.Schema) protoreflect.MessageDescriptor {
		f, err := s.Descriptor(t.Context())
		if err != nil {
			t.Fatalf("%v: %s", err, s.Canonical())
		}
		return f.Messages().ByName("Value")
	}
	w, r := of(writer), of(reader)
	var c protoComparison
	for range agreeData {
		written, read := dynamicpb.NewMessage(w), dynamicpb.NewMessage(r)
		g.fill(written, 0)
		data, err := proto.Marshal(written)
		if err != nil {
			t.Fatal(err)
		}
		if err := proto.Unmarshal(data, read); err != nil {
			return err, err
		}
		c.messages(written, read)
	}
	return c.lost, c.strange
}

// protoComparison compares what was written with what was read, and keeps the first fault of each kind.
type protoComparison struct{ lost, strange error }

func (c *protoComparison) messages(written, read protoreflect.Message) {
	unknown := map[protoreflect.FieldNumber]bool{} // what the codec put aside, for one because the encoding is not the type's
	for rest := read.GetUnknown(); len(rest) > 0; {
		number, _, n := protowire.ConsumeField(rest)
		if n < 0 {
			c.lost = errors.New("unknown fields do not parse")
			return
		}
		unknown[number], rest = true, rest[n:]
	}
	written.Range(func(wf protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		rf := read.Descriptor().Fields().ByNumber(wf.Number())
		switch {
		case rf == nil:
		case unknown[wf.Number()] && wf.IsList() && !rf.IsList() && !rf.HasOptionalKeyword():
			c.lost = cmp.Or(c.lost, errUnpacked)
		case unknown[wf.Number()]:
			c.lost = cmp.Or(c.lost, fmt.Errorf("field %d (%s) is not in the encoding of its type (%s)", wf.Number(), wf.Kind(), rf.Kind()))
		default:
			c.field(wf, rf, v, read.Get(rf))
		}
		return true
	})
}

func (c *protoComparison) field(wf, rf protoreflect.FieldDescriptor, w, r protoreflect.Value) {
	differ := fmt.Errorf("field %d (%s) was written as %v and is read (%s) as %v", wf.Number(), wf.Kind(), w, rf.Kind(), r)
	switch {
	case wf.IsMap() != rf.IsMap() || (wf.Message() == nil) != (rf.Message() == nil):
		c.strange = cmp.Or(c.strange, differ)
	case wf.IsMap():
		same := wf.MapKey().Kind() == rf.MapKey().Kind() && wf.MapValue().Kind() == rf.MapValue().Kind()
		if !same && fmt.Sprint(w) != fmt.Sprint(r) {
			c.strange = cmp.Or(c.strange, differ)
		} else if same && wf.MapValue().Message() == nil && !w.Equal(r) || w.Map().Len() != r.Map().Len() {
			c.lost = cmp.Or(c.lost, differ)
		} else if same && wf.MapValue().Message() != nil {
			w.Map().Range(func(k protoreflect.MapKey, v protoreflect.Value) bool {
				if got := r.Map().Get(k); got.IsValid() {
					c.messages(v.Message(), got.Message())
				} else {
					c.lost = cmp.Or(c.lost, differ)
				}
				return true
			})
		}
	case wf.Message() != nil && wf.Message().Name() != rf.Message().Name():
		c.strange = cmp.Or(c.strange, differ)
	default:
		c.elements(wf, rf, elements(wf, w), elements(rf, r), differ)
	}
}

func (c *protoComparison) elements(wf, rf protoreflect.FieldDescriptor, w, r []protoreflect.Value, differ error) {
	if len(w) > len(r) && !rf.IsList() { // the last one counts
		w = w[len(w)-1:]
	}
	if len(w) != len(r) {
		c.lost = cmp.Or(c.lost, differ)
		return
	}
	for i := range w {
		switch {
		case wf.Message() != nil && wf.IsList() != rf.IsList(): // which merges them
		case wf.Message() != nil:
			c.messages(w[i].Message(), r[i].Message())
		case wf.Kind() == rf.Kind() && !w[i].Equal(r[i]):
			c.lost = cmp.Or(c.lost, differ)
		case wf.Kind() != rf.Kind() && plain(w[i]) != plain(r[i]):
			c.strange = cmp.Or(c.strange, differ)
		}
	}
}

// elements returns the values of a field that is no map.
func elements(f protoreflect.FieldDescriptor, v protoreflect.Value) []protoreflect.Value {
	if !f.IsList() {
		return []protoreflect.Value{v}
	}
	out := make([]protoreflect.Value, v.List().Len())
	for i := range out {
		out[i] = v.List().Get(i)
	}
	return out
}

// plain is a scalar as text, the same for all types that can hold it.
func plain(v protoreflect.Value) string {
	switch v := v.Interface().(type) {
	case []byte:
		return string(v)
	case protoreflect.EnumNumber:
		return strconv.Itoa(int(v))
	default:
		return fmt.Sprint(v)
	}
}
