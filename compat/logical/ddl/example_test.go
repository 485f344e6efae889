package ddl_test

import (
	"fmt"

	"github.com/millrace/millrace/compat/logical/ddl"
)

func Example() {
	script, err := ddl.Parse(`
		namespace shop;
		enum State ('OPEN', 'DONE');
		row Order (id bigint not null, state State, tags varchar array, check (id > 0))`)
	if err != nil {
		fmt.Println("no DDL:", err)
		return
	}
	s, err := script.Schema()
	if err != nil {
		fmt.Println("DDL that means nothing:", err)
		return
	}
	fmt.Println(s.Name, len(s.Root.Fields), s.Root.Rules[0].Expr)
	text, err := ddl.Print(s)
	fmt.Print(text, err)
	// Output:
	// Order 3 this.id > 0
	// NAMESPACE shop;
	// STRUCT Order (
	//   id BIGINT NOT NULL,
	//   state State,
	//   tags ARRAY<VARCHAR(1)>,
	//   CHECK (id > 0)
	// );
	// ENUM State ('OPEN', 'DONE');
	// <nil>
}

func ExampleParse() {
	_, err := ddl.Parse("STRUCT Order (id BIGINT,)")
	fmt.Println(err)
	// Output: line 1, column 25: expected a field's name, found )
}
