// Package crash kills Millrace with SIGKILL at every step of a row's life, under live writes, and proves of what reached
// Kafka that no change is missing and that each key's changes are in order. Duplicates are counted.
package crash
