package connect_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/convert"
)

type passing struct{ bool }

func (passing) Error() string     { return "503" }
func (e passing) Retriable() bool { return e.bool }

func TestClassOf(t *testing.T) {
	plain := errors.New("plain")
	for _, tt := range []struct {
		name string
		err  error
		want connect.Class
	}{
		{"nil", nil, connect.Fatal},
		{"plain", plain, connect.Fatal},
		{"marked", fmt.Errorf("reading: %w", connect.MarkRetriable(plain)), connect.Retriable},
		{"outermost mark", connect.MarkBadRecord(fmt.Errorf("row: %w", connect.MarkRetriable(plain))), connect.BadRecord},
		{"by method", fmt.Errorf("preparing: %w", passing{true}), connect.Retriable},
		{"by method, not", fmt.Errorf("preparing: %w", passing{false}), connect.Fatal},
		{"a mark over a method", connect.MarkBadRecord(passing{true}), connect.BadRecord},
		{"a converter's row", fmt.Errorf("encoding: %w", &convert.ValueError{Path: "after.id", Msg: "null value"}), connect.BadRecord},
		{"a converter's schema", &convert.SchemaError{Msg: "no such type"}, connect.Fatal},
	} {
		if got := connect.ClassOf(tt.err); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
