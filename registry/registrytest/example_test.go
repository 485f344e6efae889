package registrytest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/registrytest"
)

// In a test, NewServer(t) does the same and ends with it.
func ExampleStart() {
	s, err := registrytest.Start(client.Version{Subject: "orders-value", ID: 42, Version: 1, Schema: client.Schema{Text: `"long"`}})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()

	// The program under test is given s.URL.
	v, err := s.Registry().Latest(context.Background(), "orders-value")
	fmt.Println(v.ID, v.Version, v.Text, err)
	for _, r := range s.Requests() {
		fmt.Println(r.Method, r.Path, r.Status)
	}
	// Output:
	// 42 1 "long" <nil>
	// GET /subjects/orders-value/versions/latest 200
}

func ExampleServer_Inject() {
	s, err := registrytest.Start(client.Version{Subject: "orders-value", Schema: client.Schema{Text: `"long"`}})
	if err != nil {
		log.Fatal(err)
	}
	defer s.Close()
	s.Inject(registrytest.Fault{Path: "/schemas/ids/", Status: 500, Code: client.LeaderUnknown, Times: 1})

	// The client asks again.
	schema, err := s.Registry().SchemaByID(context.Background(), 1)
	fmt.Println(schema.Text, err, len(s.Requests()))
	// Output: "long" <nil> 2
}
