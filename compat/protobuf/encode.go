package protobuf

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/options"
	protoparser "github.com/bufbuild/protocompile/parser"
	"github.com/bufbuild/protocompile/reporter"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// Serialized returns the file as a FileDescriptorProto in base64, as Confluent makes it for format=serialized: types by the
// names that the text gives them, labels and JSON names only where the text has them. Options that nothing known explains are
// left uninterpreted.
func (s *Schema) Serialized() (string, error) {
	fd, err := s.proto(context.Background())
	if err != nil {
		return "", err
	}
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(fd)
	if err != nil {
		return "", fmt.Errorf("serializing the schema: %w", err)
	}
	return base64.StdEncoding.EncodeToString(b), nil
}

func (s *Schema) proto(ctx context.Context) (*descriptorpb.FileDescriptorProto, error) {
	var fd *descriptorpb.FileDescriptorProto
	if linked, err := s.link(ctx); err == nil {
		if r, ok := linked.(linker.Result); ok {
			fd = proto.CloneOf(r.FileDescriptorProto())
		}
	}
	if fd == nil {
		var err error
		if fd, err = s.unlinked(); err != nil {
			return nil, err
		}
	}
	f := s.sources.own.file
	if !slices.Contains(slices.Concat(f.imports, f.public, f.weak), metaFile) {
		withoutDependency(fd, metaFile) // compiled adds it
	}
	fd.Name, fd.SourceCodeInfo = proto.String(ownName), nil
	if f.syntax != "" {
		fd.Syntax = proto.String(f.syntax)
	}
	at := s.sources.scope(s.sources.own)
	respellMessages(at, f.messages, fd.GetMessageType())
	respellExtends(at, f.extends, fd.GetExtension())
	services := index(fd.GetService(), (*descriptorpb.ServiceDescriptorProto).GetName)
	for _, sv := range f.services {
		methods := index(services[sv.name].GetMethod(), (*descriptorpb.MethodDescriptorProto).GetName)
		for _, r := range sv.rpcs {
			if m := methods[r.name]; m != nil {
				m.InputType, m.OutputType = proto.String(r.request), proto.String(r.response)
			}
		}
	}
	return fd, nil
}

// withoutDependency takes an import out of a descriptor.
func withoutDependency(fd *descriptorpb.FileDescriptorProto, name string) {
	at := slices.Index(fd.GetDependency(), name)
	if at < 0 {
		return
	}
	fd.Dependency = slices.Delete(fd.Dependency, at, at+1)
	for _, list := range [][]int32{fd.GetPublicDependency(), fd.GetWeakDependency()} {
		for i := range list {
			if int(list[i]) > at {
				list[i]--
			}
		}
	}
}

// unlinked makes a descriptor of a file that a compiler refuses: from its syntax alone, with the options that it can explain.
func (s *Schema) unlinked() (*descriptorpb.FileDescriptorProto, error) {
	// The handler passes over faults: what a compiler minds, a registry may keep.
	h := reporter.NewHandler(reporter.NewReporter(func(reporter.ErrorWithPos) error { return nil }, nil))
	ast, err := protoparser.Parse(ownName, strings.NewReader(s.canonical), h)
	if ast == nil {
		return nil, fmt.Errorf("describing the schema: %w", err)
	}
	parsed, _ := protoparser.ResultFromAST(ast, false, h) // the fault that a compiler minds is known
	_, _ = options.InterpretUnlinkedOptions(parsed)
	return proto.CloneOf(parsed.FileDescriptorProto()), nil
}

// index returns a list by a key of its elements.
func index[K comparable, T any](list []T, key func(T) K) map[K]T {
	out := make(map[K]T, len(list))
	for _, v := range list {
		out[key(v)] = v
	}
	return out
}
