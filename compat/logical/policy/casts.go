package policy

import "github.com/millrace/millrace/compat/logical"

// casts are the types, by target, whose every value a target of another type holds unchanged. These are the implicit casts of
// Flink's planner (org.apache.flink.table.types.logical.utils.LogicalTypeCasts; for users
// https://nightlies.apache.org/flink/flink-docs-stable/docs/dev/table/types/#casting) without those that lose something, which a
// query may do to a value and a table may not to its rows:
//
//   - FLOAT and DOUBLE to DECIMAL: none has their range;
//   - INT, BIGINT and DECIMAL to FLOAT, BIGINT and DECIMAL to DOUBLE: the significand is too short;
//   - TIMESTAMP to DATE and to TIME: half of it is dropped;
//   - between TIMESTAMP and TIMESTAMP_LTZ: a reading of a clock is no instant.
var casts = map[logical.Kind][]logical.Kind{
	logical.Varchar:   {logical.Char},
	logical.Varbinary: {logical.Binary},
	logical.SmallInt:  {logical.TinyInt},
	logical.Int:       {logical.TinyInt, logical.SmallInt},
	logical.BigInt:    {logical.TinyInt, logical.SmallInt, logical.Int},
	logical.Decimal:   {logical.TinyInt, logical.SmallInt, logical.Int, logical.BigInt},
	logical.Float:     {logical.TinyInt, logical.SmallInt},
	logical.Double:    {logical.TinyInt, logical.SmallInt, logical.Int, logical.Float},
}

// integerDigits are the decimal digits that every value of an integer type fits in.
var integerDigits = map[logical.Kind]int{logical.TinyInt: 3, logical.SmallInt: 5, logical.Int: 10, logical.BigInt: 19}

// castable reports whether a value of a type can be read as one of another, lengths, precisions and scales aside.
func castable(from, to logical.Kind) bool {
	if from == to {
		return true
	}
	for _, k := range casts[to] {
		if k == from {
			return true
		}
	}
	return false
}
