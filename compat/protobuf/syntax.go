package protobuf

import (
	"slices"
	"strings"
)

// file is a Protobuf file: what counts of it, in the order of the text. Comments are not kept.
type file struct {
	syntax   string // proto2, proto3 or empty
	pkg      string
	pkgAt    mark
	imports  []string
	public   []string
	weak     []string
	options  []option
	messages []*message
	enums    []*enum
	extends  []*extend
	services []*service
	decoded  bool // from a descriptor: marks mean nothing
}

type message struct {
	name       string
	at         mark
	options    []option
	reserved   []ranges
	fields     []*field
	oneofs     []*oneof
	groups     []*group
	extensions []extensions
	extends    []*extend
	messages   []*message
	enums      []*enum
	members    *members // set with the types of fields
}

type label uint8

const (
	noLabel label = iota
	optional
	required
	repeated
)

var labels = [...]string{"", "optional", "required", "repeated"}

func (l label) String() string { return labels[l] }

type field struct {
	label    label
	typ      string // as written; map<K, V> for a map
	name     string
	tag      int32
	options  []option // without those below, which Protobuf does not count as options
	value    *string  // default
	jsonName *string
	at       mark
	means    *fieldType // of the files of one schema, once they are together; not of those built in
}

// mapTypes splits the type of a map field.
func mapTypes(typ string) (key, value string, ok bool) {
	if !strings.HasPrefix(typ, "map<") {
		return "", "", false
	}
	return strings.Cut(typ[len("map<"):len(typ)-1], ", ")
}

func mapOf(key, value string) string { return "map<" + key + ", " + value + ">" }

type group struct {
	label  label
	name   string
	tag    int32
	fields []*field
	at     mark
}

type oneof struct {
	name    string
	options []option
	fields  []*field
	groups  []*group
	at      mark
}

type enum struct {
	name      string
	at        mark
	options   []option
	constants []constant
	reserved  []ranges
}

type constant struct {
	name    string
	tag     int32
	options []option
}

type extend struct {
	name   string
	fields []*field
	at     mark
}

type extensions struct {
	ranges  ranges
	options []option
}

type service struct {
	name    string
	at      mark
	rpcs    []*rpc
	options []option
}

type rpc struct {
	name                  string
	request, response     string
	streamsIn, streamsOut bool
	options               []option
	at                    mark
}

// ranges are what one reserved or extensions statement lists.
type ranges []span

// span is a range of numbers, both ends in it, or a name.
type span struct {
	from, to int32
	name     string
	named    bool
}

// maxTag is what Protobuf calls max.
const maxTag = 1<<29 - 1

// option is an option of any declaration: name, value.
type option struct {
	name  string
	paren bool
	value value
}

type kind uint8

const (
	kindString kind = iota
	kindBool
	kindNumber
	kindEnum
	kindMap
	kindList
	kindOption // the value of an option's field
)

type value struct {
	kind    kind
	text    string
	entries []entry
	list    []value
	sub     *option
}

type entry struct {
	key   string
	value value
}

// scalars are the types with a name of their own.
var scalars = []string{
	"bool", "bytes", "double", "fixed32", "fixed64", "float", "int32", "int64",
	"sfixed32", "sfixed64", "sint32", "sint64", "string", "uint32", "uint64",
}

func scalar(typ string) bool { return slices.Contains(scalars, typ) }
