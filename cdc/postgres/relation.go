package postgres

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/cdc/pgoutput"
)

// relation is a table as the stream describes it at present.
type relation struct {
	pgoutput.Relation
	plan *plan // nil: not captured
}

// describe takes a Relation message: the table as it is where the stream stands. The catalogue, which may be ahead by
// then, adds what the message lacks: what may be null, defaults, the order of the key.
func (st *stream) describe(ctx context.Context, r pgoutput.Relation) error {
	if r.Namespace == "" {
		r.Namespace = "pg_catalog"
	}
	rel := &relation{Relation: r}
	old := st.relations[r.ID]
	st.relations[r.ID], st.rel = rel, nil
	if !st.cfg.Filter.Table(r.Namespace, r.Name) {
		return nil
	}
	ctx, stop := st.within(ctx)
	defer stop()
	conn, err := st.catalogue(ctx)
	if err != nil {
		return err
	}
	have, key, err := describe(ctx, conn, r.ID)
	if err != nil {
		return err
	}
	byName := map[string]columnInfo{}
	for _, c := range have {
		byName[c.Name] = c
	}
	var cols []columnInfo
	var flagged []string
	for _, c := range r.Columns {
		info := columnInfo{key: c.Key}
		if known, ok := byName[c.Name]; ok && known.Type == c.Type {
			info.Column = known.Column
		}
		info.Name, info.Type, info.Typmod = c.Name, c.Type, c.Typmod
		if c.Key {
			flagged = append(flagged, c.Name)
			info.NotNull = info.NotNull || r.ReplicaIdentity != 'f'
		}
		cols = append(cols, info)
	}
	p, err := st.makePlan(ctx, r.Namespace, r.Name, cols, keyOf(r.ReplicaIdentity, flagged, key))
	if err != nil {
		return err
	}
	if p.text && st.binary {
		return errNeedsText
	}
	if old != nil && old.plan != nil && old.plan.same(p) {
		p = old.plan
	}
	rel.plan = p
	return nil
}

// keyOf chooses the key's columns. Under REPLICA IDENTITY DEFAULT the message names the primary key as it was, and the
// catalogue only its order; else the catalogue decides.
func keyOf(identity byte, flagged []string, key tableKey) []string {
	if identity != 'd' {
		return key.columns
	}
	if len(flagged) == 0 {
		if key.primary { // made since
			return nil
		}
		return key.columns
	}
	if slices.Equal(slices.Sorted(slices.Values(key.columns)), slices.Sorted(slices.Values(flagged))) {
		return key.columns
	}
	return flagged
}

// same reports whether rows of q may go on with p, so that encoders and registered schemas stay.
func (p *plan) same(q *plan) bool {
	if p.name != q.name || len(p.cols) != len(q.cols) || !p.table.Layout.Value.Equal(q.table.Layout.Value) {
		return false
	}
	k, l := p.table.Layout.Key, q.table.Layout.Key
	if (k == nil) != (l == nil) || k != nil && !k.Equal(l) {
		return false
	}
	for i := range p.cols {
		a, b := &p.cols[i], &q.cols[i]
		if a.name != b.name || a.key != b.key || a.null != b.null || a.typ != b.typ || a.typmod != b.typmod || (a.codec == nil) != (b.codec == nil) {
			return false
		}
	}
	return true
}

// find returns the relation of a change.
func (st *stream) find(id uint32) (*relation, error) {
	if st.rel != nil && st.rel.ID == id {
		return st.rel, nil
	}
	rel := st.relations[id]
	if rel == nil {
		return nil, fmt.Errorf("the stream has a change of relation %d, which it never described", id)
	}
	st.rel = rel
	return rel, nil
}
