// Package registries is what `millrace registry backup`, `restore` and `import` do: it opens files, stores and registries as the
// command line names them, and tells how far registry/transfer is.
package registries
