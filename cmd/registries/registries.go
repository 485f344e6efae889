package registries

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/cmd/stack"
	"github.com/millrace/millrace/registry/filelog"
	"github.com/millrace/millrace/registry/transfer"
)

// Place is a registry or a store: one of them is named.
type Place struct {
	Access
	Store string
}

// Open opens the place. existing refuses a store that is not there, where one would be made.
func (p Place) Open(ctx context.Context, log *slog.Logger, existing bool) (t transfer.Target, closing func() error, err error) {
	switch {
	case p.URL != "" && p.Store != "":
		return nil, nil, errors.New("--registry and --store exclude each other")
	case p.URL != "":
		r, err := p.Remote(log)
		if err != nil {
			return nil, nil, err
		}
		return r, func() error { r.Client.Close(); return nil }, nil
	case p.Store == "":
		return nil, nil, errors.New("which registry? --registry URL, or --store STORE where no server has it open")
	case p.Store == "memory":
		return nil, nil, errors.New("--store: memory holds nothing and forgets: there are file:DIR, kafka:BROKERS and nats:URL")
	}
	if dir, ok := strings.CutPrefix(p.Store, "file:"); ok && existing {
		if _, err := os.Stat(filepath.Join(dir, filelog.File)); err != nil {
			return nil, nil, fmt.Errorf("there is no store: %w", err)
		}
	}
	l, err := stack.OpenLog(ctx, log, p.Store)
	if err != nil {
		return nil, nil, fmt.Errorf("opening the store: %w", err)
	}
	s, err := transfer.OpenStore(ctx, l, log, progress(log))
	if err != nil {
		return nil, nil, errors.Join(fmt.Errorf("reading the store: %w", err), l.Close())
	}
	return s, s.Close, nil
}

// progressEvery is how often a line tells how far a step is.
const progressEvery = 10 * time.Second

func progress(log *slog.Logger) transfer.Progress {
	var mu sync.Mutex
	last := time.Now()
	return func(step string, done, total int) {
		mu.Lock()
		defer mu.Unlock()
		if time.Since(last) < progressEvery {
			return
		}
		last = time.Now()
		if total > 0 {
			log.Info(step, "done", done, "of", total)
		} else {
			log.Info(step, "done", done)
		}
	}
}

func note(log *slog.Logger, d *transfer.Dump) {
	for _, n := range d.Notes {
		log.Warn(n)
	}
}

// Backup writes what a place holds to a file; "" is out. A file appears when it is whole, or not at all.
func Backup(ctx context.Context, log *slog.Logger, from Place, output string, out, msgs io.Writer) (err error) {
	t, closing, err := from.Open(ctx, log, true)
	if err != nil {
		return err
	}
	d, err := t.Read(ctx)
	if err = errors.Join(err, closing()); err != nil {
		return fmt.Errorf("reading the registry: %w", err)
	}
	note(log, d)
	if output == "" || output == "-" {
		return d.Write(out)
	}
	if err := writeFile(output, d); err != nil {
		return err
	}
	fmt.Fprintf(msgs, "%s: %s\n", output, d.Summary())
	return nil
}

func writeFile(name string, d *transfer.Dump) (err error) {
	f, err := os.CreateTemp(filepath.Dir(name), "."+filepath.Base(name)+".*") // readable by its owner alone
	if err != nil {
		return fmt.Errorf("making the backup: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	w, err := transfer.Compressed(f, name)
	if err != nil {
		return fmt.Errorf("compressing the backup: %w", err)
	}
	if err := d.Write(w); err != nil {
		return err
	}
	if err := errors.Join(w.Close(), f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	if err := os.Rename(f.Name(), name); err != nil {
		return fmt.Errorf("naming the backup: %w", err)
	}
	return nil
}

// Options tune Restore and Import.
type Options struct {
	transfer.Options
	Contexts []string // FROM=TO, or TO where all that is moved is in one context
	Subjects []string // patterns; none: all
}

// Restore brings a place to what a file says; "-" is in.
func Restore(ctx context.Context, log *slog.Logger, name string, in io.Reader, to Place, o Options, out io.Writer) error {
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return fmt.Errorf("opening the backup: %w", err)
		}
		defer f.Close()
		in = f
	}
	d, err := transfer.Read(in)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return bring(ctx, log, d, to, o, out)
}

// Import brings a place to what a registry says.
func Import(ctx context.Context, log *slog.Logger, from Access, to Place, o Options, out io.Writer) error {
	if from.URL == "" {
		return errors.New("from which registry? --from URL")
	}
	source, err := from.Remote(log)
	if err != nil {
		return fmt.Errorf("--from: %w", err)
	}
	defer source.Client.Close()
	d, err := source.Read(ctx)
	if err != nil {
		return fmt.Errorf("reading the registry to import from: %w", err)
	}
	note(log, d)
	return bring(ctx, log, d, to, o, out)
}

func bring(ctx context.Context, log *slog.Logger, d *transfer.Dump, to Place, o Options, out io.Writer) (err error) {
	if len(o.Subjects) > 0 {
		var referred int
		if d, referred = d.Only(o.Subjects); len(d.Versions) == 0 && len(d.Configs) == 0 {
			return errors.New("--subjects: no subject is like that")
		}
		if referred > 0 {
			log.Info("subjects come along because others refer to them", "subjects", referred)
		}
	}
	moves, err := contexts(o.Contexts, d)
	if err != nil {
		return err
	}
	if d, err = d.Move(moves); err != nil {
		return fmt.Errorf("--context: %w", err)
	}
	t, closing, err := to.Open(ctx, log, o.DryRun)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closing()) }()
	report, err := transfer.Copy(ctx, d, t, o.Options)
	if err != nil {
		return err
	}
	for _, l := range report.Left {
		log.Warn(l)
	}
	wrote, end := "registered", "read back and found equal"
	if o.DryRun {
		wrote, end = "to register", "nothing was changed"
	}
	fmt.Fprintf(out, "%s\n%d %s, %d of them deleted softly, %d there already; %d configs, %d modes, %d associations set; %s\n",
		d.Summary(), report.Registered, wrote, report.Deleted, report.Present, report.Configs, report.Modes, report.Associations, end)
	return nil
}

// contexts reads --context.
func contexts(given []string, d *transfer.Dump) (map[string]string, error) {
	out := map[string]string{}
	for _, g := range given {
		from, to, named := strings.Cut(g, "=")
		if !named {
			to = g
			if len(d.Contexts) != 1 {
				return nil, fmt.Errorf("--context %s: there are the contexts %s: say which, as FROM=TO", g, strings.Join(d.Contexts, ", "))
			}
			from = d.Contexts[0]
		}
		from, to = contextName(from), contextName(to)
		if strings.ContainsAny(to, ":*") || to == "" {
			return nil, fmt.Errorf("--context %s: %q is no name of a context", g, to)
		}
		if _, twice := out[from]; twice {
			return nil, fmt.Errorf("--context: %s is moved twice", from)
		}
		out[from] = to
	}
	return out, nil
}

// contextName reads a context as .name, name or :.name:.
func contextName(s string) string {
	s = strings.Trim(s, ":")
	if s != "" && !strings.HasPrefix(s, ".") {
		s = "." + s
	}
	return s
}
