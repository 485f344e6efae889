package kafkalog

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const (
	policy         = "cleanup.policy"
	maxMessage     = "max.message.bytes"
	retention      = "delete.retention.ms"
	defaultMaximum = 1048588 // Kafka's default of max.message.bytes
	mostReplicas   = 3

	defaultRetention = 24 * time.Hour // Kafka's default of delete.retention.ms
	mostRetention    = 365 * 24 * time.Hour
)

// prepare makes the topic when it is missing, checks it and learns its id and limits.
func (l *Log) prepare(ctx context.Context, cl *kgo.Client) error {
	admin := kadm.NewClient(cl)
	brokers, err := admin.BrokerMetadata(ctx)
	if err != nil {
		return fmt.Errorf("asking the brokers for their cluster: %w", err)
	}
	l.cluster = brokers.Cluster
	t, err := describe(ctx, cl, l.cfg.Topic)
	if errors.Is(err, kerr.UnknownTopicOrPartition) {
		if err := l.create(ctx, admin); err != nil {
			return err
		}
		t, err = describe(ctx, cl, l.cfg.Topic)
		for errors.Is(err, kerr.UnknownTopicOrPartition) { // one just made takes a moment to be known
			select {
			case <-time.After(50 * time.Millisecond):
			case <-ctx.Done():
				return fmt.Errorf("waiting for topic %s: %w", l.cfg.Topic, ctx.Err())
			}
			t, err = describe(ctx, cl, l.cfg.Topic)
		}
	}
	if err != nil {
		return fmt.Errorf("describing topic %s: %w", l.cfg.Topic, err)
	}
	if n := len(t.Partitions); n != 1 {
		return fmt.Errorf("topic %s has %d partitions and must have 1: a registry's records are read in one order", l.cfg.Topic, n)
	}
	l.topic = topic{l.cfg.Topic, t.TopicID}
	return l.checkConfigs(ctx, admin)
}

func (l *Log) create(ctx context.Context, admin *kadm.Client) error {
	configs := map[string]*string{}
	for name, value := range l.cfg.Configs {
		configs[name] = &value
	}
	compact := "compact"
	configs[policy] = &compact
	replication := l.cfg.Replication
	if replication <= 0 {
		brokers, err := admin.ListBrokers(ctx)
		if err != nil {
			return fmt.Errorf("listing the brokers: %w", err)
		}
		replication = int16(min(mostReplicas, max(len(brokers), 1)))
	}
	if _, err := admin.CreateTopic(ctx, 1, replication, configs, l.cfg.Topic); err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
		return fmt.Errorf("creating topic %s with %d replicas: %w", l.cfg.Topic, replication, err)
	}
	if replication < mostReplicas {
		l.cfg.Log.Warn("the registry's topic has few replicas", "topic", l.cfg.Topic, "replicas", replication)
	}
	return nil
}

// checkConfigs refuses a topic that loses records.
func (l *Log) checkConfigs(ctx context.Context, admin *kadm.Client) error {
	l.mostSize, l.retention = defaultMaximum, defaultRetention
	configs, err := admin.DescribeTopicConfigs(ctx, l.cfg.Topic)
	if err != nil {
		return fmt.Errorf("describing the configuration of topic %s: %w", l.cfg.Topic, err)
	}
	for _, rc := range configs {
		if rc.Err != nil { // the user may not see it
			l.cfg.Log.Warn("the configuration of the registry's topic cannot be checked: it must have cleanup.policy=compact", "topic", l.cfg.Topic, "error", rc.Err)
			continue
		}
		for _, c := range rc.Configs {
			switch v := c.MaybeValue(); c.Key {
			case policy:
				if v != "compact" {
					return fmt.Errorf("topic %s has cleanup.policy=%s and must have compact: schemas would be deleted; change it with "+
						"kafka-configs.sh --alter --topic %s --add-config cleanup.policy=compact", l.cfg.Topic, v, l.cfg.Topic)
				}
			case maxMessage:
				if n, err := strconv.Atoi(v); err == nil {
					l.mostSize = n
				}
			case retention:
				if n, err := strconv.ParseInt(v, 10, 64); err == nil {
					l.retention = time.Duration(min(n, mostRetention.Milliseconds())) * time.Millisecond
				}
			}
		}
	}
	return nil
}
