// Package registrytest gives users' tests a registry in memory, and tests what implements registry.Log.
//
// NewServer serves the real registry, with all of its rules, in place of one that a program under test would use. The Server can
// be filled beforehand, tells what it was asked, and fails when it is told to.
//
// TestLog is the Log's contract: what it does not demand, a registry may not rely on.
package registrytest
