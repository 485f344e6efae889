package access

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

// ServerTLS names the files of a server's TLS, all PEM.
type ServerTLS struct {
	Cert, Key  string
	ClientCA   string // whose client certificates are trusted
	ClientAuth string // none, request or require; empty: none without ClientCA, require with it
}

// Config reads the files and returns a configuration for TLS 1.2 and later that follows their changes. It is nil where s names
// nothing.
func (s ServerTLS) Config(log *slog.Logger) (*tls.Config, error) {
	if s == (ServerTLS{}) {
		return nil, nil
	}
	if s.Cert == "" || s.Key == "" {
		return nil, errors.New("TLS needs both a certificate and its key")
	}
	auth := tls.NoClientCert
	switch s.ClientAuth {
	case "":
		if s.ClientCA != "" {
			auth = tls.RequireAndVerifyClientCert
		}
	case "none":
	case "request":
		auth = tls.VerifyClientCertIfGiven
	case "require":
		auth = tls.RequireAndVerifyClientCert
	default:
		return nil, fmt.Errorf("client authentication %q is none of none, request and require", s.ClientAuth)
	}
	if (auth != tls.NoClientCert) != (s.ClientCA != "") {
		return nil, errors.New("client certificates need an authority that they are checked against, and an authority needs clients that show them")
	}
	paths := []string{s.Cert, s.Key}
	if s.ClientCA != "" {
		paths = append(paths, s.ClientCA)
	}
	var current atomic.Pointer[tls.Config]
	w, err := watch(log, func(data [][]byte) error {
		cert, err := tls.X509KeyPair(data[0], data[1])
		if err != nil {
			return fmt.Errorf("reading the certificate %s and its key: %w", s.Cert, err)
		}
		c := &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}, ClientAuth: auth, NextProtos: []string{"h2", "http/1.1"}}
		if len(data) > 2 {
			c.ClientCAs = x509.NewCertPool()
			if !c.ClientCAs.AppendCertsFromPEM(data[2]) {
				return fmt.Errorf("%s holds no certificate", s.ClientCA)
			}
		}
		current.Store(c)
		return nil
	}, paths...)
	if err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			w.poll(time.Now())
			return current.Load(), nil
		},
		// http.Server wants to see a certificate; GetConfigForClient goes before it.
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &current.Load().Certificates[0], nil },
	}, nil
}
