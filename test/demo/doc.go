// Package demo runs `millrace demo`, which is `make run`, twice on one directory: the second run resumes where the first was.
package demo
