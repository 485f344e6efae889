package runtime

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/connect/offset"
)

// prepared is a configuration that was understood.
type prepared struct {
	kind   connect.Connector
	values config.Values // references resolved: it may hold secrets
	tasks  []config.Values
	stored []map[string]string // tasks with references where the user wrote them
}

// Kind finds a kind of connector by its class, its class without package, the same without "Connector", or its alias.
func (w *Worker) Kind(class string) (connect.Connector, bool) {
	for _, k := range w.cfg.Kinds {
		simple := k.Class[strings.LastIndexByte(k.Class, '.')+1:]
		if class != "" && slices.Contains([]string{k.Class, simple, strings.TrimSuffix(simple, "Connector"), k.Alias}, class) {
			return k, true
		}
	}
	return connect.Connector{}, false
}

// Spec returns the options of a kind of connector, the common ones first.
func (w *Worker) Spec(k connect.Connector) config.Spec { return specOf(k.Spec) }

// Validate returns everything that is wrong with raw. It connects to the connector's system where its kind does that; with
// faults that need no connection it does not try.
func (w *Worker) Validate(ctx context.Context, raw map[string]string) []config.Fault {
	_, faults := w.validate(ctx, raw)
	return faults
}

// validate is Validate that keeps what it understood.
func (w *Worker) validate(ctx context.Context, raw map[string]string) (*prepared, []config.Fault) {
	p, faults := w.prepare(raw)
	if len(faults) == 0 && p.kind.Validate != nil {
		err := guard(func() error { faults = p.kind.Validate(ctx, p.values); return nil })
		if err != nil {
			faults = append(faults, config.Fault{Msg: "checking the configuration: " + err.Error()})
		}
	}
	return p, faults
}

// prepare reads raw without connecting to anything.
func (w *Worker) prepare(raw map[string]string) (*prepared, []config.Fault) {
	class := raw["connector.class"]
	kind, ok := w.Kind(class)
	if !ok {
		f := config.Fault{Option: "connector.class", Kind: config.Invalid, Value: class, Msg: "there is no such connector; there are " + strings.Join(w.classes(), ", ")}
		if class == "" {
			f = config.Fault{Option: "connector.class", Kind: config.Missing, Msg: "is required and not set"}
		}
		return nil, []config.Fault{f}
	}
	resolved := raw
	if w.cfg.Resolve != nil {
		var faults []config.Fault
		if resolved, faults = w.cfg.Resolve(raw); len(faults) > 0 {
			return nil, faults
		}
	}
	p := &prepared{kind: kind}
	var faults []config.Fault
	p.values, faults = w.Spec(kind).Parse(resolved)
	if kind.Source == nil {
		faults = append(faults, config.Fault{Option: "connector.class", Kind: config.Refused, Value: class, Msg: "this worker runs sources, and this is none"})
	}
	if len(faults) > 0 {
		return nil, faults
	}
	for _, part := range []convert.Part{convert.Key, convert.Value} {
		if err := guard(func() error { _, err := w.converter(p.values, part); return err }); err != nil {
			faults = append(faults, config.Fault{Option: part.String() + ".converter", Kind: config.Refused, Msg: err.Error()})
		}
	}
	err := guard(func() (err error) {
		p.tasks, err = kind.Tasks(p.values, p.values.Int("tasks.max"))
		return err
	})
	if err != nil {
		faults = append(faults, config.Fault{Msg: err.Error()})
	}
	if len(faults) > 0 {
		return nil, faults
	}
	for _, t := range p.tasks {
		stored := make(map[string]string, len(t))
		for k, v := range t {
			if r, ok := raw[k]; ok && r != resolved[k] && v == resolved[k] {
				v = r // a secret stays a reference wherever it is kept
			}
			stored[k] = v
		}
		p.stored = append(p.stored, stored)
	}
	return p, nil
}

func (w *Worker) classes() []string {
	var all []string
	for _, k := range w.cfg.Kinds {
		all = append(all, k.Class)
	}
	return all
}

// converter makes the converter of one part: the connector's, or else the worker's with the worker's options.
func (w *Worker) converter(v config.Values, part convert.Part) (convert.Converter, error) {
	name := part.String() + ".converter"
	if !v.Has(name) {
		v = config.Values(w.cfg.Defaults)
	}
	if !v.Has(name) {
		return nil, errors.New("is set neither for the connector nor for the worker")
	}
	return w.cfg.Converter(v.Get(name), v.Under(name+"."), part)
}

// policyOf reads the options of error handling, Debezium's among them where the connector has them.
func policyOf(v config.Values) Policy {
	retries := v.Int("errors.max.retries") // Debezium's: -1 for no limit, 0 for none
	switch {
	case retries < 0:
		retries = 0
	case retries == 0 && v.Has("errors.max.retries"):
		retries = -1
	}
	return Policy{
		TolerateBad: v.Get("errors.tolerance") == "all", LogBad: v.Bool("errors.log.enable"),
		MaxRetries: retries, MaxElapsed: v.Duration("errors.retry.timeout"), MaxDelay: v.Duration("errors.retry.delay.max.ms"),
	}
}

// task makes the Task of one task configuration.
func (w *Worker) task(c *connector, p *prepared, id int, onState func(State, error)) (*Task, error) {
	v := p.tasks[id]
	key, err := w.converter(p.values, convert.Key)
	if err != nil {
		return nil, fmt.Errorf("making the key's converter: %w", err)
	}
	value, err := w.converter(p.values, convert.Value)
	if err != nil {
		return nil, fmt.Errorf("making the value's converter: %w", err)
	}
	metrics := w.cfg.Metrics.Task(c.name, id)
	env := connect.Env{Name: c.name, Task: id, Log: w.log.With(slog.String("connector", c.name), slog.Int("task", id)), Gauges: metrics}
	return &Task{
		Name: c.name, ID: id,
		Source:   func() (connect.Source, error) { return p.kind.Source(env, v) },
		Producer: func(ctx context.Context) (connect.Producer, error) { return w.cfg.Producer(ctx, env, p.values) },
		Key:      key, Value: value,
		Offsets: w.cfg.Offsets, OffsetKey: offset.Key{Connector: c.name, Partition: partition(p.kind, v)},
		Policy: policyOf(p.values), Limits: w.cfg.Limits, Log: w.log, Metrics: metrics, OnState: onState,
		Hooks: Hooks{NewTopic: func(topic string) { w.foundTopic(c, id, topic, time.Now()) }},
	}, nil
}

func partition(k connect.Connector, v config.Values) string {
	if k.Partition == nil {
		return offset.Partition(nil)
	}
	return offset.Partition(k.Partition(v))
}
