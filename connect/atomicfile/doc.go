// Package atomicfile replaces small files so that a reader, or a process started after a crash, sees the old content or
// the new one and never a mixture. It is for state of a few megabytes that is written whole, not for logs.
package atomicfile
