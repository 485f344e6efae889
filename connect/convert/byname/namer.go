package byname

import (
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/convert"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/wire"
)

const (
	strategies = "io.confluent.kafka.serializers.subject."

	clusterOption  = "subject.name.strategy.kafka.cluster.id"
	fallbackOption = "subject.name.strategy.fallback.type"
	expiryOption   = "subject.name.strategy.cache.expiry.secs"
)

// namerSpec has the options of subjects' names, with the defaults of AssociatedNameStrategy.configure.
func namerSpec() config.Spec {
	return config.Spec{
		{Name: "key.subject.name.strategy", Type: config.Class, Default: strategies + "TopicNameStrategy", Group: registryGroup, Doc: "How the key's subject is named: TopicNameStrategy, RecordNameStrategy, TopicRecordNameStrategy, or AssociatedNameStrategy, which asks the registry for the subject that is associated with the topic.", Check: strategy},
		{Name: "value.subject.name.strategy", Type: config.Class, Default: strategies + "TopicNameStrategy", Group: registryGroup, Doc: "How the value's subject is named.", Check: strategy},
		{Name: clusterOption, Type: config.String, Group: registryGroup, Doc: "With AssociatedNameStrategy: the id of the topics' Kafka cluster, the namespace of their associations. Empty: any."},
		{Name: fallbackOption, Type: config.String, Enum: []string{"topic", "record", "topic_record", "none"}, Group: registryGroup, Doc: "With AssociatedNameStrategy: how the subject of a topic without an association is named. TOPIC is the default; with NONE its records are bad ones."},
		{Name: expiryOption, Type: config.Int, Group: registryGroup, Importance: "LOW", Doc: "With AssociatedNameStrategy: seconds until the registry is asked again for a topic's subject; -1, the default: never. With NONE, whether a topic has one yet is asked every ten seconds.", Check: expiry},
		{Name: "subject.name.strategy.cache.size", Type: config.Int, Default: "1000", Group: registryGroup, Importance: "LOW", NoEffect: "encoders keep the names of their subjects, and what is kept beside them is bounded"},
	}
}

// newNamer makes what names the subjects of a part. It asks c when it has to, and not before.
func newNamer(v config.Values, part convert.Part, c *client.Client) (*client.Namer, []config.Fault) {
	var faults []config.Fault
	if strategyOf(v.Get("key.subject.name.strategy")) != wire.AssociatedName && strategyOf(v.Get("value.subject.name.strategy")) != wire.AssociatedName {
		for _, name := range []string{clusterOption, fallbackOption, expiryOption} {
			if v.Has(name) {
				faults = append(faults, config.Fault{Option: name, Msg: "is for " + wire.AssociatedName.String() + ": set it in " + part.String() + ".subject.name.strategy"})
			}
		}
	}
	o := client.NamerOptions{Strategy: strategyOf(v.Get(part.String() + ".subject.name.strategy")), Cluster: v.Get(clusterOption), TTL: -1}
	if v.Has(fallbackOption) {
		o.Fallback, o.NoFallback, _ = client.ParseFallback(v.Get(fallbackOption))
	}
	if s := v.Int64(expiryOption); s > 0 {
		o.TTL = time.Duration(s) * time.Second
	}
	if len(faults) > 0 {
		return nil, faults
	}
	n, err := c.Namer(o)
	if err != nil {
		return nil, []config.Fault{{Option: fallbackOption, Msg: err.Error()}}
	}
	return n, nil
}

func strategyOf(class string) wire.Strategy {
	s, _ := wire.ParseStrategy(class[strings.LastIndexByte(class, '.')+1:])
	return s
}

func strategy(class string) string {
	simple := class[strings.LastIndexByte(class, '.')+1:]
	if simple == "AdminAssociatedNameStrategy" {
		return "Kafka is not asked for its id: use " + wire.AssociatedName.String() + " with " + clusterOption
	}
	if _, ok := wire.ParseStrategy(simple); !ok || !strings.HasSuffix(class, "Strategy") {
		return "must be one of " + strategies + "AssociatedNameStrategy, RecordNameStrategy, TopicNameStrategy, TopicRecordNameStrategy; Java classes cannot be loaded"
	}
	return ""
}

func expiry(seconds string) string {
	if n, err := strconv.ParseInt(seconds, 10, 32); err != nil || n == 0 || n < -1 {
		return "must be -1, for ever, or at least 1: the registry is not asked for each record"
	}
	return ""
}
