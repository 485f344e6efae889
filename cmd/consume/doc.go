// Package consume reads records back as a person wants to see them: frames of the registry are decoded by the schema that
// they name, everything else is shown as what it looks like. It is for terminals: it allocates freely.
package consume
