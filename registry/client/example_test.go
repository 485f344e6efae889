package client_test

import (
	"context"
	"fmt"
	"log"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/registrytest"
	"github.com/millrace/millrace/registry/wire"
)

func Example() {
	s, err := registrytest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	c, err := client.New(client.Config{URLs: []string{s.URL}})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	ctx := context.Background()
	order := client.Schema{Type: schema.Avro, Text: `{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}`}
	id, err := c.Register(ctx, "orders-value", order, false)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("id", id)

	order.Text = `{"type":"record","name":"Order","fields":[{"name":"id","type":"string"}]}`
	_, err = c.Register(ctx, "orders-value", order, false)
	switch {
	case client.Code(err) == client.Incompatible:
		fmt.Println("incompatible")
	case client.Retriable(err):
		fmt.Println("try again later:", err)
	case err != nil:
		log.Fatal(err)
	}
	// Output:
	// id 1
	// incompatible
}

func ExampleClient_Namer() {
	s, err := registrytest.Start()
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	namer, err := s.Registry().Namer(client.NamerOptions{Strategy: wire.TopicRecordName})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(namer.Subject(context.Background(), "orders", wire.Value, "shop.Order"))
	// Output: orders-shop.Order <nil>
}
