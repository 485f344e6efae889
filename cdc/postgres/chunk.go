package postgres

import (
	"context"
	"fmt"
	"iter"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// snapshotTable is a table as the stream will name it, with where its rows lie.
type snapshotTable struct {
	tableInfo
	plan  *plan
	parts []tableInfo // itself, or the leaves of a partitioned table
}

// chunk is a run of a table's pages.
type chunk struct {
	table *snapshotTable
	part  tableInfo
	from  int64 // first page
	to    int64 // the page after the last; 0: all that follow
}

// chunkPages is how many pages of 8 KiB a chunk has: few enough that the chunks in work fit into memory as rows, enough
// that starting a query does not matter.
const chunkPages = 128

const leavesQuery = `select c.oid, n.nspname, c.relname, pg_relation_size(c.oid) / current_setting('block_size')::int, greatest(c.reltuples, 0)::bigint
 from pg_partition_tree(%d) t join pg_class c on c.oid = t.relid join pg_namespace n on n.oid = c.relnamespace where t.isleaf and c.relkind = 'r' order by n.nspname, c.relname`

// plan finds the tables to read, holds them against changes of their definition and describes them. conn is in the
// snapshot's transaction.
func (sn *snapshot) plan(ctx context.Context, conn *pgconn.PgConn) error {
	s := sn.src
	tables, err := s.tables(ctx)
	if err != nil {
		return err
	}
	if s.version >= 140000 { // before, a range of ctid makes the server read the whole table
		sn.unit = chunkPages
	}
	captured := map[uint32]bool{}
	for _, t := range tables {
		captured[t.oid] = true
	}
	var all []tableInfo
	for _, t := range tables {
		st := &snapshotTable{tableInfo: t, parts: []tableInfo{t}}
		switch {
		case !s.viaRoot && t.kind == 'p': // the stream names its leaves
			continue
		case s.viaRoot && t.belongs(captured): // the stream names the topmost table
			continue
		case t.kind == 'p':
			if st.parts, err = leaves(ctx, conn, t.oid); err != nil {
				return err
			}
		}
		all = append(append(all, t), st.parts...)
		sn.tables = append(sn.tables, st)
	}
	if err := lock(ctx, conn, all); err != nil {
		return err
	}
	for _, t := range sn.tables {
		cols, key, err := describe(ctx, conn, t.oid)
		if err != nil {
			return err
		}
		if t.plan, err = s.makePlan(ctx, t.schema, t.name, cols, key.columns); err != nil {
			return err
		}
		for _, p := range t.parts {
			sn.estimated += p.rows
			sn.chunks += 1
			if sn.unit > 0 {
				sn.chunks += int(max(0, p.pages-1) / sn.unit)
			}
		}
	}
	return nil
}

// belongs reports whether a table above it in its partition tree is captured.
func (t tableInfo) belongs(captured map[uint32]bool) bool {
	for _, a := range t.ancestors {
		if captured[a] {
			return true
		}
	}
	return false
}

func leaves(ctx context.Context, conn *pgconn.PgConn, root uint32) ([]tableInfo, error) {
	rows, err := query(ctx, conn, fmt.Sprintf(leavesQuery, root))
	if err != nil {
		return nil, fmt.Errorf("listing partitions: %w", err)
	}
	var out []tableInfo
	for _, r := range rows {
		out = append(out, tableInfo{oid: uint32(number(r[0])), schema: string(r[1]), name: string(r[2]), kind: 'r', pages: number(r[3]), rows: number(r[4])})
	}
	return out, nil
}

// lock takes the weakest lock there is on the tables: no one but a change of their definition waits for it.
func lock(ctx context.Context, conn *pgconn.PgConn, tables []tableInfo) error {
	const atOnce = 100
	for len(tables) > 0 {
		n := min(atOnce, len(tables))
		names := make([]string, n)
		for i, t := range tables[:n] {
			names[i] = "only " + t.qualified()
		}
		if _, err := query(ctx, conn, "lock table "+strings.Join(names, ", ")+" in access share mode"); err != nil {
			return fmt.Errorf("locking tables for the snapshot: %w", err)
		}
		tables = tables[n:]
	}
	return nil
}

// all yields the chunks in the order in which their rows are given out. The last chunk of a table has no end, for pages
// that were added since their count.
func (sn *snapshot) all() iter.Seq[chunk] {
	return func(yield func(chunk) bool) {
		for _, t := range sn.tables {
			for _, p := range t.parts {
				c := chunk{table: t, part: p}
				for sn.unit > 0 && c.from+sn.unit < p.pages {
					c.to = c.from + sn.unit
					if !yield(c) {
						return
					}
					c.from = c.to
				}
				if c.to = 0; !yield(c) {
					return
				}
			}
		}
	}
}

// query selects the chunk's rows, without those of tables that inherit from it: they are read by themselves.
func (c *chunk) query() string {
	q := "select " + c.table.plan.selectList() + " from only " + c.part.qualified()
	if c.from > 0 || c.to > 0 {
		q += fmt.Sprintf(" where ctid >= '(%d,0)'", c.from)
	}
	if c.to > 0 {
		q += fmt.Sprintf(" and ctid < '(%d,0)'", c.to)
	}
	return q
}
