package jsonschema

import (
	"slices"
	"strconv"
)

func (c *comparison) objects(old, new *objectRules) {
	const each = 4 // looks that bringing a name into order costs
	if c.lookAt(each * (len(old.properties.names) + len(new.properties.names) + len(old.required.names) + len(new.required.names))) {
		return
	}
	c.at("required", func() { c.required(old, new) })
	c.at("properties", func() {
		for _, name := range unionOrder(old.properties, new.properties) {
			if c.done() {
				return
			}
			c.at(name, func() { c.property(old, new, name) })
		}
	})
	c.at("dependencies", func() { c.dependencies(old, new) })
	c.remainder("additionalProperties", "ADDITIONAL_PROPERTIES", old.additional, new.additional)
	c.remainder("unevaluatedProperties", "UNEVALUATED_PROPERTIES", old.unevaluated, new.unevaluated)
	c.upper("maxProperties", "MAX_PROPERTIES", old.maxProperties, new.maxProperties)
	c.lower("minProperties", "MIN_PROPERTIES", old.minProperties, new.minProperties)
}

// required looks at properties that both schemas have, in Java's order, and then at those that neither names; properties that are
// added are looked at as such.
func (c *comparison) required(old, new *objectRules) {
	if !missing(new.required, old.required) {
		return
	}
	for _, name := range byBucket(old.properties.names, tableSize(16, len(old.properties.names))) {
		p := new.properties.m[name]
		if new.requires(name) && !old.requires(name) && (p == nil || !p.hasDefault) {
			c.addAt(name, "REQUIRED_ATTRIBUTE_ADDED")
		}
	}
	for _, name := range new.required.names {
		if !old.requires(name) && !old.properties.has(name) && !new.properties.has(name) {
			c.addAt(name, "REQUIRED_ATTRIBUTE_ADDED")
		}
	}
}

func (c *comparison) property(old, new *objectRules, name string) {
	o, n := old.properties.m[name], new.properties.m[name]
	switch {
	case o != nil && n != nil:
		c.schemas(o, n)
	case n != nil:
		c.propertyAdded(old, new, name, n)
	default:
		c.propertyRemoved(new, name, o)
	}
}

func (c *comparison) propertyAdded(old, new *objectRules, name string, n *node) {
	required, byDefault := new.requires(name), n.hasDefault
	if old.open() {
		switch {
		case n.class == anything:
		case required && byDefault:
			c.add("REQUIRED_PROPERTY_WITH_DEFAULT_ADDED_TO_OPEN_CONTENT_MODEL")
		case required:
			c.add("REQUIRED_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL")
		default:
			c.add("OPTIONAL_PROPERTY_ADDED_TO_OPEN_CONTENT_MODEL")
		}
		return
	}
	if covering := c.covering(old, name); covering != nil {
		faults := c.faults
		if c.schemas(covering, n); c.faults > faults {
			c.add("PROPERTY_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL")
		}
	}
	if required && !byDefault {
		c.add("REQUIRED_PROPERTY_ADDED_TO_UNOPEN_CONTENT_MODEL")
	}
}

func (c *comparison) propertyRemoved(new *objectRules, name string, o *node) {
	if new.open() {
		return
	}
	covering := c.covering(new, name)
	if covering == nil {
		if o.class != nothing {
			c.add("PROPERTY_REMOVED_FROM_CLOSED_CONTENT_MODEL")
		}
		return
	}
	faults := c.faults
	if c.schemas(o, covering); c.faults > faults {
		c.add("PROPERTY_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL")
	}
}

// open reports whether properties that are not named may be anything.
func (o *objectRules) open() bool {
	return len(o.patterns) == 0 && o.additional.open() && o.unevaluated.open()
}

// covering returns the schema of a property that is not named: that of the first pattern found in its name, or that of the rest;
// nil when the property is not admitted.
func (c *comparison) covering(o *objectRules, name string) *node {
	for _, p := range o.patterns {
		if c.spend() {
			return nil
		}
		if c.slow[p.pattern] {
			continue
		}
		found, known := p.pattern.matches(name)
		if !known {
			c.slow[p.pattern] = true
		}
		if found {
			return p.schema
		}
	}
	if o.additional.schema != nil {
		return o.additional.schema
	}
	return o.unevaluated.schema
}

// remainder compares what is admitted beside what is named.
func (c *comparison) remainder(keyword, rule string, old, new rest) {
	c.at(keyword, func() {
		switch {
		case new.closed && !old.closed:
			c.add(rule + "_REMOVED")
		case old.closed: // _ADDED, or the same
		case old.schema == nil && new.schema != nil:
			c.add(rule + "_NARROWED")
		case new.schema != nil:
			c.schemas(old.schema, new.schema)
		}
	})
}

func (c *comparison) dependencies(old, new *objectRules) {
	for _, name := range unionOrder(old.dependentNames, new.dependentNames) {
		c.at(name, func() {
			o, n := old.dependentNames.m[name], new.dependentNames.m[name]
			lost, gained := lacks(n, o), lacks(o, n)
			switch {
			case n == nil:
			case o == nil:
				c.add("DEPENDENCY_ARRAY_ADDED")
			case gained && !lost:
				c.add("DEPENDENCY_ARRAY_EXTENDED")
			case gained:
				c.add("DEPENDENCY_ARRAY_CHANGED")
			}
		})
	}
	for _, name := range unionOrder(old.dependentSchemas, new.dependentSchemas) {
		c.at(name, func() {
			o, n := old.dependentSchemas.m[name], new.dependentSchemas.m[name]
			switch {
			case n == nil:
			case o == nil:
				c.add("DEPENDENCY_SCHEMA_ADDED")
			default:
				c.schemas(o, n)
			}
		})
	}
}

// lacks reports whether a lacks a name of b.
func lacks(a, b []string) bool {
	return slices.ContainsFunc(b, func(n string) bool { return !slices.Contains(a, n) })
}

func (c *comparison) arrays(old, new *arrayRules) {
	c.at("items", func() {
		c.schemas(old.all, new.all)
		for i := range max(len(old.items), len(new.items)) {
			if c.done() {
				return
			}
			c.at(strconv.Itoa(i), func() { c.item(old, new, i) })
		}
	})
	c.remainder("additionalItems", "ADDITIONAL_ITEMS", old.additional, new.additional)
	c.remainder("unevaluatedItems", "UNEVALUATED_ITEMS", old.unevaluated, new.unevaluated)
	c.upper("maxItems", "MAX_ITEMS", old.maxItems, new.maxItems)
	c.lower("minItems", "MIN_ITEMS", old.minItems, new.minItems)
	c.upper("maxContains", "MAX_CONTAINS", old.maxContains, new.maxContains)
	c.lower("minContains", "MIN_CONTAINS", old.minContains, new.minContains)
	if new.unique && !old.unique {
		c.addAt("uniqueItems", "UNIQUE_ITEMS_ADDED")
	}
}

// open reports whether items after the named ones may be anything.
func (a *arrayRules) open() bool { return a.additional.open() && a.unevaluated.open() }

func (a *arrayRules) covering() *node {
	if a.additional.schema != nil {
		return a.additional.schema
	}
	return a.unevaluated.schema
}

// item compares the items at a place of tuples.
func (c *comparison) item(old, new *arrayRules, i int) {
	switch {
	case i < len(old.items) && i < len(new.items):
		c.schemas(old.items[i], new.items[i])
	case i < len(new.items):
		n := new.items[i]
		switch covering := old.covering(); {
		case old.open():
			if n.class != anything {
				c.add("ITEM_ADDED_TO_OPEN_CONTENT_MODEL")
			}
		case covering != nil:
			faults := c.faults
			if c.schemas(covering, n); c.faults > faults {
				c.add("ITEM_ADDED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL")
			}
		}
	default:
		o := old.items[i]
		switch covering := new.covering(); {
		case new.open():
		case covering != nil:
			faults := c.faults
			if c.schemas(o, covering); c.faults > faults {
				c.add("ITEM_REMOVED_NOT_COVERED_BY_PARTIALLY_OPEN_CONTENT_MODEL")
			}
		case o.class != nothing:
			c.add("ITEM_REMOVED_FROM_CLOSED_CONTENT_MODEL")
		}
	}
}
