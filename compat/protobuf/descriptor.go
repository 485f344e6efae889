package protobuf

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"sync"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// ownName is the name of a schema's own file, as Confluent names it.
const ownName = "default"

// Descriptor returns the compiled file, named "default". A file that a compiler refuses though a registry keeps it is an error
// with the compiler's words.
func (s *Schema) Descriptor(ctx context.Context) (protoreflect.FileDescriptor, error) {
	return s.link(ctx)
}

func (s *Schema) link(ctx context.Context) (linker.File, error) {
	known, err := compiledBuiltins()
	if err != nil {
		return nil, err
	}
	resolver := protocompile.ResolverFunc(func(path string) (protocompile.SearchResult, error) {
		if path == ownName {
			return protocompile.SearchResult{Source: strings.NewReader(s.sources.compiled(s.sources.own))}, nil
		}
		if src := s.sources.index[path]; src != nil && src.ref != nil {
			return protocompile.SearchResult{Source: strings.NewReader(s.sources.compiled(src))}, nil
		}
		if f := known[path]; f != nil {
			return protocompile.SearchResult{Desc: f}, nil
		}
		return protocompile.SearchResult{}, fmt.Errorf("%q: %w", path, errNoFile)
	})
	c := protocompile.Compiler{Resolver: protocompile.WithStandardImports(resolver), MaxParallelism: 1}
	files, err := c.Compile(ctx, ownName)
	if err != nil {
		return nil, fmt.Errorf("compiling the schema: %w", err)
	}
	return files[0], nil
}

// compiled returns the text that a compiler reads for a file. Flink and Confluent's Logical Types annotate without importing the
// file that declares the annotations; a compiler wants the import.
func (s *sources) compiled(src *source) string {
	f := *src.file
	annotates := strings.Contains(src.text, "(confluent.") || strings.Contains(src.text, "(.confluent.")
	if annotates && !slices.Contains(slices.Concat(f.imports, f.public, f.weak), metaFile) && !s.declaresMeta() {
		f.imports = append(slices.Clip(f.imports), metaFile)
	} else if !f.decoded || src == s.own {
		return src.text
	}
	text, _ := f.print()
	return text
}

// declaresMeta reports whether a file other than the one built in is in the annotations' package.
func (s *sources) declaresMeta() bool {
	return slices.ContainsFunc(s.all, func(src *source) bool {
		return src.name != metaFile && src.file.pkg == metaPackage && len(src.file.extends) > 0
	})
}

// compiledBuiltins compiles the files of builtin.
var compiledBuiltins = sync.OnceValues(func() (map[string]linker.File, error) {
	var names []string
	err := fs.WalkDir(builtins, "builtin", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, "builtin/"))
		}
		return err
	})
	c := protocompile.Compiler{MaxParallelism: 1, Resolver: protocompile.WithStandardImports(protocompile.ResolverFunc(
		func(path string) (protocompile.SearchResult, error) {
			f, err := builtins.Open("builtin/" + path)
			return protocompile.SearchResult{Source: f}, err
		}))}
	files, failed := c.Compile(context.Background(), names...)
	if err := errors.Join(err, failed); err != nil {
		return nil, fmt.Errorf("compiling the built-in files: %w", err)
	}
	out := make(map[string]linker.File, len(files))
	for _, f := range files {
		out[f.Path()] = f
	}
	return out, nil
})
