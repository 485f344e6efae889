package runtime

import "github.com/millrace/millrace/connect/config"

// Options are the options that every connector has, whatever its class: Kafka Connect's names and defaults. Those of a
// connector's own Spec come after them and win where both have one.
var Options = config.Spec{
	{Name: "name", Type: config.String, Required: true, Group: "Common", Importance: "HIGH", Doc: "The connector's name, unique in the cluster."},
	{Name: "connector.class", Type: config.String, Required: true, Group: "Common", Importance: "HIGH", Doc: "The class of the connector, its simple name or its alias."},
	{Name: "tasks.max", Type: config.Int, Default: "1", Group: "Common", Importance: "HIGH", Doc: "The most tasks to make.", Check: atLeastOne},
	{Name: "tasks.max.enforce", Type: config.Bool, Default: "true", Group: "Common", Importance: "LOW", Doc: "Refuse connectors that make more tasks.", NoEffect: "no connector makes more tasks than tasks.max"},
	{Name: "key.converter", Type: config.Class, Group: "Common", Importance: "LOW", Doc: "The class of the converter of keys; the worker's when not set."},
	{Name: "key.converter.*", Type: config.String, Group: "Common", Importance: "LOW", Doc: "Options of the key's converter."},
	{Name: "value.converter", Type: config.Class, Group: "Common", Importance: "LOW", Doc: "The class of the converter of values; the worker's when not set."},
	{Name: "value.converter.*", Type: config.String, Group: "Common", Importance: "LOW", Doc: "Options of the value's converter."},
	{Name: "header.converter", Type: config.Class, Group: "Common", Importance: "LOW", Doc: "The class of the converter of headers.", NoEffect: "headers are written as the connector gives them"},
	{Name: "header.converter.*", Type: config.String, Group: "Common", Importance: "LOW", Doc: "Options of the headers' converter.", NoEffect: "headers are written as the connector gives them"},
	{Name: "transforms", Type: config.List, Group: "Transforms", Importance: "LOW", Doc: "Single message transforms.", Unsupported: "remove it, or transform where the records are read", Allowed: []string{""}},
	{Name: "transforms.*", Type: config.String, Group: "Transforms", Importance: "LOW", Doc: "Options of single message transforms.", Unsupported: "no transform is run"},
	{Name: "predicates", Type: config.List, Group: "Predicates", Importance: "LOW", Doc: "Predicates of transforms.", Unsupported: "no transform is run", Allowed: []string{""}},
	{Name: "predicates.*", Type: config.String, Group: "Predicates", Importance: "LOW", Doc: "Options of predicates.", Unsupported: "no transform is run"},
	{Name: "config.action.reload", Type: config.String, Default: "restart", Enum: []string{"none", "restart"}, Group: "Common", Importance: "LOW", Doc: "What to do when a config provider's value expires.", NoEffect: "the providers here give values that do not expire"},
	{Name: "errors.tolerance", Type: config.String, Default: "none", Enum: []string{"none", "all"}, Group: "Error Handling", Doc: "none: the first bad record fails the task. all: bad records are counted and left out."},
	{Name: "errors.log.enable", Type: config.Bool, Default: "false", Group: "Error Handling", Doc: "Log each bad record that is left out, without its data."},
	{Name: "errors.log.include.messages", Type: config.Bool, Default: "false", Group: "Error Handling", Doc: "Show the record in the log.", Unsupported: "row data is never logged", Allowed: []string{"false"}},
	{Name: "errors.retry.timeout", Type: config.Long, Default: "0", Group: "Error Handling", Doc: "Milliseconds without progress after which a task that fails retriably gives up; 0 or -1: never."},
	{Name: "errors.retry.delay.max.ms", Type: config.Long, Default: "30000", Group: "Error Handling", Doc: "The longest wait between two retries in milliseconds; the first is 300 ms and each is twice the one before.", Check: atLeastOne},
	{Name: "exactly.once.support", Type: config.String, Default: "requested", Enum: []string{"requested", "required"}, Group: "Exactly Once Support", Doc: "Whether to refuse a connector that may repeat records.", Unsupported: "delivery is at least once", Allowed: []string{"requested"}},
	{Name: "transaction.boundary", Type: config.String, Default: "poll", Enum: []string{"poll", "interval", "connector"}, Group: "Exactly Once Support", Doc: "Where a producer's transactions end.", NoEffect: "no producer transactions are used"},
	{Name: "transaction.boundary.interval.ms", Type: config.Long, Group: "Exactly Once Support", Importance: "LOW", Doc: "The length of a producer's transactions.", NoEffect: "no producer transactions are used"},
	{Name: "offsets.storage.topic", Type: config.String, Group: "Common", Importance: "LOW", Doc: "An offsets topic of the connector's own.", Unsupported: "offsets are kept in the worker's offset.storage.topic", Allowed: []string{""}},
	{Name: "topic.creation.*", Type: config.String, Group: "Topic Creation", Importance: "LOW", Doc: "Partitions, replication and configuration of topics that are made."},
	{Name: "producer.override.*", Type: config.String, Group: "Common", Importance: "LOW", Doc: "Options of the producer, before the worker's producer.*."},
	{Name: "admin.override.*", Type: config.String, Group: "Common", Importance: "LOW", Doc: "Options of the client that makes topics.", NoEffect: "the producer's client makes topics"},
	{Name: "consumer.override.*", Type: config.String, Group: "Common", Importance: "LOW", Doc: "Options of a sink's consumer.", NoEffect: "a source has no consumer"},
}

func atLeastOne(v string) string {
	if v == "0" || v[0] == '-' {
		return "must be at least 1"
	}
	return ""
}

// specOf returns the options of a connector: the common ones and its own.
func specOf(own config.Spec) config.Spec {
	mine := map[string]bool{}
	for _, o := range own {
		mine[o.Name] = true
	}
	var spec config.Spec
	for _, o := range Options {
		if !mine[o.Name] {
			spec = append(spec, o)
		}
	}
	return append(spec, own...)
}
