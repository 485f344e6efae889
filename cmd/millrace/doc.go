// Command millrace is a schema registry, a Connect worker and change data capture in one binary. `millrace help` lists its
// commands; each --flag may also be given as a variable, MILLRACE_ and the flag's name in capitals: MILLRACE_LOG_LEVEL.
package main
