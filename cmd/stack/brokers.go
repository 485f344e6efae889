package stack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"

	natsclient "github.com/nats-io/nats.go"

	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connectors/kafka"
	"github.com/millrace/millrace/connectors/nats"
)

// brokers makes the producers of a worker's connectors.
type brokers struct {
	broker      string            // for connectors that do not say
	kafka       map[string]string // options of the worker's producers
	nats        map[string]string
	natsOptions []natsclient.Option
	mayOverride func(option string) bool
	create      bool // topics are made as topic.creation.* says
}

const override = "producer.override."

// of returns the broker that a connector publishes to.
func (b *brokers) of(v config.Values) string {
	if s := v.Get(config.BrokerOption); s != "" {
		return s
	}
	return b.broker
}

// options returns what a connector's producer is made of: the worker's options under the connector's.
func (b *brokers) options(v config.Values) (opts map[string]string, own config.Values, prefix string) {
	opts, own, prefix = maps.Clone(b.kafka), v.Under(override), override
	if b.of(v) == "nats" {
		opts, own, prefix = maps.Clone(b.nats), v.Under("nats."), "nats."
	}
	if opts == nil {
		opts = map[string]string{}
	}
	maps.Copy(opts, own)
	return opts, own, prefix
}

func (b *brokers) kafkaConfig(v config.Values) (kafka.Config, error) {
	opts, _, _ := b.options(v)
	c, err := kafka.FromProperties(opts)
	if err == nil && b.create {
		c.Topics, err = kafka.TopicsFromProperties(v)
	}
	return c, err
}

// check returns what is wrong with the broker options of a connector.
func (b *brokers) check(v config.Values) []config.Fault {
	opts, own, prefix := b.options(v)
	var faults []config.Fault
	var err error
	if b.of(v) == "nats" {
		_, err = nats.FromProperties(opts)
	} else {
		for _, name := range own.Names() {
			if b.mayOverride != nil && !b.mayOverride(name) {
				faults = append(faults, config.Fault{Option: prefix + name, Kind: config.Refused, Msg: "the worker's connector.client.config.override.policy does not let connectors set it"})
			}
		}
		if opts["bootstrap.servers"] == "" {
			return append(faults, config.Fault{Option: config.BrokerOption, Kind: config.Refused, Msg: "the worker has no bootstrap.servers, so nothing can be published to Kafka"})
		}
		_, err = b.kafkaConfig(v)
	}
	var found config.FaultsError
	if err != nil && !errors.As(err, &found) {
		return append(faults, config.Fault{Option: config.BrokerOption, Msg: err.Error()})
	}
	for _, f := range found {
		if !strings.HasPrefix(f.Option, "topic.creation.") {
			f.Option = prefix + f.Option
		}
		faults = append(faults, f)
	}
	return faults
}

// producer makes the producer of one run of a task.
func (b *brokers) producer(_ context.Context, env connect.Env, v config.Values) (connect.Producer, error) {
	if b.of(v) == "nats" {
		opts, _, _ := b.options(v)
		c, err := nats.FromProperties(opts)
		if err != nil {
			return nil, fmt.Errorf("reading the options of NATS: %w", err)
		}
		c.Name, c.Log, c.Options = env.Name, env.Log, append(c.Options, b.natsOptions...)
		return nats.NewProducer(c)
	}
	c, err := b.kafkaConfig(v)
	if err != nil {
		return nil, fmt.Errorf("reading the options of Kafka: %w", err)
	}
	c.Log = env.Log
	return kafka.NewProducer(c)
}

// checking returns kinds whose Validate looks at broker options first: those need no connection.
func (b *brokers) checking(kinds []connect.Connector) []connect.Connector {
	out := make([]connect.Connector, len(kinds))
	for i, k := range kinds {
		own := k.Validate
		k.Validate = func(ctx context.Context, v config.Values) []config.Fault {
			if faults := b.check(v); len(faults) > 0 || own == nil {
				return faults
			}
			return own(ctx, v)
		}
		out[i] = k
	}
	return out
}
