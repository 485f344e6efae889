// Package compat judges whether a schema may follow the versions before it: the compatibility levels, in Confluent's order
// and words, over schemas of any language that implements schema.Schema. It is pure: no I/O, no clock, no log.
package compat
