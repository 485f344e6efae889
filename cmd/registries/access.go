package registries

import (
	"log/slog"
	"strings"
	"time"

	"github.com/millrace/millrace/registry/client"
	"github.com/millrace/millrace/registry/transfer"
)

// Access is where a registry is and who asks it.
type Access struct {
	URL                string // of one or, with commas, several nodes, each with a user and a password of its own where it has them
	Username, Password string
	Token              string // of a bearer; wins over user and password
	TLS                client.TLSFiles
}

// Client connects to nothing yet.
func (a Access) Client() (*client.Client, error) { return a.client(client.Config{}) }

// client adds a to cfg.
func (a Access) client(cfg client.Config) (c *client.Client, err error) {
	if cfg.TLS, err = a.TLS.Config(); err != nil {
		return nil, err
	}
	cfg.URLs, cfg.Username, cfg.Password, cfg.BearerToken = strings.Split(a.URL, ","), a.Username, a.Password, a.Token
	return client.New(cfg)
}

// retries are how often a request is made again that may succeed later: some seconds in all.
const retries = 5

// Remote connects to nothing yet. It has more patience than Client.
func (a Access) Remote(log *slog.Logger) (*transfer.Remote, error) {
	c, err := a.client(client.Config{Timeout: 2 * time.Minute, Retries: retries})
	if err != nil {
		return nil, err
	}
	return &transfer.Remote{Client: c, Progress: progress(log)}, nil
}
