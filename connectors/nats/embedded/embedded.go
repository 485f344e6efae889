package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Config says where the server listens and keeps its data.
type Config struct {
	Host string // "": 127.0.0.1
	Port int    // 0: 4222; -1: any that is free
	Dir  string // of JetStream's files; made when missing
	Log  *slog.Logger
}

// Server is a running server.
type Server struct{ s *server.Server }

// readyWait is how long a server may take to read its streams and listen.
const readyWait = time.Minute

// Start returns a server that answers. A port that is taken is an error at once.
func Start(ctx context.Context, c Config) (*Server, error) {
	if c.Host == "" {
		c.Host = "127.0.0.1"
	}
	if c.Port == 0 {
		c.Port = 4222
	}
	if c.Port > 0 { // the server itself would only log it
		l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", net.JoinHostPort(c.Host, strconv.Itoa(c.Port)))
		if err != nil {
			return nil, fmt.Errorf("listening for NATS clients: %w", err)
		}
		_ = l.Close()
	}
	s, err := server.NewServer(&server.Options{
		ServerName: "millrace", Host: c.Host, Port: c.Port, JetStream: true, StoreDir: c.Dir, NoSigs: true, DontListen: false,
		JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 1 << 40, MaxPayload: 8 << 20,
	})
	if err != nil {
		return nil, fmt.Errorf("configuring the NATS server: %w", err)
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	l := &logger{log: c.Log, fatal: make(chan struct{})}
	s.SetLoggerV2(l, false, false, false)
	go s.Start() // returns once it listens; Shutdown ends what it started
	for deadline := time.Now().Add(readyWait); ; {
		if s.ReadyForConnections(100 * time.Millisecond) {
			return &Server{s}, nil
		}
		select {
		case <-l.fatal:
			err = errors.New(l.text())
		case <-ctx.Done():
			err = ctx.Err()
		default:
			if time.Now().After(deadline) {
				err = fmt.Errorf("it is not ready after %v", readyWait)
			}
		}
		if err != nil {
			s.Shutdown()
			return nil, fmt.Errorf("starting the NATS server: %w", err)
		}
	}
}

// URL returns the address for clients.
func (s *Server) URL() string { return s.s.ClientURL() }

// Option makes a client of this process connect without the network.
func (s *Server) Option() nats.Option { return nats.InProcessServer(s.s) }

// Shutdown ends the server and returns when its files are closed.
func (s *Server) Shutdown() {
	s.s.Shutdown()
	s.s.WaitForShutdown()
}

// logger passes on what is worth a look.
type logger struct {
	log   *slog.Logger
	fatal chan struct{}

	mu  sync.Mutex // guards msg
	msg string     // the first fatal one
}

func (l *logger) text() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.msg
}

func (l *logger) Noticef(format string, v ...any) { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l *logger) Warnf(format string, v ...any)   { l.log.Debug(fmt.Sprintf(format, v...)) }
func (l *logger) Errorf(format string, v ...any)  { l.log.Warn(fmt.Sprintf(format, v...)) }
func (l *logger) Debugf(string, ...any)           {}
func (l *logger) Tracef(string, ...any)           {}
func (l *logger) Fatalf(format string, v ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.msg == "" {
		l.msg = fmt.Sprintf(format, v...)
		close(l.fatal)
	}
}
