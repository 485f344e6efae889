package logical

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/compat/schema"
)

func TestAppendJSON(t *testing.T) {
	v := Object{{"b", true}, {"f", false}, {"n", nil}, {"s", "it \"is\"\n\xff"}, {"x", []byte{0, 'A', 0xff}}, {"i", Number("12.50")},
		{"o", Number("NaN")}, {"l", []Value{Number("1"), Object{}, []Value{}}}}
	want := `{"b":true,"f":false,"n":null,"s":"it \"is\"\n` + "\uFFFD" + `","x":"\u0000A` + "\u00ff" + `","i":12.50,"o":"NaN","l":[1,{},[]]}`
	got := string(AppendJSON(nil, v))
	if got != want || !json.Valid([]byte(got)) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := Text("a"); got != "a" {
		t.Errorf("a string is %s", got)
	}
	if got := Text([]Value{"a"}); got != `["a"]` {
		t.Errorf("a list is %s", got)
	}
	if v, ok := v.Get("i"); !ok || v != Number("12.50") {
		t.Errorf("member %v, %t", v, ok)
	}
	if v, ok := v.Get("z"); ok || v != nil {
		t.Errorf("member %v, %t", v, ok)
	}
}

func TestJavaText(t *testing.T) {
	v := Object{{"a", []Value{"x", Number("1.50"), nil, true}}, {"b", Object{}}, {"c", []byte("y")}}
	if got, want := JavaText(v), "{a=[x, 1.50, null, true], b={}, c=y}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestCheckName(t *testing.T) {
	for _, name := range []string{"a", "1", "é", "a.b", "a-b", "it's", "\u00a0", "\u2007", "\u202f", "\u200b", "😀"} {
		if err := CheckName(name, "Field"); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{"", " ", "a b", "a\n", "\x00", "\x7f", "\u0085", "\u1680", "\u2000", "\u2028", "\u205f", "\u3000"} {
		var fault *Error
		if err := CheckName(name, "Field"); !errors.As(err, &fault) || !strings.HasPrefix(fault.Msg, "Field name must not ") {
			t.Errorf("%q: %v", name, err)
		}
	}
	for name, ok := range map[string]bool{"a": true, "a.b": true, "a b": true, "": false, "a.": false, ".a": false, "a..b": false,
		strings.Repeat("a.", 255) + "a": true, strings.Repeat("a.", 256) + "a": false} {
		if err := CheckTypeName(name); (err == nil) != ok {
			t.Errorf("%.20q: %v", name, err)
		}
	}
}

// A message repeats no text of any length, whatever the text is handed over as.
func TestMessagesAreShort(t *testing.T) {
	long := strings.Repeat("é", 1<<20)
	for _, arg := range []any{long, Number(long), errors.New(long), fmt.Errorf("reading: %w", errors.New(long)), &Error{long}} {
		if err := Errorf("it is %s", arg); len(err.Error()) > 1100 || !strings.HasSuffix(err.Error(), "…") {
			t.Errorf("%T: %d bytes", arg, len(err.Error()))
		}
	}
	if got := Errorf("%s has %d of %v", Int, 7, "x").Error(); got != "INT has 7 of x" {
		t.Error(got)
	}
}

func TestTexts(t *testing.T) {
	texts := Texts{"a": "text"}
	if d, err := texts.Resolve(schema.Reference{Name: "a"}); err != nil || d.Text != "text" || d.References != nil {
		t.Errorf("%+v, %v", d, err)
	}
	if _, err := texts.Resolve(schema.Reference{Name: "b"}); err == nil {
		t.Error("a text that is not there was found")
	}
}
