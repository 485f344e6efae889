// Package stack puts Millrace's parts together for the commands: a registry on its store, a Connect worker on its brokers
// and stores, and the worker that a pipeline file stands for. It is wiring: which implementation serves which name is
// decided here and nowhere else, and no rule of a part is.
//
// Whatever New… opens is closed when Run returns; Run owns every goroutine that it starts.
package stack
