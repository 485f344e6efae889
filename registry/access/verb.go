package access

import "strings"

// Verb is a kind of thing that may be done.
type Verb uint8

// The verbs, in the order of their names below.
const (
	Read             Verb = iota // versions, schemas by id or GUID, listings, and asking whether a schema is there
	Register                     // new versions, and tags of versions
	Import                       // with an id or a version of one's own choice, past the compatibility check, or in mode IMPORT
	Delete                       // softly: it can be undone
	PermanentDelete              // for good
	Compatibility                // ask whether a schema could follow
	ConfigRead                   // compatibility level and the other settings
	ConfigWrite                  // the same
	ModeRead                     // READWRITE, READONLY, …
	ModeWrite                    // the same
	ContextDelete                // a context that is empty
	AssociationRead              // of subjects with resources
	AssociationWrite             // the same
	Metrics                      // GET /metrics where the registry listens
	Metadata                     // GET / and /v1/metadata: whoever is authenticated may
	verbs
)

var verbNames = [verbs]string{"read", "register", "import", "delete", "permanent-delete", "compatibility", "config-read", "config-write",
	"mode-read", "mode-write", "context-delete", "association-read", "association-write", "metrics", "metadata"}

// operations are what refusals call the verbs, in the words of Confluent's security plugin where it has the operation.
var operations = [verbs]string{"Read", "Write", "Import", "Delete", "Delete", "ReadCompatibility", "ReadCompatibility", "WriteCompatibility",
	"ReadMode", "WriteMode", "DeleteContext", "ReadAssociation", "WriteAssociation", "ReadMetrics", "ReadMetadata"}

// String returns the verb as policies spell it.
func (v Verb) String() string { return verbNames[v] }

// Operation returns the verb as refusals spell it.
func (v Verb) Operation() string { return operations[v] }

// Changes reports whether the verb is one that changes something.
func (v Verb) Changes() bool {
	switch v {
	case Register, Import, Delete, PermanentDelete, ConfigWrite, ModeWrite, ContextDelete, AssociationWrite:
		return true
	}
	return false
}

// Verbs returns all verbs.
func Verbs() []Verb {
	out := make([]Verb, verbs)
	for i := range out {
		out[i] = Verb(i)
	}
	return out
}

// set is a set of verbs.
type set uint32

const all set = 1<<verbs - 1

func setOf(verbs ...Verb) (s set) {
	for _, v := range verbs {
		s |= 1 << v
	}
	return s
}

func (s set) has(v Verb) bool { return s>>v&1 == 1 }

// families are words of a policy that stand for several verbs.
var families = map[string]set{
	"all":          all,
	"write":        setOf(Register, Compatibility),
	"config":       setOf(ConfigRead, ConfigWrite),
	"mode":         setOf(ModeRead, ModeWrite),
	"associations": setOf(AssociationRead, AssociationWrite),
}

func parseVerbs(word string) (set, bool) {
	if s, ok := families[word]; ok {
		return s, true
	}
	for v, name := range verbNames {
		if name == word {
			return setOf(Verb(v)), true
		}
	}
	return 0, false
}

func verbWords() []string {
	out := append([]string(nil), verbNames[:]...)
	return append(out, "all", "write", "config", "mode", "associations")
}

// glob is a pattern where * stands for any text, none too, and everything else for itself.
type glob []string

func newGlob(pattern string) glob { return strings.Split(pattern, "*") }

func (g glob) match(s string) bool {
	rest, ok := strings.CutPrefix(s, g[0])
	if !ok || len(g) == 1 {
		return ok && rest == ""
	}
	for _, part := range g[1 : len(g)-1] {
		i := strings.Index(rest, part)
		if i < 0 {
			return false
		}
		rest = rest[i+len(part):]
	}
	return strings.HasSuffix(rest, g[len(g)-1])
}

// any reports whether the pattern matches everything.
func (g glob) any() bool {
	for _, part := range g {
		if part != "" {
			return false
		}
	}
	return len(g) > 1
}
