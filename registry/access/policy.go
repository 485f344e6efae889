package access

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/millrace/millrace/registry"
)

// Policy is a policy file that was read.
type Policy struct {
	// Hide makes a denied read look as if there were nothing to read.
	Hide   bool
	groups []group
	grants []grant
	nodes  []who
}

type group struct {
	name    string
	members []glob
}

// who is one of those that a grant is for: a user, a group, or whoever shows no credential.
type who struct {
	kind string // user, group, anonymous
	name glob
}

type grant struct {
	who      []who
	may      set
	contexts []glob
	subjects []glob
}

// Method is how a caller showed who they are.
type Method string

// The methods.
const (
	Anonymous   Method = "none"
	Basic       Method = "basic"
	Bearer      Method = "bearer"
	Certificate Method = "certificate"
)

// Caller is who asks, with what the policy grants them. A nil Caller stands for a registry without access control: it may
// everything. It is immutable.
type Caller struct {
	Name   string // empty for one who shows nothing
	Method Method
	Groups []string // as the token says, and those of the policy
	Node   string   // the node of the registry that asks on the caller's behalf
	policy *Policy

	grants     []*grant
	everywhere set // verbs that a grant gives for every subject of every context
}

// caller finds the grants of one who is authenticated, or anonymous. Without a policy whoever is authenticated may everything.
func (p *Policy) caller(name string, method Method, groups []string) *Caller {
	c := &Caller{Name: name, Method: method, Groups: slices.Clone(groups), policy: p}
	if p == nil {
		if method != Anonymous {
			c.everywhere = all
		}
		return c
	}
	if method != Anonymous {
		c.everywhere = setOf(Metadata)
		for _, g := range p.groups {
			if !slices.Contains(c.Groups, g.name) && slices.ContainsFunc(g.members, func(m glob) bool { return m.match(name) }) {
				c.Groups = append(c.Groups, g.name)
			}
		}
	}
	for i := range p.grants {
		g := &p.grants[i]
		if !slices.ContainsFunc(g.who, c.is) {
			continue
		}
		c.grants = append(c.grants, g)
		if slices.ContainsFunc(g.contexts, glob.any) && slices.ContainsFunc(g.subjects, glob.any) {
			c.everywhere |= g.may
		}
	}
	return c
}

func (c *Caller) is(w who) bool {
	switch w.kind {
	case "user":
		return c.Method != Anonymous && w.name.match(c.Name)
	case "group":
		return slices.ContainsFunc(c.Groups, w.name.match)
	}
	return c.Method == Anonymous
}

// May reports whether the caller may do something to a subject: canonical, with its context, and with aliases followed. A
// context without a subject's name (:.ctx:, or "" for the default one) stands for the context itself, which only a grant for
// all its subjects covers.
func (c *Caller) May(v Verb, subject string) bool {
	if c == nil || c.everywhere.has(v) {
		return true
	}
	q := registry.Qualify(subject)
	for _, g := range c.grants {
		if g.may.has(v) && matches(g.contexts, q.Context) && matches(g.subjects, q.Name) {
			return true
		}
	}
	return false
}

func matches(patterns []glob, s string) bool {
	for _, p := range patterns {
		if p.match(s) {
			return true
		}
	}
	return false
}

// MayEverywhere reports whether the caller may do something to every subject.
func (c *Caller) MayEverywhere(v Verb) bool { return c == nil || c.everywhere.has(v) }

// Sees reports whether the caller may anything in a context.
func (c *Caller) Sees(context string) bool {
	if c == nil || c.everywhere&^setOf(Metadata, Metrics) != 0 {
		return true
	}
	return slices.ContainsFunc(c.grants, func(g *grant) bool { return matches(g.contexts, context) })
}

// Hides reports whether what the caller may not read is to look as if it were not there.
func (c *Caller) Hides() bool { return c != nil && c.policy != nil && c.policy.Hide }

// Known reports whether the caller has shown who they are.
func (c *Caller) Known() bool { return c == nil || c.Method != Anonymous }

// String names the caller in logs.
func (c *Caller) String() string {
	if c == nil || c.Method == Anonymous {
		return "anonymous"
	}
	return "user:" + c.Name
}

// behalf is a caller as one node names it to another.
type behalf struct {
	Name   string   `json:"name"`
	Method Method   `json:"method"`
	Groups []string `json:"groups,omitempty"`
}

// OnBehalf is the header in which a node names the caller to the node that it passes a request on to.
const OnBehalf = "X-Millrace-On-Behalf-Of"

// Header returns what the OnBehalf header says of the caller.
func (c *Caller) Header() string {
	b, err := json.Marshal(behalf{c.Name, c.Method, c.Groups})
	if err != nil {
		return "" // strings always encode
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

var errNotANode = errors.New("only nodes of the registry may ask on behalf of others")

// behalf reads an OnBehalf header that comes from caller c. Nodes alone may send one.
func (c *Caller) behalf(header string) (*Caller, error) {
	if c.policy == nil || c.Method == Anonymous || !slices.ContainsFunc(c.policy.nodes, c.is) {
		return nil, errNotANode
	}
	var b behalf
	raw, err := base64.RawURLEncoding.DecodeString(header)
	if err == nil {
		err = json.Unmarshal(raw, &b)
	}
	switch {
	case err != nil, b.Method == "", (b.Name == "") != (b.Method == Anonymous):
		return nil, errors.New("the " + OnBehalf + " header names nobody")
	}
	for _, s := range append(b.Groups, b.Name) {
		if strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7F }) {
			return nil, errors.New("the " + OnBehalf + " header names nobody")
		}
	}
	out := c.policy.caller(b.Name, b.Method, b.Groups)
	out.Node = c.Name
	return out, nil
}

// SeesAny reports whether the caller may anything at all.
func (c *Caller) SeesAny() bool { return c == nil || c.everywhere != 0 || len(c.grants) > 0 }
