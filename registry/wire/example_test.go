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
