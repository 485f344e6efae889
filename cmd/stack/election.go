package stack

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/election"
	"github.com/millrace/millrace/registry/kafkalog"
	"github.com/millrace/millrace/registry/rest"
)

// Node is what a registry is to the others that share its store. The zero value is right for most.
type Node struct {
	// Advertise is how other nodes reach this one, scheme://host:port. "": http or https, the port that it listens on, and the host that
	// it listens on or, where that is every one, the machine's name.
	Advertise string
	// Group is that of the election. "": schema-registry and, behind it, a topic's name that is not _schemas: nodes of several
	// topics must not be in one group.
	Group    string
	Follower bool   // it never leads
	Unsticky bool   // a node with a smaller URL takes over as soon as it comes
	CA       string // a file of PEM certificates that other nodes' are trusted by; "": those of clients, and the system's
	// Session is how long a leader may be silent before another one is chosen; 0: 10 s. Brokers take 6 s and more.
	Session time.Duration
}

// electing is how long an election takes at most, beside the session.
const electing = 6 * time.Second

// shared is a registry's store and how nodes share it.
type shared struct {
	log      registry.Log
	election *election.Election // nil: there is none, every node writes
	many     bool               // other nodes may write to it, too
	cluster  string             // id of the Kafka cluster; "" on other stores
	identity string             // of a log on Kafka or NATS
}

// options returns what the API has to know of other nodes, and whether this one writes; nil: it does.
func (s *shared) options(reg *registry.Registry, n Node) (o rest.Options, leads func() bool) {
	o.ClusterID, o.GroupID = s.cluster, n.Group
	if s.many {
		o.Sync = reg.Sync
	}
	if s.election == nil {
		return o, nil
	}
	o.Election = s.election
	if n.Session > 0 {
		o.LeaderWait = n.Session + electing
	}
	return o, func() bool { l, _ := s.election.Leader(); return l.Self }
}

// peers returns how this node connects to others by TLS: it shows its own certificate. nil: it has none, and the system's
// authorities are trusted.
func (g *guard) peers(ca string) (*tls.Config, error) {
	if ca == "" {
		ca = g.TLS.ClientCA
	}
	if g.tls == nil && ca == "" {
		return nil, nil
	}
	c := &tls.Config{MinVersion: tls.VersionTLS12}
	if g.tls != nil {
		c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return g.tls.GetCertificate(nil) }
	}
	if ca == "" {
		return c, nil
	}
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, fmt.Errorf("reading whom other nodes are trusted by: %w", err)
	}
	if c.RootCAs, err = x509.SystemCertPool(); err != nil {
		c.RootCAs = x509.NewCertPool()
	}
	if !c.RootCAs.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", ca)
	}
	return c, nil
}

// openShared opens the store of a registry that listens on l, by TLS or not. On Kafka it takes part in an election.
func openShared(ctx context.Context, log *slog.Logger, store string, l net.Listener, secure bool, n Node) (*shared, error) {
	kind, rest, _ := strings.Cut(store, ":")
	if kind != "kafka" || rest == "" {
		s, err := OpenLog(ctx, log, store)
		if err != nil {
			return nil, err
		}
		o := &shared{log: s, many: kind == "nats"}
		if named, ok := s.(interface{ Identity() string }); ok {
			o.identity = named.Identity()
		}
		return o, nil
	}
	c, err := kafkaStore(log, rest)
	if err != nil {
		return nil, err
	}
	if n.Advertise == "" {
		if n.Advertise, err = advertised(l, secure); err != nil {
			return nil, err
		}
	}
	if n.Group == "" {
		n.Group = groupOf(c.Topic)
		warnOfConfluent(ctx, log, c, n.Group)
	}
	e, err := election.New(election.Config{Client: c.Client, URL: n.Advertise, Group: n.Group, Follower: n.Follower, Unsticky: n.Unsticky, Session: n.Session, Log: log})
	if err != nil {
		return nil, err
	}
	c.Elected = true
	k, err := kafkalog.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	return &shared{log: e.Log(k, k), election: e, many: true, cluster: k.ClusterID(), identity: k.Identity()}, nil
}

// groupOf returns the group of the nodes that share a topic.
func groupOf(topic string) string {
	if topic == "" || topic == kafkalog.DefaultTopic {
		return election.DefaultGroup
	}
	return election.DefaultGroup + "-" + topic
}

// warnOfConfluent tells of nodes of Confluent's that may use the topic while they are in their default group, and this node is
// not: both would write.
func warnOfConfluent(ctx context.Context, log *slog.Logger, c kafkalog.Config, group string) {
	if group == election.DefaultGroup {
		return
	}
	cl, err := kgo.NewClient(c.Client...)
	if err != nil {
		return // the log tells of it
	}
	defer cl.Close()
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	groups, err := kadm.NewClient(cl).DescribeGroups(ctx, election.DefaultGroup)
	if err != nil {
		return
	}
	for _, m := range groups[election.DefaultGroup].Members {
		if m.InstanceID == nil { // ours have one
			log.Warn("nodes of Confluent's registry are in its group: if they use this topic, start this one with --group "+election.DefaultGroup, "topic", c.Topic, "group", group, "host", m.ClientHost)
			return
		}
	}
}

// advertised returns the URL of a listener as other machines see it.
func advertised(l net.Listener, secure bool) (string, error) {
	a, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return "", fmt.Errorf("%s is no address of TCP: say how other nodes reach this one with --advertise", l.Addr())
	}
	host := a.IP.String()
	if a.IP.IsUnspecified() {
		var err error
		if host, err = os.Hostname(); err != nil {
			return "", fmt.Errorf("asking for the machine's name: %w", err)
		}
	}
	scheme := "http://"
	if secure {
		scheme = "https://"
	}
	return scheme + net.JoinHostPort(host, strconv.Itoa(a.Port)), nil
}
