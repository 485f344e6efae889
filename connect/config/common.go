package config

// SourceOptions returns the options that every source connector has besides its own: Kafka Connect's, and which broker
// is published to.
func SourceOptions() Spec {
	const (
		common, errs, topics, once, broker = "Common", "Error Handling", "Topic Creation", "Exactly Once Support", "Broker"
		oneVersion                         = "there is one version of each plugin"
		noTransforms                       = "single message transforms are not done yet: remove transforms, or apply them in the consumer"
	)
	return Spec{
		{Name: "name", Type: String, Required: true, Group: common, Importance: "HIGH", Doc: "The connector's name, unique among all connectors of the worker.", Check: name},
		{Name: "connector.class", Type: String, Required: true, Group: common, Importance: "HIGH", Doc: "The connector's class as Kafka Connect knows it, its last part, or that part without Connector."},
		{Name: "connector.plugin.version", Type: String, Group: common, NoEffect: oneVersion},
		{Name: "tasks.max", Type: Int, Default: "1", Group: common, Importance: "HIGH", Doc: "The most tasks to split the work into.", Check: tasks},
		{Name: "tasks.max.enforce", Type: Bool, Default: "true", Group: common, Importance: "LOW", NoEffect: "no connector makes more tasks than tasks.max"},
		{Name: "key.converter", Type: Class, Group: common, Importance: "LOW", Doc: "How keys become bytes; the worker's where it is not set."},
		{Name: "value.converter", Type: Class, Group: common, Importance: "LOW", Doc: "How values become bytes; the worker's where it is not set."},
		{Name: "header.converter", Type: Class, Group: common, Importance: "LOW", Doc: "How headers become bytes; the worker's where it is not set."},
		{Name: "key.converter.plugin.version", Type: String, Group: common, Importance: "LOW", NoEffect: oneVersion},
		{Name: "value.converter.plugin.version", Type: String, Group: common, Importance: "LOW", NoEffect: oneVersion},
		{Name: "header.converter.plugin.version", Type: String, Group: common, Importance: "LOW", NoEffect: oneVersion},
		{Name: "key.converter.*", Type: String, Group: common, Importance: "LOW", Doc: "Options of the key converter."},
		{Name: "value.converter.*", Type: String, Group: common, Importance: "LOW", Doc: "Options of the value converter."},
		{Name: "header.converter.*", Type: String, Group: common, Importance: "LOW", Doc: "Options of the header converter."},
		{Name: "transforms", Type: List, Group: "Transforms", Importance: "LOW", Unsupported: noTransforms, Allowed: []string{""}},
		{Name: "transforms.*", Type: String, Group: "Transforms", Importance: "LOW", Unsupported: noTransforms},
		{Name: "predicates", Type: List, Group: "Predicates", Importance: "LOW", Unsupported: noTransforms, Allowed: []string{""}},
		{Name: "predicates.*", Type: String, Group: "Predicates", Importance: "LOW", Unsupported: noTransforms},
		{Name: "config.action.reload", Type: String, Default: "restart", Enum: []string{"none", "restart"}, Group: common, Importance: "LOW", NoEffect: "references are resolved when a task starts; none of the providers tells of changes"},
		{Name: "errors.retry.timeout", Type: Long, Default: "0", Group: errs, Doc: "How long, in ms, a task is started again without getting on before it fails. 0 and -1: without limit, as errors.max.retries allows."},
		{Name: "errors.retry.delay.max.ms", Type: Long, Default: "60000", Group: errs, Doc: "The longest wait before a task is started again; the waits double up to it.", Check: positive},
		{Name: "errors.tolerance", Type: String, Default: "none", Enum: []string{"none", "all"}, Group: errs, Doc: "What a record that cannot be encoded or delivered does: none stops the task, all leaves the record out and counts it."},
		{Name: "errors.log.enable", Type: Bool, Default: "false", Group: errs, Doc: "Log every record left out."},
		{Name: "errors.log.include.messages", Type: Bool, Default: "false", Group: errs, Unsupported: "data of rows are never logged", Allowed: []string{"false", ""}},
		{Name: "topic.creation.groups", Type: List, Group: topics, Importance: "LOW", Doc: "Names of groups of topics, whose options follow as topic.creation.GROUP.*."},
		{Name: "topic.creation.*", Type: String, Group: topics, Importance: "LOW", Doc: "How topics are created: topic.creation.default.partitions, .replication.factor and any topic configuration; topic.creation.GROUP.include and .exclude."},
		{Name: "exactly.once.support", Type: String, Default: "requested", Enum: []string{"requested", "required"}, Group: once, Unsupported: "delivery is at least once", Allowed: []string{"requested"}},
		{Name: "transaction.boundary", Type: String, Default: "poll", Enum: []string{"poll", "interval", "connector"}, Group: once, Unsupported: "delivery is at least once, without transactions", Allowed: []string{"poll"}},
		{Name: "transaction.boundary.interval.ms", Type: Long, Group: once, Importance: "LOW", Unsupported: "delivery is at least once, without transactions", Allowed: []string{""}},
		{Name: "offsets.storage.topic", Type: String, Group: "offsets.topic", Importance: "LOW", Unsupported: "all connectors of a worker share its offset.storage.topic", Allowed: []string{""}},
		{Name: BrokerOption, Type: String, Enum: brokers, Group: broker, Importance: "LOW", Doc: "Where records go, kafka or nats; the worker's broker where it is not set. An option of Millrace's own."},
		{Name: "producer.override.*", Type: String, Group: broker, Importance: "LOW", Doc: "Options of this connector's Kafka producer, over the worker's producer.*, as the worker's override policy allows."},
		{Name: "admin.override.*", Type: String, Group: broker, Importance: "LOW", Doc: "Options of the Kafka client that creates this connector's topics."},
		{Name: "consumer.override.*", Type: String, Group: broker, Importance: "LOW", NoEffect: "source connectors do not consume"},
		{Name: "nats.*", Type: String, Group: broker, Importance: "LOW", Doc: "Options of this connector's NATS connection, over the worker's nats.*."},
	}
}

func name(s string) string {
	for _, r := range s {
		if r < ' ' || r == 0x7f {
			return "must not hold control characters"
		}
	}
	return ""
}

func tasks(s string) string {
	if s == "0" || s[0] == '-' {
		return "value must be at least 1"
	}
	return ""
}
