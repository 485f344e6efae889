package ddl

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/millrace/millrace/compat/logical"
)

// TestDefaults holds the value of each literal and how it is printed. A want that begins with "line" is the fault.
func TestDefaults(t *testing.T) {
	type n = logical.Number
	for _, c := range []struct {
		typ, literal string
		want         logical.Value
		printed      string
	}{
		{"BOOLEAN", "true", true, "TRUE"},
		{"BOOLEAN", "FALSE", false, "FALSE"},
		{"BOOLEAN", "1", "Default literal 1 is not compatible with type BOOLEAN", ""},
		{"TINYINT", "- 128", n("-128"), "-128"},
		{"TINYINT", "128", "TINYINT default value out of range: 128", ""},
		{"SMALLINT", "007", n("7"), "7"},
		{"SMALLINT", "-32769", "SMALLINT default value out of range: -32769", ""},
		{"INT", "2147483647", n("2147483647"), "2147483647"},
		{"INT", "2147483648", "INT default value out of range: 2147483648", ""},
		{"INT", "1.0", "Default literal 1.0 is not compatible with type INT", ""},
		{"INT", "'1'", "Default literal '1' is not compatible with type INT", ""},
		{"INT", "X'01'", "Default literal X'01' is not compatible with type INT", ""},
		{"BIGINT", "-9223372036854775808", n("-9223372036854775808"), "-9223372036854775808"},
		{"BIGINT", "9223372036854775808", "BIGINT default value out of range: 9223372036854775808", ""},
		{"FLOAT", "5", n("5.0"), "5.0"},
		{"FLOAT", "0.1", n("0.1"), "0.1"},
		{"FLOAT", "16777217", n("1.6777216E7"), "1.6777216E7"},
		{"FLOAT", "1e39", "FLOAT default value out of range: 1e39", ""},
		{"DOUBLE", "-.5", n("-0.5"), "-0.5"},
		{"DOUBLE", "1e10", n("1.0E10"), "1.0E10"},
		{"DOUBLE", "1e-4", n("1.0E-4"), "1.0E-4"},
		{"DOUBLE", "1e999", "DOUBLE default value out of range: 1e999", ""},
		{"DECIMAL", "12.34", n("12.34"), "12.34"},
		{"DECIMAL(5)", "'-12.3400'", n("-12.3400"), "-12.3400"},
		{"DECIMAL(5, 2)", "1e2", n("1E+2"), "1E+2"},
		{"DECIMAL(9, 9)", "0.0000001", n("1E-7"), "1E-7"},
		{"DECIMAL(9, 8)", "-0.00000012", n("-1.2E-7"), "-1.2E-7"},
		{"DECIMAL(4, 2)", "00.5", n("0.5"), "0.5"},
		{"DECIMAL(1, 0)", "0", n("0"), "0"},
		{"DECIMAL(5, 2)", "1.234", "DECIMAL(5, 2) default value '1.234' has scale 3 (more digits after the decimal point than " +
			"declared scale)", ""},
		{"DECIMAL(5, 2)", "1234", "DECIMAL(5, 2) default value '1234' exceeds declared precision (integer-part digits 4 > 3)", ""},
		{"DECIMAL", "99999999999", "DECIMAL(10) default value '99999999999' exceeds declared precision (integer-part digits 11 > 10)",
			""},
		{"DECIMAL(2)", "1e5", "DECIMAL(2) default value '100000' exceeds declared precision (integer-part digits 6 > 2)", ""},
		{"DECIMAL(2147483647)", "1e999999999", "Default literal 1e999999999 is not compatible with type DECIMAL", ""},
		{"DECIMAL", "'1e-999999999999'", "Default literal '1e-999999999999' is not compatible with type DECIMAL", ""},
		{"DECIMAL", "'a'", "Default literal 'a' is not compatible with type DECIMAL", ""},
		{"DECIMAL", "''", "Default literal '' is not compatible with type DECIMAL", ""},
		{"DECIMAL", "TRUE", "Default literal TRUE is not compatible with type DECIMAL", ""},
		{"CHAR(2)", "'a😀'", "CHAR(2) default value 'a😀' has 3 characters; must be exactly 2 (CHAR is fixed-length — use " +
			"VARCHAR for variable length).", ""},
		{"CHAR(3)", "'a😀'", "a😀", "'a😀'"},
		{"VARCHAR(3)", "'it''s'", "VARCHAR(3) default value 'it's' exceeds the declared length (4 > 3)", ""},
		{"STRING", "'it''s'", "it's", "'it''s'"},
		{"STRING", "5", "Default literal 5 is not compatible with type VARCHAR", ""},
		{"STRING", "INTERVAL '7' DAY", "7", "'7'"},
		{"BINARY(2)", "x'0Aff'", []byte{10, 255}, "x'0AFF'"},
		{"BINARY(2)", "x'0A'", "BINARY(2) default value has 1 bytes; must be exactly 2 (BINARY is fixed-length — use VARBINARY for " +
			"variable length).", ""},
		{"VARBINARY(1)", "x'0Aff'", "VARBINARY(1) default value of 2 bytes exceeds the declared length (max 1)", ""},
		{"BYTES", "X''", []byte{}, "x''"},
		{"BYTES", "X'123'", "Bytes literal X'123' has odd number of hex digits; must be even (each pair = one byte)", ""},
		{"BYTES", "X'00G5'", "Invalid hex character at position 2 in bytes literal X'00G5'", ""},
		{"BYTES", "'00'", "Default literal '00' is not compatible with type VARBINARY", ""},
		{"DATE", "'2026-04-17'", "2026-04-17", "'2026-04-17'"},
		{"DATE", "20260417", "Default literal 20260417 is not compatible with type DATE", ""},
		{"DATE", "'2026-04-31'",
			`Default literal '2026-04-31' is not compatible with type DATE: "2026-04-31" is not a DATE such as 2026-04-17`, ""},
		{"TIME", "'12:30:00'", "12:30", "'12:30'"},
		{"TIME(1)", "'12:30:45.5'", "12:30:45.500", "'12:30:45.5'"},
		{"TIME", "'12:30:45.5'", "TIME(0) default value '12:30:45.5' has 1 fractional-second digits, exceeds the declared " +
			"precision (0).", ""},
		{"TIMESTAMP", "TIMESTAMP '2026-04-17T18:00:00'", "2026-04-17T18:00", "'2026-04-17T18:00'"},
		{"TIMESTAMP(0)", "'2026-04-17T18:00:00.0'", "TIMESTAMP(0) default value '2026-04-17T18:00:00.0' has 1 fractional-second " +
			"digits, " +
			"exceeds the declared precision (0).", ""},
		{"TIMESTAMP_LTZ(2)", "'2026-04-17T18:00:00.25+01:00'", "2026-04-17T17:00:00.250Z", "'2026-04-17T17:00:00.25Z'"},
		{"TIMESTAMP_LTZ", "'2026-04-17T18:00:00'", "Default literal '2026-04-17T18:00:00' is not compatible with type TIMESTAMP_LTZ: " +
			`"2026-04-17T18:00:00" is not a TIMESTAMP_LTZ such as 2026-04-17T18:00:30Z`, ""},
		{"INT NOT NULL", "NULL", nil, "NULL"},
		{"ARRAY<INT>", "null", nil, "NULL"},
		{"ARRAY<INT>", "1", "Default values are not supported for type: ARRAY", ""},
		{"Color", "'RED'", "Default values are not supported for type: NAMED_TYPE_REF", ""},
		{"VARIANT", "1", "Default values are not supported for type: VARIANT", ""},
	} {
		name := c.typ + " DEFAULT " + c.literal
		script, err := Parse("STRUCT A (f " + name + ")")
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		s, err := script.Schema()
		if c.printed == "" {
			if err == nil || !strings.HasSuffix(err.Error(), ": "+c.want.(string)) {
				t.Errorf("%s: %v, want %s", name, err, c.want)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		f := s.Root.Fields[0]
		if diff := cmp.Diff(logical.Default{Has: true, Value: c.want}, f.Default); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if got := value(f.Default.Value, f.Type); got != c.printed {
			t.Errorf("%s: printed %s, want %s", name, got, c.printed)
		}
	}
}
