package wire_test

import (
	"fmt"

	"github.com/millrace/millrace/registry/wire"
)

func Example() {
	message := append(wire.Append(nil, 7), "datum"...)
	fmt.Printf("%x\n", message)
	id, datum, err := wire.Parse(message)
	fmt.Printf("%d %s %v\n", id, datum, err)
	_, _, err = wire.Parse([]byte(`{"json":true}`))
	fmt.Println(err)
	// Output:
	// 0000000007646174756d
	// 7 datum <nil>
	// not a frame of a schema registry: it begins with 0x7b
}

// The headers of a franz-go record can be handed over as they are.
func ExampleDetect() {
	guid, _ := wire.GUIDOf("00112233-4455-6677-8899-aabbccddeeff")
	for _, record := range []struct {
		Headers []wire.Header
		Value   []byte
	}{
		{nil, append(wire.Append(nil, 7), "datum"...)},
		{[]wire.Header{{Key: wire.ValueHeader, Value: wire.AppendGUID(nil, guid)}}, []byte("datum")},
		{nil, append(wire.AppendApicurio(nil, 7), "datum"...)},
		{nil, append(wire.AppendGlue(nil, guid), "datum"...)},
		{nil, []byte("datum")},
	} {
		f, err := wire.Detect(wire.Value, record.Headers, record.Value)
		if err != nil {
			fmt.Println(err)
			continue
		}
		switch f.Format {
		case wire.ConfluentGUID, wire.Glue:
			fmt.Printf("%s %s: %s\n", f.Format, f.GUID, f.Data)
		case wire.Bare:
			fmt.Printf("%s: %s\n", f.Format, f.Data)
		default:
			fmt.Printf("%s %d: %s\n", f.Format, f.ID, f.Data)
		}
	}
	// Output:
	// Confluent id 7: datum
	// Confluent GUID 00112233-4455-6677-8899-aabbccddeeff: datum
	// Apicurio global id 7: datum
	// AWS Glue 00112233-4455-6677-8899-aabbccddeeff: datum
	// bare: datum
}

func ExampleFrame_Indexes() {
	var buf [8]int
	record := append(wire.AppendIndexes(wire.Append(nil, 7), []int{2, 0}), "datum"...)
	f, _ := wire.Detect(wire.Value, []wire.Header(nil), record)
	indexes, datum, err := f.Indexes(buf[:0], wire.Zigzag)
	fmt.Printf("%v %s %v\n", indexes, datum, err)
	// Output: [2 0] datum <nil>
}
