package protobuf

import (
	"embed"
	"io"
	"strings"
	"sync"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/wellknownimports"
)

//go:embed builtin
var builtins embed.FS

// standard finds the files of google/protobuf.
var standard = wellknownimports.WithStandardImports(protocompile.ResolverFunc(func(string) (protocompile.SearchResult, error) {
	return protocompile.SearchResult{}, errNoFile
}))

// Builtin returns the text of a file that may be imported without a reference; false when there is none.
func Builtin(path string) (string, bool) { return builtinText(path) }

// builtinText returns the text of a file that may be imported without a reference: google/protobuf, google/type and Confluent's
// own.
func builtinText(path string) (string, bool) {
	if b, err := builtins.ReadFile("builtin/" + path); err == nil {
		return string(b), true
	}
	if !strings.HasPrefix(path, "google/protobuf/") {
		return "", false
	}
	found, err := standard.FindFileByPath(path)
	if err != nil || found.Source == nil {
		return "", false
	}
	b, err := io.ReadAll(found.Source)
	if c, ok := found.Source.(io.Closer); ok {
		_ = c.Close()
	}
	return string(b), err == nil
}

var parsedBuiltins sync.Map // path → *file; paths are few, for others are not kept

// builtinFile returns the parsed builtinText; nil when there is none.
func builtinFile(path string) *file {
	if f, ok := parsedBuiltins.Load(path); ok {
		return f.(*file)
	}
	text, ok := builtinText(path)
	if !ok {
		return nil
	}
	f, err := parseText(text)
	if err != nil {
		return nil
	}
	kept, _ := parsedBuiltins.LoadOrStore(path, f)
	return kept.(*file)
}
