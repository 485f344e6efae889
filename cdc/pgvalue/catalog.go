package pgvalue

import (
	"fmt"
	"strconv"
	"strings"
)

// TypeInfo is a row of pg_type, with the labels of an enum.
type TypeInfo struct {
	OID        uint32
	Schema     string
	Name       string
	Kind       byte   // typtype: b base, c composite, d domain, e enum, p pseudo, r range, m multirange
	Elem       uint32 // of an array type
	Base       uint32 // of a domain
	BaseTypmod int32  // of a domain, -1 for none
	Labels     []string
}

// CatalogQuery reads what AddRow takes. Type names may come from any schema, so they are told apart by OID.
const CatalogQuery = `select t.oid, n.nspname, t.typname, t.typtype, case when t.typcategory = 'A' then t.typelem else 0 end, t.typbasetype, t.typtypmod,
 coalesce((select string_agg(e.enumlabel, E'\x01' order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid), '')
 from pg_type t join pg_namespace n on n.oid = t.typnamespace`

// Catalog knows types by OID. Not safe for concurrent use.
type Catalog struct{ types map[uint32]TypeInfo }

// NewCatalog returns a catalog of the built-in types that columns commonly have.
func NewCatalog() *Catalog {
	c := &Catalog{types: map[uint32]TypeInfo{}}
	for oid, name := range builtin {
		c.Add(TypeInfo{OID: oid, Schema: "pg_catalog", Name: name, Kind: 'b', BaseTypmod: -1})
	}
	for oid, elem := range builtinArrays {
		c.Add(TypeInfo{OID: oid, Schema: "pg_catalog", Name: "_" + builtin[elem], Kind: 'b', Elem: elem, BaseTypmod: -1})
	}
	return c
}

// Add adds or replaces a type.
func (c *Catalog) Add(t TypeInfo) { c.types[t.OID] = t }

// Lookup returns the type with an OID.
func (c *Catalog) Lookup(oid uint32) (TypeInfo, bool) {
	t, ok := c.types[oid]
	return t, ok
}

// AddRow adds a row of CatalogQuery, in text form.
func (c *Catalog) AddRow(cols [][]byte) error {
	if len(cols) != 8 {
		return fmt.Errorf("a catalogue row has %d columns, 8 are due", len(cols))
	}
	num := func(i int) uint32 {
		n, _ := strconv.ParseUint(string(cols[i]), 10, 32)
		return uint32(n)
	}
	typmod, err := strconv.ParseInt(string(cols[6]), 10, 32)
	if err != nil || len(cols[3]) != 1 {
		return fmt.Errorf("a catalogue row of type %s is not in text form", cols[2])
	}
	t := TypeInfo{OID: num(0), Schema: string(cols[1]), Name: string(cols[2]), Kind: cols[3][0], Elem: num(4), Base: num(5), BaseTypmod: int32(typmod)}
	if len(cols[7]) > 0 {
		t.Labels = strings.Split(string(cols[7]), "\x01")
	}
	c.Add(t)
	return nil
}

// resolve follows domains down to what they are made of.
func (c *Catalog) resolve(oid uint32, typmod int32) (TypeInfo, int32, bool) {
	for range 32 {
		t, ok := c.types[oid]
		if !ok {
			return t, typmod, false
		}
		if t.Kind != 'd' {
			return t, typmod, true
		}
		oid = t.Base
		if typmod < 0 {
			typmod = t.BaseTypmod
		}
	}
	return TypeInfo{}, typmod, false
}

// builtin are the fixed OIDs of pg_type.dat.
var builtin = map[uint32]string{
	16: "bool", 17: "bytea", 18: "char", 19: "name", 20: "int8", 21: "int2", 23: "int4", 25: "text", 26: "oid", 114: "json", 142: "xml", 600: "point",
	650: "cidr", 700: "float4", 701: "float8", 774: "macaddr8", 790: "money", 829: "macaddr", 869: "inet", 1042: "bpchar", 1043: "varchar", 1082: "date",
	1083: "time", 1114: "timestamp", 1184: "timestamptz", 1186: "interval", 1266: "timetz", 1560: "bit", 1562: "varbit", 1700: "numeric", 2950: "uuid",
	3614: "tsvector", 3802: "jsonb", 3904: "int4range", 3906: "numrange", 3908: "tsrange", 3910: "tstzrange", 3912: "daterange", 3926: "int8range",
}

var builtinArrays = map[uint32]uint32{
	1000: 16, 1001: 17, 1002: 18, 1003: 19, 1016: 20, 1005: 21, 1007: 23, 1009: 25, 1028: 26, 199: 114, 143: 142, 1017: 600, 651: 650, 1021: 700, 1022: 701,
	775: 774, 791: 790, 1040: 829, 1041: 869, 1014: 1042, 1015: 1043, 1182: 1082, 1183: 1083, 1115: 1114, 1185: 1184, 1187: 1186, 1270: 1266, 1561: 1560,
	1563: 1562, 1231: 1700, 2951: 2950, 3643: 3614, 3807: 3802, 3905: 3904, 3907: 3906, 3909: 3908, 3911: 3910, 3913: 3912, 3927: 3926,
}
