// Package all lists the connectors and what pipeline files may name: the one place to add one to.
//
// It holds no behaviour.
package all

import (
	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connectors/kafka"
	"github.com/millrace/millrace/connectors/nats"
	"github.com/millrace/millrace/connectors/postgres"
)

// Connectors returns every kind of connector that a worker runs.
func Connectors() []connect.Connector {
	return []connect.Connector{postgres.Connector()}
}

// Parts returns the sources and sinks of pipeline files.
func Parts() config.Parts {
	parts := config.Parts{
		Sources: map[string]config.Part{},
		Sinks:   map[string]config.Part{"kafka": {Spec: kafka.Spec()}, "nats": {Spec: nats.Spec()}},
	}
	for _, c := range Connectors() {
		if c.Source != nil {
			parts.Sources[c.Alias] = config.Part{Class: c.Class, Spec: c.Spec}
		}
	}
	return parts
}
