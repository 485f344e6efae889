package check

import (
	"maps"
	"strings"
	"testing"
	"time"
)

// row is a value of every column; withNulls has NULL for those that may be, and without lacks them.
var (
	row = map[string]any{
		"n": 5, "m": 7, "must": 1, "f": 1.5, "d": 2.5, "price": newDecimal("9.99"), "tax": newDecimal("0.50"), "s": "hello",
		"code": "ab", "raw": []byte{1, 2}, "ok": true, "day": time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
		"at": time.Date(2024, 2, 29, 10, 20, 30, 0, time.UTC), "due": time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC),
		"tags": []string{"a", "b", "hello"}, "counts": []int{1, 2, 5}, "prices": []any{newDecimal("1.5"), newDecimal("2.25")},
		"times": []time.Time{time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC)}, "bag": []any{newDecimal("3")}, "grid": [][]int{{1, 2}, {3}},
		"ages": map[string]int{"bob": 20}, "home": home, "homes": []any{home}, "color": "RED", "as": 3, "type": "t",
		"v": map[string]any{"a": 5, "b": "x", "c": nil, "t": "2024-02-29T10:20:30Z", "l": []any{1, 2}},
	}
	home = map[string]any{"zip": 12, "city": "Xanten", "labels": map[string]string{"k": "hello"},
		"since": time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC), "in": 4}
	withNulls = func() map[string]any {
		m := maps.Clone(row)
		for _, c := range columns {
			if c.Type.Nullable {
				m[c.Name] = nil
			}
		}
		return m
	}()
	without = map[string]any{"must": 1}
)

// TestValues evaluates the CEL: what SQL says to the row and, behind |, to the one with NULLs, and to the one that lacks the
// columns. An operator of NULL is UNKNOWN in SQL; in CEL it is an error.
func TestValues(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"n = 5", "true | false | error"}, {"n <> 5", "false"}, {"n >= 5 AND n < 6 AND n <= 5 AND NOT n > 5", "true | error | error"},
		{"n < 5 OR m = 7", "true"}, {"NOT (n = 5 AND m = 8)", "true"}, {"NOT n = 5 AND ok OR ok", "true"},
		{"n - m = -2 AND n * m % 4 = 3 AND m / n = 1 AND - n + - -5 = 0", "true"}, {"n + m * 2 = 19 AND (n + m) * 2 = 24", "true"},
		{"n % 2 = 1 AND -n % 3 = -2", "true"},
		{"d + n = 7.5 AND n < d * 2.1 AND f * 2 = 3 AND d - f > 0.9e0", "true"}, {"n = 5.0 AND n = 5e0 AND 5 = n", "true"},
		{"price > n AND price + tax = 10.49 AND price - tax * 2 = 8.99 AND -tax < 0", "true | error | error"},
		{"price / 3 = 3.33 AND price % 2 = 1.99 AND tax = .5 AND tax <> 0.51", "true"}, {"price = d OR price > d", "true"},
		{"0.1 + 0.2 = 0.3", "true"}, {"0.1e0 + 0.2e0 = 0.3e0", "false"}, {"(n + tax) * 2 >= 11.00", "true"},

		{"s || code || '' = 'helloab'", "true"}, {"raw || x'ff' = X'0102FF'", "true"}, {"s = 'hel''lo'", "false"},
		{`'\' || s = '\hello'`, "true"},
		{"s LIKE 'h_l%'", "true"}, {"s LIKE 'h'", "false"}, {"s LIKE '%l%o'", "true"}, {"s LIKE ''", "false"},
		{"s NOT LIKE 'H%'", "true"},
		{`'a.b*c' LIKE 'a.b*_'`, "true"}, {`'axbbc' LIKE 'a.b*c'`, "false"}, {`'50%' LIKE '50\%'`, "true"},
		{`'500' LIKE '50\%'`, "false"},
		{`'50%x_' LIKE '50!%_!_' ESCAPE '!'`, "true"}, {`'a\b' LIKE 'a\b' ESCAPE '!'`, "true"}, {`'it''s' LIKE '__''_'`, "true"},
		{"'äöü' LIKE '___'", "true"}, {`'[x]' LIKE '[x]'`, "true"}, {"'a\tb' LIKE 'a\t_'", "true"},

		{"n BETWEEN 5 AND 6", "true"}, {"n BETWEEN 6 AND 5", "false"}, {"n BETWEEN SYMMETRIC 6 AND 5", "true"},
		{"n NOT BETWEEN 1 AND 4", "true"},
		{"n NOT BETWEEN SYMMETRIC 9 AND 2", "false"}, {"d BETWEEN 2 AND 2.5", "true"}, {"price BETWEEN SYMMETRIC 10 AND n", "true"},
		{"n BETWEEN f AND price", "true"}, {"s BETWEEN 'a' AND 'i'", "true"}, {"at BETWEEN day AND due", "true"},
		{"n BETWEEN 1 AND 9 = ok", "true"},

		{"n IN (1, 5)", "true"}, {"n NOT IN (1, 5)", "false"}, {"n IN (4.5, 5.0)", "true"}, {"d IN (2, 2.5)", "true"},
		{"tax IN (0.5)", "true"},
		{"tax NOT IN (n, 0.5)", "false"}, {"s IN tags", "true"}, {"code NOT IN tags", "true"}, {"n IN grid[1]", "false"},
		{"due IN (at, TIMESTAMP '2024-03-01')", "true"}, {"due IN times", "true"}, {"raw IN (x'00', x'0102')", "true"},
		{"s IN ('hello')", "true"},

		{"n IS NULL", "false | true | true"}, {"n IS NOT NULL", "true | false | false"}, {"n IS NULL OR n > 0", "true | true | true"},
		{"n IS NOT NULL AND n > 0", "true | false | false"}, {"NOT n IS NULL", "true | false | false"},
		{"((n)) IS NULL", "false | true | true"},
		{"home.since IS NULL", "false"}, {"home.`in` IS NULL", "false"}, {"n + 1 IS NULL", "false | error | error"},
		{"`as` IS NULL", "false | true | error"},
		{"NULLIF(n, 5) IS NULL", "true"}, {"NULLIF(n, 4) IS NULL", "false"}, {"NULLIF(price, 9.990) IS NULL", "true"},
		{"NULLIF(s, 'x') = 'hello'", "true"}, {"NULLIF(at, due) = at", "true"}, {"NULLIF(d, n) = 2.5", "true"},
		{"COALESCE(n, 0) = 5", "true | false | false"}, {"COALESCE(n, m, 0) = 0", "false | true | true"},
		{"COALESCE(n, 0.5) = .5", "false | true | true"},
		{"COALESCE(price, n, -1) < 0", "false | true | true"}, {"COALESCE(s, 'none') = 'none'", "false | true | true"},
		{"COALESCE(at, CURRENT_TIMESTAMP) = CURRENT_TIMESTAMP", "false | true | true"}, {"COALESCE(d, 1) = 1", "false | true | true"},
		{"GREATEST(n, m) = 7", "true"}, {"LEAST(n, m) = 5", "true"}, {"GREATEST(n, 1) = 1", "false | true | true"},
		{"LEAST(2, n) = 2", "true | true | true"},
		{"GREATEST(d, n) = 5 AND LEAST(n, d) = 2.5", "true"}, {"LEAST(price, n) = 5 AND GREATEST(price, tax) = 9.99", "true"},
		{"GREATEST(s, code) = 'hello' AND LEAST(at, due) < due", "true"}, {"GREATEST(s, 'a') = 'a'", "false | true | true"},

		{"CASE WHEN n > 9 THEN 'big' WHEN n > 4 THEN 'fair' ELSE 'small' END = 'fair'", "true"},
		{"CASE n WHEN 1 THEN 'a' WHEN 5 THEN 'b' ELSE 'c' END = 'b'", "true"}, {"CASE WHEN ok THEN n ELSE price END = 5", "true"},
		{"CASE WHEN NOT ok THEN n ELSE price END = 9.99", "true"}, {"CASE d WHEN 2.5 THEN TRUE ELSE FALSE END", "true"},
		{"CASE price WHEN 9.990 THEN 1 ELSE d END = 1", "true"}, {"CASE at WHEN due THEN 1 ELSE 2 END = 2", "true"},
		{"CASE WHEN n = 4 OR n = 5 THEN CASE WHEN m = 7 THEN 1 ELSE 2 END ELSE 3 END = 1", "true"},

		{"LENGTH(s) = 5 AND LENGTH(tags) = 3 AND LENGTH(raw) = 2 AND LENGTH(ages) = 1 AND LENGTH('äö') = 2", "true"},
		{"UPPER(s) = 'HELLO' AND LOWER('ABC') = 'abc'", "true"},
		{"STARTS_WITH(s, 'he') AND ENDS_WITH(s, 'lo') AND CONTAINS(s, 'll')", "true"},
		{"REPLACE(s, 'l', 'L') = 'heLLo'", "true"}, {`MATCHES(s, '^h\w+o$') AND NOT MATCHES(s, '^l')`, "true"},
		{"MATCHES(s, 'll')", "true"},
		{"IS_EMAIL('a@b.c') AND NOT IS_EMAIL(s)", "true"}, {"IS_HOSTNAME('a.b')", "true"},
		{"IS_IPV4('1.2.3.4') AND NOT IS_IPV4('::1')", "true"},
		{"IS_IPV6('::1')", "true"}, {"IS_URI('a:b') AND NOT IS_URI('b') AND IS_URI_REF('b')", "true"},
		{"IS_UUID('12345678-1234-1234-1234-123456789abc')", "true"},
		{"ABS(-n) = 5 AND SIGN(-n) = -1 AND FLOOR(d) = 2 AND CEIL(d) = 3 AND SQRT(d * 10e0) = 5 AND ROUND(f) = 2 AND TRUNCATE(d) = 2",
			"true"},
		{"ABS(-price) = 9.99 AND SIGN(tax) = 1 AND FLOOR(-price) = -10 AND CEILING(price) = 10 AND TRUNCATE(-price) = -9", "true"},
		{"ROUND(price) = 10 AND ROUND(price, 1) = 10 AND TRUNCATE(price, 1) = 9.9 AND ROUND(price * 100, -2) = 1000", "true"},
		{"SQRT(price * 0 + 4) = 2", "true"},

		{"CAST(n AS STRING) = '5' AND CAST('5' AS INT) = n AND CAST(d AS INT) = 2 AND CAST(n AS DOUBLE) = 5", "true"},
		{"CAST('true' AS BOOLEAN) AND CAST(s AS BYTES) = x'68656c6c6f'", "true"},
		{"CAST(d AS DECIMAL(5, 1)) = 2.5 AND CAST(d AS DECIMAL) = 3", "true"},
		{"CAST(price AS DECIMAL(9, 1)) = 10.0 AND CAST(tax AS STRING) = '0.50' AND CAST(tax AS DOUBLE) = 0.5e0", "true"},
		{"EXTRACT(YEAR FROM at) = 2024 AND EXTRACT(MONTH FROM at) = 2 AND EXTRACT(DAY FROM at) = 29", "true"},
		{"EXTRACT(HOUR FROM at) = 10 AND EXTRACT(MINUTE FROM at) = 20 AND EXTRACT(SECOND FROM at) = 30", "true"},
		{"EXTRACT(EPOCH FROM due) = 1709251200 AND EXTRACT(DAY FROM due - INTERVAL '1' SECOND) = 29", "true"},
		{"SUBSTRING(s FROM 2 FOR 3) = 'ell' AND SUBSTRING(s, 4) = 'lo' AND SUBSTRING(s FROM n - 1 FOR 1) = 'l'", "true"},
		{"POSITION('l' IN s) = 3 AND POSITION('x' IN s) = 0 AND POSITION(code IN s || code) * 2 = 12", "true"},
		{"TRIM(' a ') || TRIM(s) = 'ahello'", "true"},

		{"at < due AND due <= CURRENT_TIMESTAMP", "true"},
		{"at > TIMESTAMP '2024-02-29 10:20:29' AND at < TIMESTAMP '2024-02-29T10:20:30+00:01'", "false"},
		{"at >= TIMESTAMP '2024-02-29 11:20:30+01:00' AND due = TIMESTAMP '2024-03-01'", "true"},
		{"CURRENT_TIMESTAMP - INTERVAL '1' DAY = due AND due - at > INTERVAL '13' HOURS AND at + INTERVAL '60' MINUTES < due", "true"},

		{"tags[1] = 'a' AND tags[n - 2] = s AND grid[2][1] = 3 AND (counts)[2] = 2", "true"},
		{"ages['bob'] = 20 AND (ages)['bob'] > 18", "true"},
		{"prices[1] < prices[2] AND bag[1] = 3", "true"}, {"tags[4] = 'x'", "error"},
		{"home.zip = 12 AND (home).city LIKE 'X%' AND home.`in` = 4", "true"},
		{"home.labels['k'] = s AND homes[1].labels['k'] = s AND home.since < at AND `as` = 3 AND type = 't'", "true"},
		{"EVERY(counts, c, c > 0) AND ANY(tags, t, t = s) AND ONE(counts, c, c = n)", "true"}, {"EVERY(counts, c, c < n)", "false"},
		{"ONE(counts, c, c < 3)", "false"}, {"ANY(homes, h, h.zip = 12 AND EVERY(tags, t, LENGTH(t) > 0))", "true"},
		{"EVERY(prices, p, p > 1) AND ANY(times, x, x = due)", "true"}, {"EVERY(tags, n, n <> '')", "true"},

		{"VARIANT_GET(v, '$.a' RETURNING INT) = n AND VARIANT_GET(v, '$.b' RETURNING STRING) = 'x'", "true"},
		{"VARIANT_GET(v, '$.a' RETURNING DECIMAL(3, 1)) > tax AND VARIANT_GET(v, '$.l[1]' RETURNING DOUBLE) = 2", "true"},
		{"VARIANT_GET(v, '$.t' RETURNING TIMESTAMP) = at", "true"}, {"VARIANT_GET(v, '$.b' RETURNING INT) = 1", "error"},
		{"TRY_VARIANT_GET(v, '$.b' RETURNING INT) IS NULL AND TRY_VARIANT_GET(v, '$.a' RETURNING INT) IS NOT NULL", "true"},
		{"VARIANT_GET(v, '$.z') IS NULL AND VARIANT_IS_NULL(VARIANT_GET(v, '$.c')) AND TYPE_OF_VARIANT(v) = 'OBJECT'", "true"},
		{`VARIANT_GET(PARSE_JSON('{"a":true}'), '$.a' RETURNING BOOLEAN) AND TRY_PARSE_JSON('{') IS NULL`, "true"},
		{`TO_JSON(PARSE_JSON('{"a" : 1}')) = '{"a":1}'`, "true"},

		{"column n: n > 4 AND n BETWEEN 1 AND 9", "true"}, {"column tags: EVERY(tags, t, t <> '') AND tags[2] = 'b'", "true"},
		{"column home: home.zip > 1 AND home.labels['k'] = 'hello' AND home.`in` = 4", "true"}, {"column price: price = 9.990", "true"},
		{"column at: at < CURRENT_TIMESTAMP", "true"}, {"column home: home.since IS NULL", "false"},
	} {
		text, err := translate(c.sql)
		if err != nil {
			t.Errorf("%s: %v", c.sql, err)
			continue
		}
		rows := []any{row, withNulls, without}
		if name, ok := strings.CutPrefix(c.sql, "column "); ok {
			name, _, _ = strings.Cut(name, ":")
			rows = []any{row[name]}
		}
		for i, want := range strings.Split(c.want, " | ") {
			if got, err := evaluate(text, rows[i]); got != want {
				t.Errorf("%s\n%s\nin row %d: %s, want %s (%v)", c.sql, text, i, got, want, err)
			}
		}
	}
}
