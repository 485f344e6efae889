package stack

import (
	"context"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connectors/kafka"
	"github.com/millrace/millrace/registry/kafkalog"
)

// kafkaStore reads BROKERS[?OPTIONS], what stands behind kafka: in a store. The options are topic, replication,
// snapshot, and options, a file of a Java client's properties; bootstrap.servers in it is not used.
func kafkaStore(log *slog.Logger, rest string) (kafkalog.Config, error) {
	brokers, query, _ := strings.Cut(rest, "?")
	c := kafkalog.Config{Log: log}
	options, err := url.ParseQuery(query)
	if err != nil {
		return c, fmt.Errorf("the options behind the brokers are none: %w", err)
	}
	props := map[string]string{}
	for name, values := range options {
		if len(values) > 1 {
			return c, fmt.Errorf("the option %s is given %d times", name, len(values))
		}
		value := values[0]
		switch name {
		case "topic":
			c.Topic = value
		case "replication":
			n, err := strconv.ParseInt(value, 10, 16)
			if err != nil || n < 1 {
				return c, fmt.Errorf("replication=%s is no number of replicas", value)
			}
			c.Replication = int16(n)
		case "options":
			if props, err = readProperties(value); err != nil {
				return c, err
			}
		case "snapshot": // is the registry's
		default:
			return c, fmt.Errorf("there is no option %s: there are topic, replication, options and snapshot", name)
		}
	}
	props["bootstrap.servers"] = brokers
	for name, value := range quick {
		if _, ok := props[name]; !ok {
			props[name] = value
		}
	}
	client, err := kafka.FromProperties(props)
	if err != nil {
		return c, fmt.Errorf("the options of the Kafka client: %w", err)
	}
	client.Log = log
	c.Client = client.ClientOptions()
	return c, nil
}

// quick are defaults under which a registry notices sooner than other clients that a broker is out of reach.
var quick = map[string]string{"request.timeout.ms": "10000", "socket.connection.setup.timeout.ms": "5000"}

func readProperties(file string) (map[string]string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the Kafka client's options: %w", err)
	}
	return config.ReadPropertyMap(file, data)
}

func openKafkaLog(ctx context.Context, log *slog.Logger, rest string) (*kafkalog.Log, error) {
	c, err := kafkaStore(log, rest)
	if err != nil {
		return nil, err
	}
	return kafkalog.Open(ctx, c)
}
