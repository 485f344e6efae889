// Package schemas is what `millrace schema` does: it reads schema files, finds the versions before them in a registry, a git
// repository or a directory, and reports what keeps the files from following them, with places in the user's own text. It judges
// by package compat alone and asks no server for a verdict. It knows no schema language but by schema.Format; what it says
// beyond Confluent's findings (explain.go, example.go, lint.go) is per language.
package schemas
