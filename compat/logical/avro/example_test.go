package avro_test

import (
	"fmt"

	native "github.com/millrace/millrace/compat/avro"
	"github.com/millrace/millrace/compat/logical"
	"github.com/millrace/millrace/compat/logical/avro"
	"github.com/millrace/millrace/compat/logical/ddl"
	"github.com/millrace/millrace/compat/schema"
)

func Example() {
	parsed, err := native.Parse(schema.Document{Text: `{
		"type": "record", "name": "Order", "namespace": "acme", "fields": [
			{"name": "id", "type": "long"},
			{"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 9, "scale": 2}, "default": "\u0064"},
			{"name": "note", "type": ["null", "string"], "default": null}
		]}`}, nil, schema.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	tree, err := avro.From(parsed, nil, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	text, err := ddl.Print(tree)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Print(text)

	document, err := avro.To(tree, logical.RootName("orders-value"))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(document.Text == parsed.Canonical(), document.Properties)
	// Output:
	// NAMESPACE acme;
	// STRUCT Order (
	//   id BIGINT NOT NULL,
	//   price DECIMAL(9, 2) NOT NULL DEFAULT 1.00,
	//   note STRING DEFAULT NULL
	// );
	// true map[confluent:edition:2 confluent:namespace:acme]
}
