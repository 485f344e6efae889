package rest

import (
	"strconv"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/access"
)

func listSubjects(c *call) error {
	prefix := c.q.Get("subjectPrefix")
	if !c.q.Has("subjectPrefix") {
		prefix = ":*:"
	}
	names, err := page(c, permitted(c, c.reg.Subjects(prefix, c.deleted()), itself), unbounded)
	if err != nil {
		return err
	}
	return c.strings(names)
}

func (c *call) deleted() registry.Deleted {
	switch {
	case c.flag("deletedOnly"):
		return registry.OnlyDeleted
	case c.flag("deleted"):
		return registry.All
	}
	return registry.Live
}

func listVersions(c *call) error {
	d, negative := c.deleted(), c.flag("deletedAsNegative")
	scan := d
	if negative || d == registry.OnlyDeleted { // a subject with no deleted version is not missing
		scan = registry.All
	}
	found, err := across(c, c.params[0], func(s string) ([]registry.Version, error) { return c.reg.Numbers(s, scan) }, subjectOfAll)
	if err != nil {
		return err
	}
	numbers := make([]int, 0, len(found))
	for _, v := range found {
		switch {
		case negative && v.Deleted:
			numbers = append(numbers, -v.Number)
		case negative || d != registry.OnlyDeleted || v.Deleted:
			numbers = append(numbers, v.Number)
		}
	}
	if numbers, err = page(c, numbers, unbounded); err != nil {
		return err
	}
	return c.ints(numbers)
}

func (c *call) ints(list []int) error {
	b := []byte{'['}
	for i, n := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendInt(b, int64(n), 10)
	}
	return c.bytes(append(b, ']'))
}

// version finds the version of the path.
func (c *call) version() (registry.Version, error) {
	number, err := registry.ParseVersion(c.params[1])
	if err != nil {
		return registry.Version{}, err
	}
	return c.get(number, c.flag("deleted"))
}

func getVersion(c *call) error {
	v, err := c.version()
	if err != nil {
		return err
	}
	tags, err := c.findTags(v)
	if err != nil {
		return err
	}
	if v, err = c.formatted(v); err != nil {
		return err
	}
	return c.append(func(b []byte) []byte { return c.qualified(v).AppendTaggedJSON(b, tags) })
}

func getVersionText(c *call) error {
	v, err := c.version()
	if err != nil {
		return err
	}
	if v, err = c.formatted(v); err != nil {
		return err
	}
	return c.bytes([]byte(v.Content.Text))
}

func getByMetadata(c *call) error {
	keys, values := c.q["key"], c.q["value"]
	want := map[string]string{}
	for i := range min(len(keys), len(values)) {
		want[keys[i]] = values[i]
	}
	v, err := c.reg.GetByMetadata(c.params[0], want, c.flag("deleted"))
	if err != nil {
		return err
	}
	if v, err = c.formatted(v); err != nil {
		return err
	}
	return c.append(func(b []byte) []byte { return v.AppendJSON(b, registry.Whole) })
}

func listReferrers(c *call) error {
	number, err := registry.ParseVersion(c.params[1])
	if err != nil {
		return err
	}
	v, err := c.get(number, true)
	if err != nil {
		return err
	}
	ids, err := c.reg.ReferencedBy(v.Subject, v.Number, c.flag("deleted"), func(by string) bool { return c.may(access.Read, by) })
	if err != nil {
		return err
	}
	if ids, err = page(c, ids, unbounded); err != nil {
		return err
	}
	return c.ints(ids)
}

func deleteSubject(c *call) error {
	gone, err := c.reg.DeleteSubject(c.r.Context(), c.params[0], c.flag("permanent"))
	if err != nil {
		return err
	}
	return c.ints(gone)
}

func deleteVersion(c *call) error {
	number, err := registry.ParseVersion(c.params[1])
	if err != nil {
		return err
	}
	gone, err := c.reg.DeleteVersion(c.r.Context(), c.params[0], number, c.flag("permanent"))
	if err != nil {
		return err
	}
	return c.bytes(strconv.AppendInt(nil, int64(gone), 10))
}
