// Package ssl reads the options that Java's clients have for TLS, ssl.truststore.location and the like. Stores are PEM
// files: Go reads no JKS, and how to convert one is in the fault.
package ssl

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/millrace/millrace/connect/config"
)

// Spec returns the options, each with prefix before ssl. and, where another prefix is accepted as well, that one as alias.
func Spec(prefix string, group string, aliases ...string) config.Spec {
	const java, pemOnly = "it names a Java provider", "PEM files have none"
	s := config.Spec{
		{Name: "truststore.location", Type: config.String, Doc: "A PEM file of the certificates to trust. None: the system's."},
		{Name: "truststore.certificates", Type: config.String, Doc: "The certificates to trust, in PEM."},
		{Name: "truststore.type", Type: config.String, Enum: []string{"pem", "jks", "pkcs12"}, Doc: "PEM. Stores of the other types must be converted."},
		{Name: "truststore.password", Type: config.Password, NoEffect: pemOnly},
		{Name: "keystore.location", Type: config.String, Doc: "A PEM file of the client's private key and certificate chain."},
		{Name: "keystore.certificate.chain", Type: config.String, Doc: "The client's certificate chain, in PEM."},
		{Name: "keystore.key", Type: config.Password, Doc: "The client's private key, in PEM."},
		{Name: "keystore.type", Type: config.String, Enum: []string{"pem", "jks", "pkcs12"}, Doc: "PEM. Stores of the other types must be converted."},
		{Name: "keystore.password", Type: config.Password, NoEffect: pemOnly},
		{Name: "key.password", Type: config.Password, Unsupported: "encrypted private keys are not read: decrypt it with openssl pkcs8 and guard the file", Allowed: []string{""}},
		{Name: "endpoint.identification.algorithm", Type: config.String, Default: "https", Enum: []string{"https", "", "none"}, Doc: "https: the server's certificate must name its host. Empty or none: any host, still of a trusted authority."},
		{Name: "enabled.protocols", Type: config.List, Default: "TLSv1.2,TLSv1.3", Doc: "TLSv1.2, TLSv1.3; nothing older is spoken.", Check: protocols},
		{Name: "protocol", Type: config.String, NoEffect: "the newest version that both sides speak is used"},
		{Name: "cipher.suites", Type: config.List, Unsupported: "the suites of TLS 1.2 and 1.3 that are safe are offered", Allowed: []string{""}},
		{Name: "provider", Type: config.String, NoEffect: java},
		{Name: "keymanager.algorithm", Type: config.String, NoEffect: java},
		{Name: "trustmanager.algorithm", Type: config.String, NoEffect: java},
		{Name: "secure.random.implementation", Type: config.String, NoEffect: java},
		{Name: "engine.factory.class", Type: config.Class, Unsupported: "Java classes cannot be loaded", Allowed: []string{""}},
	}
	for i := range s {
		for _, a := range aliases {
			s[i].Aliases = append(s[i].Aliases, a+"ssl."+s[i].Name)
		}
		s[i].Name, s[i].Group, s[i].Importance = prefix+"ssl."+s[i].Name, group, "MEDIUM"
	}
	return s
}

func protocols(s string) string {
	for p := range strings.SplitSeq(s, ",") {
		if p = strings.TrimSpace(p); p == "TLSv1.2" || p == "TLSv1.3" {
			return ""
		}
	}
	return "must have TLSv1.2 or TLSv1.3"
}

// Config makes what the options with prefix say. It reads the files they name.
func Config(v config.Values, prefix string) (*tls.Config, *config.Fault) {
	r := reader{v, prefix + "ssl."}
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if p := v.List(r.prefix + "enabled.protocols"); len(p) > 0 {
		if !slices.Contains(p, "TLSv1.2") {
			t.MinVersion = tls.VersionTLS13
		}
		if !slices.Contains(p, "TLSv1.3") {
			t.MaxVersion = tls.VersionTLS12
		}
	}
	if f := r.trust(t); f != nil {
		return nil, f
	}
	if f := r.identify(t); f != nil {
		return nil, f
	}
	if a := v.Get(r.prefix + "endpoint.identification.algorithm"); a == "" || a == "none" {
		anyHost(t)
	}
	return t, nil
}

type reader struct {
	v      config.Values
	prefix string
}

func (r reader) fault(option, format string, args ...any) *config.Fault {
	return &config.Fault{Option: r.prefix + option, Msg: fmt.Sprintf(format, args...)}
}

// text returns the PEM text of an option, or of the file that location names, which wins; option is the one it is from.
func (r reader) text(inline, location string) (text []byte, option string, f *config.Fault) {
	path := r.v.Get(r.prefix + location)
	if path == "" {
		return []byte(r.v.Get(r.prefix + inline)), inline, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, location, r.fault(location, "%v", err)
	}
	if block, _ := pem.Decode(text); block == nil {
		how := fmt.Sprintf("openssl pkcs12 -in %s -nodes -out store.pem", path)
		if bytes.HasPrefix(text, []byte{0xFE, 0xED, 0xFE, 0xED}) { // JKS, whatever the type says
			how = fmt.Sprintf("keytool -importkeystore -srckeystore %s -destkeystore store.p12 -deststoretype pkcs12, then openssl pkcs12 -in store.p12 -nodes -out store.pem", path)
		}
		return nil, location, r.fault(location, "%s is no PEM file, and Millrace reads no other: convert it by %s", path, how)
	}
	return text, location, nil
}

// trust sets the authorities: the system's unless there are some.
func (r reader) trust(t *tls.Config) *config.Fault {
	text, option, f := r.text("truststore.certificates", "truststore.location")
	if f != nil || len(text) == 0 {
		return f
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(text) {
		return r.fault(option, "holds no certificate in PEM")
	}
	return nil
}

// identify sets the client's own certificate, if there is one.
func (r reader) identify(t *tls.Config) *config.Fault {
	chain, option, f := r.text("keystore.certificate.chain", "keystore.location")
	if f != nil {
		return f
	}
	key := chain
	if option != "keystore.location" {
		key = []byte(r.v.Get(r.prefix + "keystore.key"))
	}
	switch {
	case len(chain) == 0 && len(key) == 0:
		return nil
	case bytes.Contains(key, []byte("ENCRYPTED")):
		return r.fault(option, "has an encrypted private key, which Millrace does not read: decrypt it with openssl pkcs8 and guard the file")
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return r.fault(option, "%v", err) // crypto/tls names what is missing, never the key
	}
	t.Certificates = []tls.Certificate{pair}
	return nil
}

// anyHost verifies the server's chain, but not that it names the host.
func anyHost(t *tls.Config) {
	t.InsecureSkipVerify = true
	t.VerifyConnection = func(s tls.ConnectionState) error {
		o := x509.VerifyOptions{Roots: t.RootCAs, Intermediates: x509.NewCertPool()}
		for _, c := range s.PeerCertificates[1:] {
			o.Intermediates.AddCert(c)
		}
		if _, err := s.PeerCertificates[0].Verify(o); err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
		}
		return nil
	}
}
