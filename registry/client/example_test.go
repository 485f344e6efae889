package client_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/millrace/millrace/compat/schema"
	"github.com/millrace/millrace/registry/client"
)

func Example() {
	c, err := client.New(client.Config{URLs: []string{"http://localhost:8081"}})
	if err != nil {
		log.Fatal(err)
	}
	defer c.Close()
	order := client.Schema{Type: schema.Avro, Text: `{"type":"record","name":"Order","fields":[{"name":"id","type":"long"}]}`}
	id, err := c.Register(context.Background(), "orders-value", order, false)
	var refused *client.Error
	switch {
	case errors.As(err, &refused) && refused.Status == 409:
		fmt.Println("incompatible:", refused.Message)
	case client.Retriable(err):
		fmt.Println("try again later:", err)
	case err != nil:
		log.Fatal(err)
	}
	fmt.Println("schema id", id)
}
