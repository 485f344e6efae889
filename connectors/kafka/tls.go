package kafka

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

// tlsConfig makes what the ssl options describe. Its errors are *optionError.
func tlsConfig(v config.Values) (*tls.Config, error) {
	t := &tls.Config{MinVersion: tls.VersionTLS12}
	if p := v.List("ssl.enabled.protocols"); len(p) > 0 && !slices.Contains(p, "TLSv1.2") {
		t.MinVersion = tls.VersionTLS13
	}
	if p := v.List("ssl.enabled.protocols"); len(p) > 0 && !slices.Contains(p, "TLSv1.3") {
		t.MaxVersion = tls.VersionTLS12
	}
	if err := trust(t, v); err != nil {
		return nil, err
	}
	if err := identify(t, v); err != nil {
		return nil, err
	}
	if a := v.Get("ssl.endpoint.identification.algorithm"); a == "" || a == "none" {
		anyHost(t)
	}
	return t, nil
}

// trust sets the authorities: the system's unless a store is given.
func trust(t *tls.Config, v config.Values) error {
	option, text := "ssl.truststore.certificates", []byte(v.Get("ssl.truststore.certificates"))
	if path := v.Get("ssl.truststore.location"); path != "" {
		var err error
		option = "ssl.truststore.location"
		if text, err = readPEM(option, path, v.Get("ssl.truststore.type")); err != nil {
			return err
		}
	}
	if len(text) == 0 {
		return nil
	}
	t.RootCAs = x509.NewCertPool()
	if !t.RootCAs.AppendCertsFromPEM(text) {
		return fault(option, "holds no certificate in PEM")
	}
	return nil
}

// identify sets the client's own certificate, if one is given.
func identify(t *tls.Config, v config.Values) error {
	option := "ssl.keystore.certificate.chain"
	chain, key := []byte(v.Get(option)), []byte(v.Get("ssl.keystore.key"))
	if path := v.Get("ssl.keystore.location"); path != "" {
		option = "ssl.keystore.location"
		text, err := readPEM(option, path, v.Get("ssl.keystore.type"))
		if err != nil {
			return err
		}
		chain, key = text, text
	}
	if len(chain) == 0 && len(key) == 0 {
		return nil
	}
	if bytes.Contains(key, []byte("ENCRYPTED")) {
		return fault(option, "has an encrypted private key, which Millrace does not read: decrypt it with openssl pkcs8 and guard the file")
	}
	pair, err := tls.X509KeyPair(chain, key)
	if err != nil {
		return fault(option, "%v", err) // crypto/tls names what is missing, never the key
	}
	t.Certificates = []tls.Certificate{pair}
	return nil
}

// readPEM reads a store that must be PEM whatever its type is called, because Java's default type is JKS.
func readPEM(option, path, kind string) ([]byte, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fault(option, "%v", err)
	}
	if block, _ := pem.Decode(text); block != nil {
		return text, nil
	}
	how := fmt.Sprintf("openssl pkcs12 -in %s -nodes -out store.pem", path)
	if kind == "jks" || bytes.HasPrefix(text, []byte{0xFE, 0xED, 0xFE, 0xED}) {
		how = fmt.Sprintf("keytool -importkeystore -srckeystore %s -destkeystore store.p12 -deststoretype pkcs12, then openssl pkcs12 -in store.p12 -nodes -out store.pem", path)
	}
	return nil, fault(option, "%s is no PEM file, and Millrace reads no other: convert it by %s", path, how)
}

// anyHost verifies the broker's chain without its host name, as an empty ssl.endpoint.identification.algorithm asks.
func anyHost(t *tls.Config) {
	t.InsecureSkipVerify = true
	t.VerifyConnection = func(s tls.ConnectionState) error {
		opts := x509.VerifyOptions{Roots: t.RootCAs, Intermediates: x509.NewCertPool()}
		for _, c := range s.PeerCertificates[1:] {
			opts.Intermediates.AddCert(c)
		}
		if _, err := s.PeerCertificates[0].Verify(opts); err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: s.PeerCertificates, Err: err}
		}
		return nil
	}
}

func protocols(s string) string {
	for p := range strings.SplitSeq(s, ",") {
		if p = strings.TrimSpace(p); p == "TLSv1.2" || p == "TLSv1.3" {
			return ""
		}
	}
	return "must have TLSv1.2 or TLSv1.3"
}
