package stack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"strconv"
	"strings"

	"github.com/millrace/millrace/registry"
	"github.com/millrace/millrace/registry/natslog"
)

// natsStore reads URL[?OPTIONS], what stands behind nats: in a store. The options are stream, replicas, creds, ca, cert and key,
// the last four names of files, and snapshot.
func natsStore(log *slog.Logger, rest string) (natslog.Config, error) {
	servers, query, _ := strings.Cut(rest, "?")
	c := natslog.Config{URL: servers, Log: log}
	options, err := url.ParseQuery(query)
	if err != nil { // err would show the text
		return c, errors.New("the options behind the NATS servers are no query: name=value with & between them")
	}
	for name, values := range options {
		if len(values) > 1 {
			return c, fmt.Errorf("the option %s is given %d times", name, len(values))
		}
		value := values[0]
		switch name {
		case "stream":
			c.Stream = value
		case "replicas":
			if c.Replicas, err = strconv.Atoi(value); err != nil || c.Replicas < 1 {
				return c, fmt.Errorf("replicas=%s is no number of replicas", value)
			}
		case "creds":
			c.Creds = value
		case "ca":
			c.CA = value
		case "cert":
			c.Cert = value
		case "key":
			c.Key = value
		case "snapshot": // is the registry's
		default:
			return c, fmt.Errorf("there is no option %s: there are stream, replicas, creds, ca, cert, key and snapshot", name)
		}
	}
	return c, nil
}

func openNATSLog(ctx context.Context, log *slog.Logger, rest string) (registry.Log, error) {
	c, err := natsStore(log, rest)
	if err != nil {
		return nil, err
	}
	l, err := natslog.Open(ctx, c)
	if err != nil { // a *natslog.Log that is nil would be a registry.Log that is not
		return nil, err
	}
	return l, nil
}
