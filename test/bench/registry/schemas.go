package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

var (
	words = strings.Fields("customer order id name address street city zip country created updated status price amount currency quantity product sku " +
		"category email phone first last birth date time zone active deleted version source channel payment method discount tax total shipping " +
		"tracking carrier weight width height depth color size brand model serial number note comment tag")
	types = []string{
		`"string"`, `"long"`, `"int"`, `["null","string"]`, `{"type":"long","logicalType":"timestamp-millis"}`, `"boolean"`, `["null","long"]`,
		`{"type":"array","items":"string"}`, `{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}`, `"double"`,
	}
)

// text returns the Avro schema of a number: a record of some fields, the same each time.
func text(n, fields int, more string) string {
	r := rand.New(rand.NewPCG(uint64(n), 1))
	var b strings.Builder
	fmt.Fprintf(&b, `{"type":"record","name":"%s_%d","namespace":"com.example.%s","fields":[`, words[r.IntN(len(words))], n, words[r.IntN(len(words))])
	for i := range fields {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"%s_%s_%d","type":%s}`, words[r.IntN(len(words))], words[r.IntN(len(words))], i, types[r.IntN(len(types))])
	}
	b.WriteString(more)
	b.WriteString(`]}`)
	return b.String()
}

// fieldsOf is how many fields the schema of a number has: 5 to 50, 27 on average, which makes 1.6 KB of text.
func fieldsOf(n int) int { return 5 + n*7%46 }

func subject(n int) string { return fmt.Sprintf("team-%d.%s-%d-value", n%97, words[n%len(words)], n) }

func schemaText(n int) string { return text(n, fieldsOf(n), "") }
