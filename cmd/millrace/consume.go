package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/consume"
	"github.com/millrace/millrace/cmd/registries"
	"github.com/millrace/millrace/connect"
	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connectors/kafka"
	"github.com/millrace/millrace/connectors/nats"
	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/wire"
)

// consumeOptions are the flags of consume.
type consumeOptions struct {
	kafka, nats, options string
	tail                 bool
	max                  int
	registry             registries.Access
}

func consumeCommand(*program) *cobra.Command {
	var o consumeOptions
	cmd := &cobra.Command{
		Use: "consume TOPIC…", Short: "Print records of Kafka or NATS, decoded by the registry", Args: cobra.MinimumNArgs(1),
		Long: "Print records, a line of JSON each: topic, place, key, value and headers. Records in the registry's frame are decoded by\nthe schema that they name.",
		RunE: func(cmd *cobra.Command, topics []string) error {
			read, stop, err := o.open(cmd.Context(), topics)
			if err != nil {
				return err
			}
			defer stop()
			var registry *client.Client
			if o.registry.URL != "" {
				if registry, err = o.registry.Client(); err != nil {
					return err
				}
			}
			return o.print(cmd.Context(), cmd.OutOrStdout(), consume.NewDecoder(registry), read)
		},
	}
	cmd.Flags().StringVar(&o.kafka, "kafka", "", "Kafka's first brokers, host:port")
	cmd.Flags().StringVar(&o.nats, "nats", "nats://127.0.0.1:4222", "the NATS servers, where --kafka is not given")
	cmd.Flags().StringVar(&o.options, "options", "", "a .properties file with more options of the Kafka client or NATS")
	cmd.Flags().StringVar(&o.registry.URL, "registry", "http://127.0.0.1:8081", "the schema registry; empty: records are not decoded")
	accessFlags(cmd.Flags(), &o.registry, "registry")
	cmd.Flags().BoolVar(&o.tail, "tail", false, "only what is published from now on")
	cmd.Flags().IntVar(&o.max, "max", 0, "end after this many records; 0: never")
	return cmd
}

// reader calls each for records that came, with their place.
type reader func(ctx context.Context, each func(m connect.Message, at string)) error

func (o *consumeOptions) open(ctx context.Context, topics []string) (reader, func(), error) {
	props := map[string]string{}
	if o.options != "" {
		data, err := os.ReadFile(o.options)
		if err != nil {
			return nil, nil, fmt.Errorf("reading the client's options: %w", err)
		}
		if props, err = config.ReadPropertyMap(o.options, data); err != nil {
			return nil, nil, err
		}
	}
	if o.kafka != "" {
		props["bootstrap.servers"] = o.kafka
		cfg, err := kafka.FromProperties(props)
		if err != nil {
			return nil, nil, err
		}
		c, err := kafka.NewConsumer(cfg, o.tail, topics...)
		if err != nil {
			return nil, nil, err
		}
		return func(ctx context.Context, each func(connect.Message, string)) error {
			return c.Read(ctx, func(m connect.Message, partition int32, offset int64) {
				each(m, fmt.Sprintf("%d/%d", partition, offset))
			})
		}, c.Close, nil
	}
	props["url"] = o.nats
	cfg, err := nats.FromProperties(props)
	if err != nil {
		return nil, nil, err
	}
	c, err := nats.NewConsumer(ctx, cfg, o.tail, topics...)
	if err != nil {
		return nil, nil, err
	}
	return func(ctx context.Context, each func(connect.Message, string)) error {
		return c.Read(ctx, func(m connect.Message, seq uint64) { each(m, fmt.Sprint(seq)) })
	}, c.Close, nil
}

// line is one record as it is printed.
type line struct {
	Topic   string            `json:"topic"`
	At      string            `json:"at"` // partition/offset in Kafka, the stream's sequence in NATS
	Time    string            `json:"time,omitempty"`
	Key     json.RawMessage   `json:"key"`
	Value   json.RawMessage   `json:"value"`
	Headers map[string]string `json:"headers,omitempty"`
}

func (o *consumeOptions) print(ctx context.Context, w io.Writer, d *consume.Decoder, read reader) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	printed := 0
	for {
		var faults []error
		err := read(ctx, func(m connect.Message, at string) {
			if o.max > 0 && printed >= o.max || len(faults) > 0 {
				return
			}
			key, _, kerr := d.Decode(ctx, wire.Key, m.Headers, m.Key)
			value, _, verr := d.Decode(ctx, wire.Value, m.Headers, m.Value)
			l := line{Topic: m.Topic, At: at, Key: key, Value: value}
			if m.Time > 0 {
				l.Time = time.UnixMilli(m.Time).UTC().Format(time.RFC3339Nano)
			}
			for _, h := range m.Headers {
				if l.Headers == nil {
					l.Headers = map[string]string{}
				}
				l.Headers[h.Key] = string(h.Value)
			}
			if err := errors.Join(kerr, verr); err != nil {
				faults = append(faults, fmt.Errorf("decoding the record at %s of %s: %w", at, m.Topic, err))
				return
			}
			faults = append(faults, e.Encode(l))
			if faults[0] == nil {
				faults = nil
			}
			printed++
		})
		if ctx.Err() != nil {
			return nil
		}
		if err = errors.Join(append(faults, err)...); err != nil || o.max > 0 && printed >= o.max {
			return err
		}
	}
}
