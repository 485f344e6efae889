package runtime

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/state"
)

// Connectors returns the names of all connectors, sorted.
func (w *Worker) Connectors() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	names := []string{}
	for _, name := range slices.Sorted(maps.Keys(w.connectors)) {
		c := w.connectors[name]
		c.mu.Lock()
		if c.config != nil {
			names = append(names, name)
		}
		c.mu.Unlock()
	}
	return names
}

// Info returns what a connector is.
func (w *Worker) Info(name string) (Info, error) {
	c, err := w.find(name)
	if err != nil {
		return Info{}, err
	}
	return c.info(), nil
}

// Status returns what a connector does.
func (w *Worker) Status(name string) (Status, error) {
	c, err := w.find(name)
	if err != nil {
		return Status{}, err
	}
	return c.status(), nil
}

// Tasks returns the configurations of a connector's tasks; references to secrets are not resolved.
func (w *Worker) Tasks(name string) ([]TaskInfo, error) {
	c, err := w.find(name)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	infos := []TaskInfo{}
	for _, t := range c.tasks {
		infos = append(infos, TaskInfo{TaskID{name, t.id}, maps.Clone(c.stored[t.id])})
	}
	return infos, nil
}

// Topics returns the names of the topics that a connector wrote to since it was made or they were reset.
func (w *Worker) Topics(name string) ([]string, error) {
	c, err := w.find(name)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.AppendSeq([]string{}, slices.Values(slices.Sorted(maps.Keys(c.topics)))), nil
}

// ResetTopics forgets the topics of a connector.
func (w *Worker) ResetTopics(name string) error {
	c, err := w.find(name)
	if err != nil {
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.topics)
	w.statuses.putTopics(name, nil)
	return nil
}

// Create adds a connector with the target state.Started, state.Paused or state.Stopped; "" is Started. Its tasks are
// started when it returns, not connected yet. ErrExists: the name is taken. A config.FaultsError: nothing was stored.
func (w *Worker) Create(ctx context.Context, name string, cfg map[string]string, target state.Target) (Info, error) {
	if err := badName(name); err != nil {
		return Info{}, err
	}
	cfg = named(cfg, name)
	if target == "" {
		target = state.Started
	}
	c := newConnector(name, w.cfg.ID)
	c.target = target
	c.busy <- struct{}{}
	defer c.free()
	w.mu.Lock()
	if !w.ready {
		w.mu.Unlock()
		return Info{}, ErrStarting
	}
	if w.connectors[name] != nil {
		w.mu.Unlock()
		return Info{}, fmt.Errorf("connector %q: %w", name, ErrExists)
	}
	w.connectors[name] = c // holds the name; not seen by others before it has a configuration
	w.mu.Unlock()
	p, err := w.accept(ctx, cfg)
	if err == nil {
		err = w.cfg.State.SaveConfig(ctx, name, cfg, target)
	}
	if err != nil {
		c.gone = true
		w.mu.Lock()
		delete(w.connectors, name)
		w.mu.Unlock()
		return Info{}, err
	}
	c.mu.Lock()
	c.config = cfg
	c.mu.Unlock()
	w.start(c, p)
	return c.info(), nil
}

// named returns a copy of cfg that has the connector's name, as Kafka Connect stores it.
func named(cfg map[string]string, name string) map[string]string {
	c := make(map[string]string, len(cfg)+1)
	maps.Copy(c, cfg)
	c["name"] = name
	return c
}

// accept checks a configuration with everything that Validate looks at.
func (w *Worker) accept(ctx context.Context, cfg map[string]string) (*prepared, error) {
	p, faults := w.validate(ctx, cfg)
	if len(faults) > 0 {
		return nil, config.FaultsError(faults)
	}
	return p, nil
}

// Put replaces the configuration of a connector and restarts it, or creates it.
func (w *Worker) Put(ctx context.Context, name string, cfg map[string]string) (info Info, created bool, err error) {
	c, err := w.begin(ctx, name)
	if errors.Is(err, ErrNotFound) {
		info, err = w.Create(ctx, name, cfg, "")
		return info, err == nil, err
	}
	if err != nil {
		return Info{}, false, err
	}
	defer c.free()
	info, err = w.replace(ctx, c, cfg)
	return info, false, err
}

// Patch changes options of a connector; a nil value removes one.
func (w *Worker) Patch(ctx context.Context, name string, changes map[string]*string) (Info, error) {
	c, err := w.begin(ctx, name)
	if err != nil {
		return Info{}, err
	}
	defer c.free()
	cfg := maps.Clone(c.config)
	for k, v := range changes {
		if v == nil {
			delete(cfg, k)
		} else {
			cfg[k] = *v
		}
	}
	return w.replace(ctx, c, cfg)
}

func (w *Worker) replace(ctx context.Context, c *connector, cfg map[string]string) (Info, error) {
	cfg = named(cfg, c.name)
	p, err := w.accept(ctx, cfg)
	if err == nil {
		err = w.cfg.State.SaveConfig(ctx, c.name, cfg, "")
	}
	if err != nil {
		return Info{}, err
	}
	c.halt(c.tasks...)
	c.mu.Lock()
	c.config = cfg
	c.mu.Unlock()
	w.start(c, p)
	return c.info(), nil
}

// Delete ends a connector and forgets it. Its offsets stay, for one that comes again under its name.
func (w *Worker) Delete(ctx context.Context, name string) error {
	c, err := w.begin(ctx, name)
	if err != nil {
		return err
	}
	defer c.free()
	c.halt(c.tasks...)
	w.statuses.forget(name)
	if err := w.cfg.State.SaveConfig(ctx, name, nil, ""); err != nil {
		w.start(c, nil)
		return err
	}
	c.gone = true
	w.mu.Lock()
	delete(w.connectors, name)
	w.mu.Unlock()
	w.cfg.Metrics.Forget(name)
	w.log.Info("connector deleted", "connector", name)
	return nil
}

// Pause ends the tasks of a connector and keeps them listed; failed ones stay FAILED.
func (w *Worker) Pause(ctx context.Context, name string) error {
	return w.retarget(ctx, name, state.Paused)
}

// Resume starts what Pause or Stop ended.
func (w *Worker) Resume(ctx context.Context, name string) error {
	return w.retarget(ctx, name, state.Started)
}

// Stop ends the tasks of a connector and removes them, so that its offsets may be changed.
func (w *Worker) Stop(ctx context.Context, name string) error {
	return w.retarget(ctx, name, state.Stopped)
}

func (w *Worker) retarget(ctx context.Context, name string, to state.Target) error {
	c, err := w.begin(ctx, name)
	if err != nil {
		return err
	}
	defer c.free()
	from := c.target
	if from == to {
		return nil
	}
	if err := w.cfg.State.SaveTarget(ctx, name, to); err != nil {
		return err
	}
	c.mu.Lock()
	c.target = to
	c.mu.Unlock()
	switch {
	case to == state.Stopped || from == state.Stopped || c.is(nil, Failed):
		c.halt(c.tasks...)
		w.start(c, nil)
	case to == state.Paused:
		c.halt(c.tasks...)
		w.move(c, nil, Paused, "")
		for _, t := range c.tasks {
			if !c.is(t, Failed) {
				w.move(c, t, Paused, "")
			}
		}
	default:
		p, faults := w.prepare(c.config)
		if len(faults) > 0 {
			w.reject(c, faults)
			return nil
		}
		w.move(c, nil, Running, "")
		for _, t := range c.tasks {
			if c.is(t, Paused) && t.id < len(p.tasks) {
				w.run(c, p, t)
			}
		}
	}
	return nil
}

// Wait returns nil when every task of a started connector has read all that its source has, and an error with the trace
// when the connector or one of its tasks is FAILED. A source that streams is never finished.
func (w *Worker) Wait(ctx context.Context, name string) error {
	c, err := w.find(name)
	if err != nil {
		return err
	}
	for {
		c.mu.Lock()
		changed, finished := c.changed, c.part.State == Running
		if c.part.State == Failed {
			err = fmt.Errorf("connector %q has failed: %s", name, c.part.Trace)
		}
		for _, t := range c.tasks {
			if t.part.State == Failed {
				err = fmt.Errorf("task %d of connector %q has failed: %s", t.id, name, t.part.Trace)
			}
			ended := false
			if t.done != nil {
				select {
				case <-t.done:
					ended = true
				default:
				}
			}
			finished = finished && ended
		}
		c.mu.Unlock()
		if err != nil || finished {
			return err
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// RestartOptions say what of a connector to restart: the connector alone, which makes a failed one read its configuration
// again, or its tasks too; onlyFailed leaves alone what is not FAILED.
type RestartOptions struct{ IncludeTasks, OnlyFailed bool }

// Restart begins to restart a connector and returns the status with what will restart as RESTARTING.
func (w *Worker) Restart(ctx context.Context, name string, o RestartOptions) (Status, error) {
	c, err := w.begin(ctx, name)
	if err != nil {
		return Status{}, err
	}
	whole := c.is(nil, Failed)
	var tasks []*task
	for _, t := range c.tasks {
		if o.IncludeTasks && (!o.OnlyFailed || c.is(t, Failed)) {
			tasks = append(tasks, t)
		}
	}
	plan := c.status()
	if whole || !o.OnlyFailed {
		plan.Connector = Part{State: Restarting, WorkerID: w.cfg.ID}
	}
	for _, t := range tasks {
		plan.Tasks[t.id].Part = Part{State: Restarting, WorkerID: w.cfg.ID}
	}
	w.launch(func() {
		defer c.free()
		if whole {
			c.halt(c.tasks...)
			w.start(c, nil)
			return
		}
		w.restart(c, tasks)
	}, c.free)
	return plan, nil
}

// RestartTask restarts one task, whatever its state, and returns when the new run has begun.
func (w *Worker) RestartTask(ctx context.Context, name string, id int) error {
	c, err := w.begin(ctx, name)
	if err != nil {
		return err
	}
	defer c.free()
	if id < 0 || id >= len(c.tasks) {
		return fmt.Errorf("task %d of connector %q: %w", id, name, ErrNotFound)
	}
	w.restart(c, c.tasks[id:id+1])
	return nil
}

func (w *Worker) restart(c *connector, tasks []*task) {
	if len(tasks) == 0 {
		return
	}
	for _, t := range tasks {
		w.move(c, t, Restarting, "")
	}
	c.halt(tasks...)
	p, faults := w.prepare(c.config)
	for _, t := range tasks {
		switch {
		case len(faults) > 0:
			w.move(c, t, Failed, config.FaultsError(faults).Error())
		case c.target == state.Paused:
			w.move(c, t, Paused, "")
		case t.id < len(p.tasks):
			w.run(c, p, t)
		}
	}
}
