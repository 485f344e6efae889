package postgres

import (
	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
)

// Class is the connector's class in Debezium, by which connectors' configurations name it.
const Class = "io.debezium.connector.postgresql.PostgresConnector"

// Connector describes the connector. Its Spec holds the options of every source connector, too.
func Connector() connect.Connector {
	return connect.Connector{
		Class: Class, Alias: "postgres", Type: "source", Spec: Spec(),
		Validate: validate, Tasks: tasks, Partition: partition, Source: newSource,
	}
}

// tasks gives all work to one task: a slot has one reader.
func tasks(v config.Values, _ int) ([]config.Values, error) { return []config.Values{v}, nil }

// partition is Debezium's, so that offsets which its connector stored are found.
func partition(v config.Values) map[string]string {
	return map[string]string{"server": v.Get("topic.prefix")}
}
