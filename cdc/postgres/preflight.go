package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// Preflight connects and looks for what keeps the connector from working, each with what mends it: server settings,
// privileges, room for a slot and a sender, slot, publication, the captured tables and their replica identities. It changes
// nothing. An error is one that kept it from looking; a database or login that the server refuses is a Problem.
func Preflight(ctx context.Context, cfg Config) ([]Problem, error) {
	cfg.DropSlotOnStop, cfg.Progress = false, Progress{}
	s := New(cfg)
	defer s.Close(context.WithoutCancel(ctx))
	if _, err := s.catalogue(ctx); err != nil {
		var pe *pgconn.PgError
		if errors.As(err, &pe) {
			switch pe.Code {
			case "3D000": // invalid_catalog_name
				return []Problem{{Code: "no_database", Msg: fmt.Sprintf("database %q does not exist", cfg.Conn.Database), Fix: "set database.dbname to one that does"}}, nil
			case "28P01", "28000": // invalid_password, invalid_authorization_specification
				return []Problem{{Code: "login", Msg: fmt.Sprintf("the server refuses the login of %q: %s", cfg.Conn.User, pe.Message), Fix: "check database.user, database.password, database.sslmode and pg_hba.conf"}}, nil
			}
		}
		return nil, err
	}
	return s.preflight(ctx, s.cfg.Snapshot != NoData)
}

// findings collects problems.
type findings struct {
	list []Problem
}

func (f *findings) add(code, fix, format string, args ...any) {
	f.list = append(f.list, Problem{Code: code, Msg: fmt.Sprintf(format, args...), Fix: fix})
}

func (f *findings) warn(code, fix, format string, args ...any) {
	f.list = append(f.list, Problem{Code: code, Msg: fmt.Sprintf(format, args...), Fix: fix, Warning: true})
}

const serverQuery = `select current_setting('server_version_num'), current_setting('wal_level'), pg_is_in_recovery(), current_user,
 (select rolsuper from pg_roles where rolname = current_user),
 (select rolsuper or rolreplication from pg_roles where rolname = current_user)
  or exists (select from pg_roles r where r.rolname in ('rds_replication', 'rds_superuser') and pg_has_role(current_user, r.oid, 'member')),
 has_database_privilege(current_database(), 'create'),
 current_setting('max_replication_slots')::int - (select count(*) from pg_replication_slots),
 current_setting('max_wal_senders')::int - (select count(*) from pg_stat_get_wal_senders())`

// server is what serverQuery tells.
type server struct {
	version                     int
	user                        string
	standby, super, mayCreateDB bool
	slots, senders              int64
}

// preflight looks. snapshot: the tables will be read.
func (s *Source) preflight(ctx context.Context, snapshot bool) ([]Problem, error) {
	rows, err := query(ctx, s.side, serverQuery)
	if err != nil || len(rows) == 0 {
		return nil, wrap(err, "checking the server")
	}
	f, r := &findings{}, rows[0]
	yes := func(i int) bool { return string(r[i]) == "t" }
	srv := server{version: int(number(r[0])), standby: yes(2), user: string(r[3]), super: yes(4), mayCreateDB: yes(6), slots: number(r[7]), senders: number(r[8])}
	s.version = srv.version
	if srv.version < 100000 {
		f.add("version", "upgrade to PostgreSQL 10 or later", "the server's version has no pgoutput")
	}
	if level := string(r[1]); level != "logical" {
		f.add("wal_level", "ALTER SYSTEM SET wal_level = logical, and restart the server (managed services have a parameter for it, such as rds.logical_replication)", "wal_level is %s, logical is needed", level)
	}
	if !yes(5) {
		f.add("no_replication_privilege", fmt.Sprintf("ALTER ROLE %s REPLICATION (on RDS: GRANT rds_replication TO %[1]s)", ident(srv.user)), "user %q may not replicate", srv.user)
	}
	if srv.standby && srv.version < 160000 {
		f.add("standby", "connect to the primary", "the server is a standby, and decodes only from PostgreSQL 16 on")
	}
	if err := s.checkSlot(ctx, f, srv); err != nil {
		return nil, err
	}
	tables, err := s.checkTables(ctx, f, snapshot)
	if err != nil {
		return nil, err
	}
	if err := s.checkPublication(ctx, f, srv, tables); err != nil {
		return nil, err
	}
	return f.list, nil
}

func (s *Source) checkSlot(ctx context.Context, f *findings, srv server) error {
	slot, err := readSlot(ctx, s.side, s.cfg.Slot)
	if err != nil {
		return err
	}
	if strings.Trim(s.cfg.Slot, "abcdefghijklmnopqrstuvwxyz0123456789_") != "" || len(s.cfg.Slot) > 63 {
		f.add("slot_name", "choose another slot.name", "slot name %q may have lower case letters, digits and underscores only, and 63 of them", s.cfg.Slot)
	}
	if slot == nil {
		if srv.slots <= 0 {
			f.add("no_slots_left", "drop an unused slot (SELECT pg_drop_replication_slot('…')) or raise max_replication_slots and restart", "all replication slots are in use")
		}
		if srv.senders <= 0 {
			f.add("no_senders_left", "raise max_wal_senders and restart", "all WAL senders are in use")
		}
		return nil
	}
	var setup *SetupError
	if err := slot.usable(s.cfg.Slot, s.cfg.Conn.Database); errors.As(err, &setup) {
		f.list = append(f.list, setup.Problems...)
		return nil
	}
	if slot.lost() {
		f.warn("slot_lost", fmt.Sprintf("SELECT pg_drop_replication_slot(%s), and read the tables anew", literal(s.cfg.Slot)), "the server has invalidated slot %q", s.cfg.Slot)
	}
	if slot.Active {
		f.warn("slot_active", fmt.Sprintf("stop the other connector, or SELECT pg_terminate_backend(%d)", slot.PID), "slot %q is in use by another session", s.cfg.Slot)
	} else if srv.senders <= 0 {
		f.add("no_senders_left", "raise max_wal_senders and restart", "all WAL senders are in use")
	}
	return nil
}

const checkQuery = `select c.oid, n.nspname, c.relname, c.relkind, c.relpersistence = 'u', has_schema_privilege(n.oid, 'usage'),
 has_table_privilege(c.oid, 'select') or has_any_column_privilege(c.oid, 'select'), pg_has_role(c.relowner, 'usage'),
 case c.relreplident when 'f' then true when 'n' then false when 'i' then exists (select from pg_index i where i.indrelid = c.oid and i.indisreplident and i.indisvalid)
  else exists (select from pg_index i where i.indrelid = c.oid and i.indisprimary) end,
 exists (select from pg_publication_tables p where p.pubname = %s and p.schemaname = n.nspname and p.tablename = c.relname), c.relispartition
 from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and c.relpersistence <> 't' and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast' order by n.nspname, c.relname`

// checked is a captured table.
type checked struct {
	tableInfo
	owner, published, partition bool
}

func (s *Source) checkTables(ctx context.Context, f *findings, snapshot bool) ([]checked, error) {
	rows, err := query(ctx, s.side, fmt.Sprintf(checkQuery, literal(s.cfg.Publication)))
	if err != nil {
		return nil, fmt.Errorf("checking the tables: %w", err)
	}
	var out []checked
	for _, r := range rows {
		yes := func(i int) bool { return string(r[i]) == "t" }
		t := checked{tableInfo: tableInfo{oid: uint32(number(r[0])), schema: string(r[1]), name: string(r[2]), kind: r[3][0], unlogged: yes(4)}, owner: yes(7), published: yes(9), partition: yes(10)}
		if !s.cfg.Filter.Table(t.schema, t.name) {
			continue
		}
		switch {
		case !yes(5):
			f.add("no_schema_privilege", fmt.Sprintf("GRANT USAGE ON SCHEMA %s TO %s", ident(t.schema), ident(s.cfg.Conn.User)), "schema %q of table %s is closed to user %q", t.schema, t, s.cfg.Conn.User)
		case snapshot && !yes(6):
			f.add("no_select_privilege", fmt.Sprintf("GRANT SELECT ON %s TO %s", t.qualified(), ident(s.cfg.Conn.User)), "user %q may not read table %s", s.cfg.Conn.User, t)
		}
		if !yes(8) && !t.unlogged && t.kind == 'r' {
			f.warn("replica_identity", fmt.Sprintf("ALTER TABLE %s REPLICA IDENTITY FULL, or give it a primary key", t.qualified()), "table %s has no replica identity: once published, the server refuses to update and delete its rows", t)
		}
		out = append(out, t)
	}
	if len(out) == 0 {
		f.warn("no_tables", "check schema.include.list and table.include.list: patterns match the whole of schema.table", "no table matches the include and exclude lists")
	}
	return out, nil
}

func (s *Source) checkPublication(ctx context.Context, f *findings, srv server, tables []checked) error {
	name, mode := s.cfg.Publication, s.cfg.AutoCreate
	p, err := readPublication(ctx, s.side, name)
	if err != nil {
		return err
	}
	var missing, foreign []string
	for _, t := range tables {
		if t.unlogged {
			continue
		}
		if !t.published && t.kind == 'r' && !(t.partition && s.cfg.Partitions) {
			missing = append(missing, t.qualified())
		}
		if !t.owner {
			foreign = append(foreign, t.qualified())
		}
	}
	list := strings.Join(missing, ", ")
	owner := fmt.Sprintf("ALTER TABLE … OWNER TO %s, or make the publication as a superuser: CREATE PUBLICATION %s FOR TABLE …", ident(srv.user), ident(name))
	switch {
	case p == nil && srv.standby:
		f.add("no_publication", fmt.Sprintf("on the primary: CREATE PUBLICATION %s …", ident(name)), "publication %q does not exist, and a standby cannot make it", name)
	case p == nil && mode == "disabled":
		var setup *SetupError
		if errors.As(noPublication(name), &setup) {
			f.list = append(f.list, setup.Problems...)
		}
	case p == nil && mode == "all_tables" && !srv.super:
		f.add("publication_privilege", fmt.Sprintf("as a superuser: CREATE PUBLICATION %s FOR ALL TABLES; or publication.autocreate.mode=filtered", ident(name)), "user %q may not create a publication for all tables", srv.user)
	case p == nil && !srv.mayCreateDB:
		f.add("publication_privilege", fmt.Sprintf("GRANT CREATE ON DATABASE %s TO %s", ident(s.cfg.Conn.Database), ident(srv.user)), "user %q may not create a publication in this database", srv.user)
	case p == nil && mode == "filtered" && len(foreign) > 0:
		f.add("publication_privilege", owner, "user %q does not own %s, which the publication needs", srv.user, strings.Join(foreign, ", "))
	case p != nil && mode == "filtered" && len(missing) > 0 && len(foreign) > 0:
		f.add("publication_privilege", owner, "user %q does not own %s, so the publication cannot be altered", srv.user, strings.Join(foreign, ", "))
	case p != nil && mode != "filtered" && len(missing) > 0:
		f.warn("not_published", fmt.Sprintf("ALTER PUBLICATION %s ADD TABLE %s", ident(name), list), "publication %q lacks captured tables, whose changes will not come", name)
	}
	if s.cfg.Partitions {
		return nil
	}
	captured := map[uint32]bool{}
	for _, t := range tables {
		captured[t.oid] = true
	}
	for _, t := range tables {
		if t.kind != 'p' {
			continue
		}
		parts, err := leaves(ctx, s.side, t.oid)
		if err != nil {
			return err
		}
		for _, l := range parts {
			if !captured[l.oid] {
				f.warn("partitions", "publish.via.partition.root=true, or name the partitions in table.include.list", "table %s is captured, and its partition %s, under whose name changes come, is not", t, l)
				break
			}
		}
	}
	return nil
}
