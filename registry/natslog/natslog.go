package natslog

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// DefaultStream is the name of the stream where Config names none, and its subject.
const DefaultStream = "_schemas"

const (
	openWait    = 10 * time.Second // how long Open waits for JetStream to answer
	requestWait = 5 * time.Second  // how long one request may take
	firstWait   = 20 * time.Millisecond
	lastWait    = 500 * time.Millisecond
	duplicates  = 2 * time.Minute
	mostPart    = 1 << 20 // of a message, with its header
	headerRoom  = 512
)

var errClosed = errors.New("the log is closed")

// Config says where a log is.
type Config struct {
	URL      string // nats:// or tls:// URLs, with commas between the servers of a cluster
	Stream   string // "": DefaultStream. It is the stream's one subject too
	Replicas int    // of a stream that is made, 1 to 5; 0: 1

	Creds     string        // a file of NATS credentials; "": none
	CA        string        // a file of PEM certificates to trust; "": the system's
	Cert, Key string        // PEM files that this client shows; "": none
	Options   []nats.Option // further options of the client
	Log       *slog.Logger  // nil: none
}

// Log is a registry.Log in a stream, safe for concurrent use.
type Log struct {
	name    string
	nc      *nats.Conn
	js      jetstream.JetStream
	log     *slog.Logger
	created time.Time // of the stream: another one of that name is not this log

	stopped context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup // Append and Follow calls
	mu      sync.Mutex     // guards refusal, and closing against running
	refusal error          // the last error that the server reported by the way, such as a missing permission
}

// Open connects and makes the stream when it is missing. A cluster that has just been started gets ten seconds.
func Open(ctx context.Context, c Config) (*Log, error) {
	if c.Stream == "" {
		c.Stream = DefaultStream
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	l := &Log{name: c.Stream, log: c.Log}
	l.stopped, l.stop = context.WithCancel(context.Background())
	giveUp := context.AfterFunc(ctx, l.stop)
	if err := l.open(ctx, c); err != nil {
		l.stop()
		if l.nc != nil {
			l.nc.Close()
		}
		return nil, fmt.Errorf("opening the stream %s: %w", c.Stream, err)
	}
	if !giveUp() {
		return nil, errors.Join(ctx.Err(), l.Close())
	}
	return l, nil
}

func (c Config) check() error {
	if strings.ContainsAny(c.Stream, ".*>/\\ \t\r\n") {
		return fmt.Errorf("the stream's name %q has a character that NATS does not take: . * > / \\ or a space", c.Stream)
	}
	if c.Replicas < 0 || c.Replicas > 5 {
		return fmt.Errorf("%d is no number of replicas: 1 to 5 are", c.Replicas)
	}
	for server := range strings.SplitSeq(c.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(server))
		if err != nil || u.Host == "" { // err would show the password
			return errors.New("the NATS servers are given as nats://host:port, with commas between them")
		}
	}
	if (c.Cert == "") != (c.Key == "") {
		return errors.New("a client's certificate needs its key, and a key its certificate")
	}
	return nil
}

// dialer lets connecting be given up.
type dialer struct{ ctx context.Context }

// Dial implements nats.CustomDialer.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	n := net.Dialer{Timeout: requestWait}
	return n.DialContext(d.ctx, network, address)
}

func (l *Log) open(ctx context.Context, c Config) error {
	opts := []nats.Option{
		nats.Name("millrace registry"), nats.SetCustomDialer(dialer{l.stopped}), nats.Timeout(requestWait),
		nats.MaxReconnects(-1), nats.ReconnectWait(100 * time.Millisecond), nats.ReconnectJitter(50*time.Millisecond, 50*time.Millisecond),
		nats.ReconnectBufSize(-1), nats.IgnoreAuthErrorAbort(), nats.PingInterval(2 * time.Second), nats.MaxPingsOutstanding(2),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) { l.refused(err) }),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if l.stopped.Err() == nil {
				l.log.Warn("the registry's log: the connection to NATS is lost", "error", err)
			}
		}),
	}
	if c.Creds != "" {
		opts = append(opts, nats.UserCredentials(c.Creds))
	}
	if c.CA != "" {
		opts = append(opts, nats.RootCAs(c.CA))
	}
	if c.Cert != "" {
		opts = append(opts, nats.ClientCert(c.Cert, c.Key))
	}
	var err error
	if l.nc, err = nats.Connect(c.URL, append(opts, c.Options...)...); err != nil {
		return fmt.Errorf("connecting to NATS: %w", err)
	}
	if l.js, err = jetstream.New(l.nc); err != nil {
		return fmt.Errorf("using JetStream: %w", err)
	}
	info, err := l.stream(ctx, c)
	if err != nil {
		return err
	}
	if err := checkStream(c.Stream, info.Config); err != nil {
		return err
	}
	l.created = info.Created
	return l.checkState(info)
}

// refused keeps what the server reports without saying which request it is about.
func (l *Log) refused(err error) {
	if errors.Is(err, nats.ErrPermissionViolation) {
		l.mu.Lock()
		l.refusal = err
		l.mu.Unlock()
		l.log.Warn("the registry's log: NATS refuses a request", "error", err)
	}
}

// because adds to an error what the server reported.
func (l *Log) because(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.refusal != nil {
		return fmt.Errorf("%w (%w)", err, l.refusal)
	}
	return err
}

// stream finds or makes the stream.
func (l *Log) stream(ctx context.Context, c Config) (*jetstream.StreamInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, openWait)
	defer cancel()
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		info, err := l.info(ctx)
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			var s jetstream.Stream
			within, done := context.WithTimeout(ctx, requestWait)
			s, err = l.js.CreateStream(within, streamConfig(c))
			done()
			if err == nil {
				info = s.CachedInfo()
			} else if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // another node was faster
				continue
			}
		}
		if err == nil {
			return info, nil
		}
		if !passing(err) && !isCode(err, codeNoPeers) {
			return nil, l.because(err)
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			if errors.Is(err, jetstream.ErrJetStreamNotEnabled) || errors.Is(err, nats.ErrNoResponders) {
				err = fmt.Errorf("JetStream is not enabled on the NATS server, or its cluster has no leader: %w", err)
			}
			return nil, l.because(err)
		}
	}
}

func streamConfig(c Config) jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: c.Stream, Description: "Log of a schema registry (Millrace)", Subjects: []string{c.Stream},
		Retention: jetstream.LimitsPolicy, Storage: jetstream.FileStorage, Replicas: max(c.Replicas, 1), Duplicates: duplicates,
		MaxMsgs: -1, MaxBytes: -1, MaxMsgsPerSubject: -1, MaxMsgSize: -1, MaxConsumers: -1, DenyDelete: true, DenyPurge: true,
	}
}

// checkStream refuses a stream that may lose or gain messages in another way than by Append.
func checkStream(name string, c jetstream.StreamConfig) error {
	for _, q := range []struct {
		ok   bool
		what string
	}{
		{len(c.Subjects) == 1 && c.Subjects[0] == name, fmt.Sprintf("its subjects are not just %s", name)},
		{c.Retention == jetstream.LimitsPolicy, "its retention is not limits"},
		{c.Storage == jetstream.FileStorage, "its storage is not file"},
		{c.MaxMsgs <= 0 && c.MaxBytes <= 0 && c.MaxAge == 0 && c.MaxMsgsPerSubject <= 0, "it has a limit of messages, bytes or age"},
		{c.MaxMsgSize <= 0 || c.MaxMsgSize >= headSize+headerRoom+leastPart, "its greatest message is too small"},
		{c.DenyDelete && c.DenyPurge, "its messages can be deleted (deny_delete and deny_purge are not set)"},
		{c.Mirror == nil && len(c.Sources) == 0, "it mirrors another stream"},
		{c.SubjectTransform == nil && !c.AllowRollup && !c.AllowMsgTTL && !c.AllowMsgCounter && !c.AllowMsgSchedules, "it transforms, rolls up or expires messages"},
		{!c.AllowDirect, "it allows direct gets, which may be behind (allow_direct)"},
		{!c.NoAck && !c.Sealed, "it acknowledges or takes no messages"},
		{c.FirstSeq <= 1, "it does not begin at sequence 1"},
	} {
		if !q.ok {
			return fmt.Errorf("the stream exists and is no registry's log: %s", q.what)
		}
	}
	return nil
}

// checkState refuses a stream that has lost messages, or has been made anew since it was opened.
func (l *Log) checkState(info *jetstream.StreamInfo) error {
	switch {
	case !info.Created.Equal(l.created):
		return fatal{fmt.Errorf("the stream %s was deleted and made anew", l.name)}
	case info.State.FirstSeq > 1 || info.State.NumDeleted > 0:
		return fatal{fmt.Errorf("the stream %s has lost messages", l.name)}
	}
	return nil
}

// info asks the stream's leader where the stream stands.
func (l *Log) info(ctx context.Context) (*jetstream.StreamInfo, error) {
	ctx, cancel := context.WithTimeout(ctx, requestWait)
	defer cancel()
	s, err := l.js.Stream(ctx, l.name)
	if err != nil {
		return nil, fmt.Errorf("asking for the stream: %w", err)
	}
	return s.CachedInfo(), nil
}

// begin counts a call in. end must be called when it is over.
func (l *Log) begin(ctx context.Context) (_ context.Context, end func(), err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.stopped.Err() != nil {
		return nil, nil, errClosed
	}
	l.running.Add(1)
	ctx, cancel := context.WithCancel(ctx)
	unbind := context.AfterFunc(l.stopped, cancel)
	return ctx, func() {
		unbind()
		cancel()
		l.running.Done()
	}, nil
}

// Close ends every Append and Follow, waits for them, and disconnects.
func (l *Log) Close() error {
	l.mu.Lock()
	l.stop()
	l.mu.Unlock()
	l.running.Wait()
	l.nc.Close()
	return nil
}
