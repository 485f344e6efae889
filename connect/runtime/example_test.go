package runtime_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/connecttest"
	"github.com/millrace/millrace/connect/offset"
	"github.com/millrace/millrace/connect/offset/file"
	"github.com/millrace/millrace/connect/runtime"
)

// A task reads a source to its end and leaves its position in a file, so that running it again moves nothing twice.
func ExampleTask() {
	dir := must(os.MkdirTemp("", "millrace"))
	defer os.RemoveAll(dir)
	upstream, broker := &connecttest.Upstream{Rows: 4, Keys: 2}, &connecttest.Broker{}
	for range 2 {
		task := &runtime.Task{
			Name:      "shop",
			Source:    func() (connect.Source, error) { return upstream.Source(), nil },
			Producer:  func(context.Context) (connect.Producer, error) { return broker.Producer(), nil },
			Key:       connecttest.Text{},
			Value:     connecttest.Text{},
			Offsets:   must(file.Open(dir + "/offsets.json")),
			OffsetKey: offset.Key{Connector: "shop", Partition: `{"server":"shop"}`},
			Log:       slog.New(slog.DiscardHandler),
		}
		if err := task.Run(context.Background()); err != nil {
			fmt.Println(err)
		}
	}
	for _, m := range broker.Messages() {
		fmt.Printf("%s %s: %s\n", m.Topic, m.Key, m.Value)
	}
	// Output:
	// numbers 0: 0 0
	// numbers 1: 1 1
	// numbers 0: 0 2
	// numbers 1: 1 3
}
