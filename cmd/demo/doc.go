// Package demo is `make run`: a real PostgreSQL with a small shop under live changes, and Millrace carrying every change
// through the registry into NATS JetStream, shown in the terminal as a consumer decodes it.
//
// All of it runs in one process group and keeps its data in one directory, so a second run resumes where the first was.
package demo
