package convert

import "fmt"

// ValueError is a row that its schema does not allow, such as null where a value is required. Its text holds no row data.
type ValueError struct {
	Path string // the field, as in after.id; "" for the whole
	Msg  string
}

// Error names the field and the reason.
func (e *ValueError) Error() string {
	if e.Path == "" {
		return e.Msg
	}
	return fmt.Sprintf("field %s: %s", e.Path, e.Msg)
}

// BadRecord reports that the same row always fails and that others may not.
func (e *ValueError) BadRecord() bool { return true }

// SchemaError is a schema that the format cannot express. It fails every row of the schema.
type SchemaError struct {
	Path string // the field, as in after.id; "" for the whole
	Msg  string
}

// Error names the field and the reason.
func (e *SchemaError) Error() string {
	if e.Path == "" {
		return e.Msg
	}
	return fmt.Sprintf("field %s: %s", e.Path, e.Msg)
}
