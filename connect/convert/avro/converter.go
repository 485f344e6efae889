package avro

import (
	"context"
	"errors"
	"fmt"
	"time"

	compat "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/record"
	"github.com/millrace/millrace/registry/wire"
)

// Registry is what a converter asks of a schema registry. Its errors are wrapped in a *RegistryError.
type Registry interface {
	// Register returns the id of a schema under subject, which becomes a new version if it is not one yet.
	Register(ctx context.Context, subject, text string, normalize bool) (id int, err error)
	// Lookup returns the id of a schema that is a version of subject.
	Lookup(ctx context.Context, subject, text string, normalize bool) (id int, err error)
	// Latest returns the newest version of subject.
	Latest(ctx context.Context, subject string) (id int, text string, err error)
	// ByID returns the schema of an id.
	ByID(ctx context.Context, id int) (text string, err error)
	// Retriable reports whether what caused an error may pass by itself.
	Retriable(err error) bool
}

// Namer names subjects. *client.Namer is one.
type Namer interface {
	// SubjectUntil returns the subject of a part of the records of topic, whose type has the full name record, "" for none, and
	// when it is to be asked for again; the zero time is never. Its error is a *wire.NoRecordError where a record's name is
	// missing; others tell their class by a method, see connect.ClassOf.
	SubjectUntil(ctx context.Context, topic string, part convert.Part, record string) (subject string, until time.Time, err error)
}

// Options are the converter's options. The zero value holds Confluent's defaults, but for the registry, which is required.
type Options struct {
	Registry   Registry
	Namer      Namer // nil: subjects are named after topics
	NoRegister bool  // auto.register.schemas=false: the schema must be there
	UseLatest  bool  // use.latest.version: rows are written with the subject's newest schema; with NoRegister only
	UseID      int   // use.schema.id: rows are written with the schema of this id; 0: off. With NoRegister only
	Normalize  bool  // normalize.schemas

	NoMetadata      bool // connect.meta.data=false
	ScrubNames      bool // scrub.invalid.names
	KeepNulls       bool // ignore.default.for.nullables
	OptionalMapKeys bool // allow.optional.map.keys
	DiscardTypeDocs bool // discard.type.doc.default
}

// Converter compiles encoders and registers their schemas. It is safe for concurrent use.
type Converter struct{ o Options }

// New returns a converter. Nothing is asked of the registry yet.
func New(o Options) *Converter { return &Converter{o} }

// RegistryError is an answer of the registry that keeps rows from being encoded.
type RegistryError struct {
	Op, Subject string
	Err         error
	temporary   bool
}

// Error names the subject and what was being done.
func (e *RegistryError) Error() string { return fmt.Sprintf("%s %q: %v", e.Op, e.Subject, e.Err) }

// Unwrap returns the registry's error.
func (e *RegistryError) Unwrap() error { return e.Err }

// Retriable reports whether the registry could not be reached or was not ready, rather than refuse the schema.
func (e *RegistryError) Retriable() bool { return e.temporary }

// absent encodes a part without schema, which is null: no bytes.
type absent struct{}

func (absent) Append(dst []byte, _ *record.Batch, _ uint32) ([]byte, error) { return dst, nil }

// Encoder registers the schema of s, or looks it up, and compiles the plan of its rows. The error is a *RegistryError, or a
// *convert.SchemaError when Avro or the registered schema has no place for a value, or the Namer's.
func (v *Converter) Encoder(ctx context.Context, topic string, part convert.Part, s *record.Schema) (convert.Encoder, error) {
	if s == nil {
		return absent{}, nil
	}
	own, err := Schema(s, v.o)
	if err != nil {
		return nil, err
	}
	subject, until, err := v.subject(ctx, topic, part, own)
	if err != nil {
		return nil, err
	}
	id, written, err := v.written(ctx, subject, own)
	if err != nil {
		return nil, err
	}
	e, err := compile(s, written, &v.o, wire.Append(nil, id))
	if err != nil {
		return nil, err
	}
	e.until = until
	return e, nil
}

// subject returns the name that the schema goes by, and until when.
func (v *Converter) subject(ctx context.Context, topic string, part convert.Part, own *compat.Schema) (subject string, until time.Time, err error) {
	name, t := "", own.Root()
	if t.Kind == compat.Record {
		name = t.Name.Full()
	}
	if v.o.Namer == nil {
		subject, err = wire.TopicName.Subject(topic, part, name)
	} else {
		subject, until, err = v.o.Namer.SubjectUntil(ctx, topic, part, name)
	}
	if none := (*wire.NoRecordError)(nil); errors.As(err, &none) {
		err = &convert.SchemaError{Msg: fmt.Sprintf("%v, but of type %v: use TopicNameStrategy", none, t.Kind)}
	}
	return subject, until, err
}

// written returns the id and type that rows are written with.
func (v *Converter) written(ctx context.Context, subject string, own *compat.Schema) (int, *compat.Type, error) {
	fail := func(op string, err error) (int, *compat.Type, error) {
		return 0, nil, &RegistryError{Op: op, Subject: subject, Err: err, temporary: v.o.Registry.Retriable(err)}
	}
	other := func(id int, text string) (int, *compat.Type, error) {
		s, err := compat.Parse(schema.Document{Text: text}, nil, schema.Options{Lenient: true})
		if err != nil {
			return fail("reading the schema of", err)
		}
		return id, s.Root(), nil
	}
	switch {
	case !v.o.NoRegister:
		id, err := v.o.Registry.Register(ctx, subject, own.Canonical(), v.o.Normalize)
		if err != nil {
			return fail("registering the schema of", err)
		}
		return id, own.Root(), nil
	case v.o.UseID > 0:
		text, err := v.o.Registry.ByID(ctx, v.o.UseID)
		if err != nil {
			return fail(fmt.Sprintf("getting schema %d for", v.o.UseID), err)
		}
		return other(v.o.UseID, text)
	case v.o.UseLatest:
		id, text, err := v.o.Registry.Latest(ctx, subject)
		if err != nil {
			return fail("getting the latest schema of", err)
		}
		return other(id, text)
	}
	id, err := v.o.Registry.Lookup(ctx, subject, own.Canonical(), v.o.Normalize)
	if err != nil {
		return fail("looking up the schema of", err)
	}
	return id, own.Root(), nil
}

// Errors for a Registry whose schema cannot be written with.
var (
	ErrReferences = errors.New("the registered schema has references to other schemas, which a converter does not follow")
	ErrOtherType  = errors.New("the registered schema is no Avro schema")
)
