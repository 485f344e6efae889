// Package registrytest tests what implements registry.Log, and gives users' tests a registry in memory.
//
// It is for tests alone. The suite is the Log's contract: what it does not demand, a registry may not rely on.
package registrytest
