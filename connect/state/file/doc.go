// Package file keeps worker state in one JSON file, or in memory alone, for a worker on one machine. The file is replaced
// whole by every save and readable by its owner only: configurations hold passwords.
package file
