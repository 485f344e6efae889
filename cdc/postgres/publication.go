package postgres

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// publication is what the catalogue says of one.
type publication struct {
	oid       string
	allTables bool
	viaRoot   bool // publish_via_partition_root, PostgreSQL 13
}

// readPublication returns nil when there is none.
func readPublication(ctx context.Context, conn *pgconn.PgConn, name string) (*publication, error) {
	rows, err := query(ctx, conn, "select p.oid, p.puballtables, coalesce((to_jsonb(p) ->> 'pubviaroot')::bool, false) from pg_publication p where pubname = "+literal(name))
	if err != nil || len(rows) == 0 {
		return nil, wrap(err, "reading publication %q", name)
	}
	return &publication{oid: string(rows[0][0]), allTables: string(rows[0][1]) == "t", viaRoot: string(rows[0][2]) == "t"}, nil
}

// ensurePublication makes the publication what publication.autocreate.mode says and notes how it names partitions.
func (s *Source) ensurePublication(ctx context.Context) error {
	name := s.cfg.Publication
	p, err := readPublication(ctx, s.side, name)
	if err != nil {
		return err
	}
	if p == nil {
		if s.cfg.AutoCreate == "disabled" {
			return noPublication(name)
		}
		if err := s.createPublication(ctx); err != nil {
			return err
		}
		if p, err = readPublication(ctx, s.side, name); err != nil {
			return err
		}
		if p == nil {
			return noPublication(name)
		}
	} else if s.cfg.AutoCreate == "filtered" && !p.allTables {
		if err := s.alterPublication(ctx, p); err != nil {
			return err
		}
	}
	if s.viaRoot = p.viaRoot; p.viaRoot != s.cfg.Partitions {
		s.cfg.Log.Warn("the publication names partitions in another way than publish.via.partition.root asks for", "publication", name, "publish_via_partition_root", p.viaRoot)
	}
	return nil
}

func noPublication(name string) error {
	return &SetupError{Problems: []Problem{{Code: "no_publication", Msg: fmt.Sprintf("publication %q does not exist", name),
		Fix: fmt.Sprintf("CREATE PUBLICATION %s FOR TABLE …; or set publication.autocreate.mode", ident(name))}}}
}

func (s *Source) createPublication(ctx context.Context) error {
	sql := "create publication " + ident(s.cfg.Publication)
	switch s.cfg.AutoCreate {
	case "all_tables":
		sql += " for all tables"
	case "filtered":
		tables, err := s.publishable(ctx)
		if err != nil {
			return err
		}
		sql += " for table " + strings.Join(tables, ", ")
	}
	if s.cfg.Partitions && s.version >= 130000 {
		sql += " with (publish_via_partition_root = true)"
	}
	if _, err := query(ctx, s.side, sql); err != nil && code(err) != "42710" { // duplicate_object: another one was faster
		return fmt.Errorf("creating publication %q: %w", s.cfg.Publication, err)
	}
	s.cfg.Log.Info("publication created", "publication", s.cfg.Publication, "mode", s.cfg.AutoCreate)
	return nil
}

// publishable lists the captured tables as CREATE PUBLICATION takes them.
func (s *Source) publishable(ctx context.Context) ([]string, error) {
	tables, err := s.tables(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, t := range tables {
		if t.unlogged { // has no place in a publication
			continue
		}
		if t.kind == 'p' {
			out = append(out, t.qualified())
		} else {
			out = append(out, "only "+t.qualified())
		}
	}
	if len(out) == 0 {
		return nil, &SetupError{Problems: []Problem{{Code: "no_tables", Msg: "no table matches the include and exclude lists",
			Fix: "check schema.include.list and table.include.list: patterns match the whole of schema.table"}}}
	}
	return out, nil
}

// alterPublication adds tables that the lists match now and takes out those that they no longer match.
func (s *Source) alterPublication(ctx context.Context, p *publication) error {
	want, err := s.publishable(ctx)
	if err != nil {
		return err
	}
	rows, err := query(ctx, s.side, `select case when c.relkind = 'p' then '' else 'only ' end || '"' || replace(n.nspname, '"', '""') || '"."' || replace(c.relname, '"', '""') || '"'
 from pg_publication_rel r join pg_class c on c.oid = r.prrelid join pg_namespace n on n.oid = c.relnamespace where r.prpubid = `+p.oid)
	if err != nil {
		return fmt.Errorf("reading the tables of publication %q: %w", s.cfg.Publication, err)
	}
	have := make([]string, len(rows))
	for i, r := range rows {
		have[i] = string(r[0])
	}
	without := func(list, of []string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(t string) bool { return slices.Contains(of, t) })
	}
	// Tables that stay are not touched: they may have row filters and column lists.
	for verb, tables := range map[string][]string{"add": without(want, have), "drop": without(have, want)} {
		if len(tables) == 0 {
			continue
		}
		if _, err := query(ctx, s.side, "alter publication "+ident(s.cfg.Publication)+" "+verb+" table "+strings.Join(tables, ", ")); err != nil {
			return fmt.Errorf("altering publication %q: %w", s.cfg.Publication, err)
		}
		s.cfg.Log.Info("publication altered", "publication", s.cfg.Publication, verb, len(tables))
	}
	return nil
}
