package protobuf

import (
	"encoding/base64"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compat/schema"
)

func list(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

const head = `syntax = "proto3"; `

// hostile holds texts that could cost much more than their size.
var hostile = map[string]string{
	"many fields":         head + "message M {" + list(100_000, " M f%[1]d = %[1]d;") + "}",
	"many messages":       head + list(100_000, "message M%d {}"),
	"many equal messages": head + "message M {" + list(100_000, "message N {}") + "}",
	"many constants":      head + "enum E {" + list(200_000, "C%[1]d = %[1]d;") + "}",
	"many options":        head + list(100_000, "option (o).f%d = 1;"),
	"many plain options":  head + list(100_000, "option o%d = {a: 1};"),
	"many option fields":  head + "option (o) = {" + list(100_000, "a.f%d: 1 ") + "};",
	"equal option fields": head + "option (o) = {" + list(100_000, "a: [%d] ") + "};",
	"equal options":       head + list(100_000, "option (o) = {a: {b%d: 1}};"),
	"many oneofs":         head + "message M {" + list(50_000, "oneof o%[1]d { int32 f%[1]d = %[1]d; }") + "}",
	"many members":        head + "message M { oneof o {" + list(50_000, "int32 f%[1]d = %[1]d;") + "} }",
	"many reserved":       head + "message M { reserved" + strings.TrimSuffix(list(200_000, " %d,"), ",") + "; }",
	"many imports":        head + list(100_000, `import "i%d.proto";`),
	"deep":                head + strings.Repeat("message a {", 900) + strings.Repeat("}", 900),
	"too deep":            head + strings.Repeat("message a {", 400_000),
	"deep lists":          head + "option a = " + strings.Repeat("[", 500_000),
	"deep maps":           head + "option a = " + strings.Repeat("{a", 500_000),
	"deep map types":      head + "message M { " + strings.Repeat("map<string,", 500_000),
	"deep, many fields":   head + strings.Repeat("message a {", 900) + list(50_000, "b.c.d f%[1]d = %[1]d;") + strings.Repeat("}", 900),
	"deep, long types":    head + strings.Repeat("message a {", 900) + list(1_000, strings.Repeat("a.", 900)+"b f%[1]d = %[1]d;") + strings.Repeat("}", 900),
	"long names":          head + strings.Repeat("message "+strings.Repeat("n", 3000)+" {", 900) + strings.Repeat("}", 900),
	"long name":           head + "message " + strings.Repeat("n", 4<<20) + " { }",
	"long string":         head + `option a = "` + strings.Repeat("é", 2<<20) + `";`,
	"adjacent strings":    head + "option a = " + strings.Repeat(`"a"`, 500_000) + ";",
	"long comment":        head + "/*" + strings.Repeat("*\n", 2<<20) + "*/",
	"many comments":       head + strings.Repeat("// c\n", 500_000),
	"one long line":       head + list(50_000, "message M%d { int32 a = 1; }") + " oops",
	"dots":                head + "message M { a " + strings.Repeat(". a ", 500_000) + " b = 1; }",
	"semicolons":          strings.Repeat(";", 2<<20),
	"not UTF-8":           head + "option a = \"\xff\xfe\"; message \xff {}",
	"too long":            strings.Repeat(" ", MaxText+1),
	"base64 of nothing":   strings.Repeat("AAAA", 100_000),
	"base64, deep":        base64.StdEncoding.EncodeToString(deepDescriptor(2000)),
}

// deepDescriptor returns a descriptor of nested messages.
func deepDescriptor(levels int) []byte {
	var b []byte
	field := byte(3<<3 | 2) // DescriptorProto.nested_type
	for i := range levels {
		if i == levels-1 {
			field = 4<<3 | 2 // FileDescriptorProto.message_type
		}
		n := len(b)
		size := []byte{byte(n&0x7f | 0x80), byte(n>>7&0x7f | 0x80), byte(n >> 14)}
		b = append(append([]byte{field}, size...), b...)
	}
	return b
}

// TestHostile holds that no text takes long, much memory or the process.
func TestHostile(t *testing.T) {
	for name, text := range hostile {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			start := time.Now()
			s, err := Parse(schema.Document{Text: text}, nil, schema.Options{Lenient: true})
			if err == nil {
				_ = s.Normalized()
				again, err := Parse(schema.Document{Text: s.Canonical()}, nil, schema.Options{Lenient: true})
				if err != nil {
					t.Errorf("the canonical text is refused: %.200v", err)
				} else if d := again.CanRead(s); d != nil {
					t.Errorf("the canonical text cannot read the text: %.200v", d)
				}
				_ = s.WithoutExtensions()
			} else if syntax := (*schema.SyntaxError)(nil); !errors.As(err, &syntax) {
				t.Errorf("%T: %.200v", err, err)
			}
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if mb := (after.TotalAlloc - before.TotalAlloc) >> 20; took > 5*time.Second || mb > 2048 {
				t.Errorf("took %v and %d MB", took, mb)
			} else {
				t.Logf("%v, %d MB (%.100v)", took, mb, err)
			}
		})
	}
}
