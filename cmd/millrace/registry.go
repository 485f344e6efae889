package main

import (
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/stack"
)

func registryCommand(p *program) *cobra.Command {
	var listen, store string
	var serving func() stack.Serving
	var node func() stack.Node
	cmd := &cobra.Command{
		Use: "registry", Short: "The schema registry alone", Args: cobra.NoArgs,
		Long: "The schema registry alone, with the API of Confluent's.\n\nSTORE is memory, which forgets, file:DIR, which is durable before it answers, kafka:BROKERS, a compacted topic\nas Confluent's registry keeps one, which it may have written: kafka:host:9092,host:9092?topic=_schemas. Further options:\nreplication=N of a topic that is made, options=FILE with a Kafka client's properties (security.protocol, sasl.*, ssl.*).\n\nOr nats:URL, a JetStream stream: nats:nats://host:4222,nats://host:4222?stream=_schemas. Further options: replicas=N of a\nstream that is made, and the files creds=FILE, ca=FILE, cert=FILE and key=FILE.\n\nBoth keep a snapshot in the user's cache, so that a start reads only what came since: snapshot=DIR names another directory of\nthis node for it, snapshot=off does without.\n\nSeveral nodes may share a topic or a stream: docs/high-availability.md.",
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			stop, err := profile(os.Getenv("MILLRACE_CPU_PROFILE"))
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, stop()) }()
			defer stack.TuneMemory()()
			r, err := stack.NewRegistry(cmd.Context(), p.log, version, listen, store, serving(), node())
			if err != nil {
				return err
			}
			return r.Run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&listen, "listen", ":8081", "address to listen on, host:port")
	cmd.Flags().StringVar(&store, "store", "file:data/registry", "where schemas are kept: memory, file:DIR, kafka:BROKERS or nats:URL")
	cmd.AddCommand(backupCommand(p), restoreCommand(p), importCommand(p))
	serving = servingFlags(cmd)
	node = nodeFlags(cmd)
	return cmd
}

// nodeFlags are those of a registry that shares a Kafka topic with others.
func nodeFlags(cmd *cobra.Command) func() stack.Node {
	var n stack.Node
	cmd.Flags().StringVar(&n.Advertise, "advertise", "", "with kafka: how other nodes reach this one, as http://registry-1:8081 (default: the address that it listens on, or the machine's name)")
	cmd.Flags().StringVar(&n.Group, "group", "", "with kafka: group of the nodes that elect a leader (schema.registry.group.id) (default schema-registry, with -TOPIC behind it unless that is _schemas)")
	cmd.Flags().DurationVar(&n.Session, "session", 10*time.Second, "with kafka: how long a leader may be silent before another one is chosen")
	cmd.Flags().StringVar(&n.CA, "advertise-ca", "", "with kafka and https: PEM certificates that other nodes' are trusted by (default: those of --tls-client-ca, and the system's)")
	eligible := cmd.Flags().Bool("eligible", true, "with kafka: this node may lead (leader.eligibility)")
	sticky := cmd.Flags().Bool("sticky", true, "with kafka: a leader stays when a node with a smaller URL comes (leader.election.sticky)")
	return func() stack.Node {
		n.Follower, n.Unsticky = !*eligible, !*sticky
		return n
	}
}
