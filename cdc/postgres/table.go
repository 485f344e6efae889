package postgres

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/cdc/envelope"
	"github.com/millrace/millrace/cdc/pgvalue"
	"github.com/millrace/millrace/connect/record"
)

// tableInfo is what the catalogue says of a table.
type tableInfo struct {
	oid          uint32
	schema, name string
	kind         byte // r table, p partitioned table
	identity     byte // d default, n nothing, f full, i index
	pages        int64
	rows         int64 // estimated
	unlogged     bool
	ancestors    []uint32 // of a partition: the partitioned tables above it
}

func (t tableInfo) String() string    { return t.schema + "." + t.name }
func (t tableInfo) qualified() string { return ident(t.schema) + "." + ident(t.name) }

const tablesQuery = `select c.oid, n.nspname, c.relname, c.relkind, c.relreplident, pg_relation_size(c.oid) / current_setting('block_size')::int, greatest(c.reltuples, 0)::bigint,
 c.relpersistence = 'u', case when c.relispartition then coalesce((select string_agg(a.relid::oid::text, ',') from pg_partition_ancestors(c.oid) a where a.relid <> c.oid), '') else '' end
 from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p') and (c.relpersistence = 'p' or c.relpersistence = 'u' and not pg_is_in_recovery()) and n.nspname not in ('pg_catalog', 'information_schema') and n.nspname !~ '^pg_toast' and has_schema_privilege(n.oid, 'usage')
 order by n.nspname, c.relname`

// tables lists the tables that the filter captures.
func (s *Source) tables(ctx context.Context) ([]tableInfo, error) {
	rows, err := query(ctx, s.side, tablesQuery)
	if err != nil {
		return nil, fmt.Errorf("listing tables: %w", err)
	}
	var out []tableInfo
	for _, r := range rows {
		t := tableInfo{oid: uint32(number(r[0])), schema: string(r[1]), name: string(r[2]), kind: r[3][0], identity: r[4][0], pages: number(r[5]), rows: number(r[6]), unlogged: string(r[7]) == "t"}
		for oid := range bytes.SplitSeq(r[8], []byte{','}) {
			if len(oid) > 0 {
				t.ancestors = append(t.ancestors, uint32(number(oid)))
			}
		}
		if s.cfg.Filter.Table(t.schema, t.name) {
			out = append(out, t)
		}
	}
	return out, nil
}

func number(b []byte) int64 {
	n, _ := strconv.ParseInt(string(b), 10, 64)
	return n
}

// columnInfo is a column with what decoding and schema need.
type columnInfo struct {
	pgvalue.Column
	key bool // part of the replica identity, as the stream says
}

// tableKey is the columns of a table's key: the primary key, else the first unique index over columns that may not be null.
type tableKey struct {
	columns []string
	primary bool
}

// describe reads a table's columns and key. A table that is gone has none.
func describe(ctx context.Context, conn *pgconn.PgConn, oid uint32) (cols []columnInfo, key tableKey, err error) {
	rows, err := query(ctx, conn, fmt.Sprintf(`select a.attname, a.atttypid, a.atttypmod, a.attnotnull, coalesce(pg_get_expr(d.adbin, d.adrelid), ''), d.adbin is not null, a.attgenerated <> ''
 from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
 where a.attrelid = %d and a.attnum > 0 and not a.attisdropped order by a.attnum`, oid))
	if err != nil {
		return nil, key, fmt.Errorf("reading the columns of table %d: %w", oid, err)
	}
	for _, r := range rows {
		cols = append(cols, columnInfo{Column: pgvalue.Column{Name: string(r[0]), Type: uint32(number(r[1])), Typmod: int32(number(r[2])), NotNull: string(r[3]) == "t",
			Default: string(r[4]), HasDefault: string(r[5]) == "t", Generated: string(r[6]) == "t"}})
	}
	rows, err = query(ctx, conn, fmt.Sprintf(`select a.attname, i.indisprimary from (
  select i.indexrelid, i.indrelid, i.indisprimary, (i.indkey::int2[])[0:i.indnkeyatts - 1] k from pg_index i
  where i.indrelid = %d and i.indisunique and i.indisvalid and i.indimmediate and i.indpred is null and i.indexprs is null
   and (i.indisprimary or not exists (select from pg_attribute x where x.attrelid = i.indrelid and x.attnum = any ((i.indkey::int2[])[0:i.indnkeyatts - 1]) and not x.attnotnull))
  order by not i.indisprimary, i.indexrelid limit 1) i
 cross join unnest(i.k) with ordinality u(attnum, ord) join pg_attribute a on a.attrelid = i.indrelid and a.attnum = u.attnum order by u.ord`, oid))
	if err != nil {
		return nil, key, fmt.Errorf("reading the key of table %d: %w", oid, err)
	}
	for _, r := range rows {
		key.columns, key.primary = append(key.columns, string(r[0])), string(r[1]) == "t"
	}
	return cols, key, nil
}

// plan decodes the rows of one version of a table.
type plan struct {
	name   string // schema.table
	table  *envelope.Table
	cols   []planColumn // as they come in tuples
	out    []int        // the tuple's column of each column of the image
	source *record.Schema
	text   bool // a column that is wanted has no binary form that is read
}

type planColumn struct {
	name   string
	codec  *pgvalue.Codec // nil: left out
	at     uint32         // place in the image
	key    bool           // part of the replica identity
	typ    uint32
	typmod int32
	null   bool         // may be null
	warn   *atomic.Bool // a warning about a value was logged
}

// makePlan compiles codecs and envelope for columns as the stream or the snapshot gives them.
func (s *Source) makePlan(ctx context.Context, schema, name string, cols []columnInfo, key []string) (*plan, error) {
	p := &plan{name: schema + "." + name, source: s.sourceSchema(schema, name)}
	var columns []envelope.Column
	at := map[string]int{}
	for _, c := range cols {
		pc := planColumn{name: c.Name, key: c.key, null: !c.NotNull, typ: c.Type, typmod: c.Typmod, warn: new(atomic.Bool)}
		if s.cfg.Filter.Column(schema, name, c.Name) {
			codec, err := s.codec(ctx, c.Column)
			if err != nil {
				return nil, fmt.Errorf("preparing column %s of table %s: %w", c.Name, p.name, err)
			}
			if pc.codec = codec; codec != nil {
				pc.at = uint32(len(columns))
				at[c.Name] = len(columns)
				columns = append(columns, envelope.Column{Name: c.Name, Schema: codec.Schema})
				p.out = append(p.out, len(p.cols))
				p.text = p.text || !codec.HasBinary()
			}
		}
		p.cols = append(p.cols, pc)
	}
	var keyAt []int
	for _, k := range key {
		i, ok := at[k]
		if !ok {
			keyAt = nil
			break
		}
		keyAt = append(keyAt, i)
	}
	p.table = envelope.NewTable(schema, name, columns, keyAt, p.source, s.envelope)
	return p, nil
}

// codec compiles a column, reading the catalogue's types again when its type is not known yet.
func (s *Source) codec(ctx context.Context, c pgvalue.Column) (*pgvalue.Codec, error) {
	if _, ok := s.types.Lookup(c.Type); !ok {
		if err := s.loadTypes(ctx); err != nil {
			return nil, err
		}
	}
	return pgvalue.Compile(s.types, c, s.cfg.Values)
}

func (s *Source) loadTypes(ctx context.Context) error {
	rows, err := query(ctx, s.side, pgvalue.CatalogQuery)
	if err != nil {
		return fmt.Errorf("reading types: %w", err)
	}
	for _, r := range rows {
		if err := s.types.AddRow(r); err != nil {
			return err
		}
	}
	return nil
}

// selectList names the wanted columns for COPY in the order of the image; those without a binary form that is read come
// as text.
func (p *plan) selectList() string {
	var b strings.Builder
	for i, at := range p.out {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(ident(p.cols[at].name))
		if !p.cols[at].codec.HasBinary() {
			b.WriteString("::text")
		}
	}
	return b.String()
}
