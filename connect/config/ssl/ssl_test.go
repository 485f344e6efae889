package ssl_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/connect/config"
	"github.com/millrace/millrace/connect/config/ssl"
)

// certificate returns a self-signed one for localhost, and its key, in PEM.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, c, c, k.Public(), k)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})), string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: raw}))
}

func TestConfig(t *testing.T) {
	cert, key := certificate(t)
	store := filepath.Join(t.TempDir(), "store.pem")
	if err := os.WriteFile(store, []byte(key+cert), 0o600); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair([]byte(cert), []byte(key))
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		raw  map[string]string
		host string
		ok   bool
	}{
		{"trusted", map[string]string{"truststore.certificates": cert}, "localhost", true},
		{"by file", map[string]string{"truststore.location": store, "truststore.type": "PEM"}, "localhost", true},
		{"other host", map[string]string{"truststore.certificates": cert}, "elsewhere", false},
		{"any host", map[string]string{"truststore.certificates": cert, "endpoint.identification.algorithm": ""}, "elsewhere", true},
		{"any host, unknown authority", map[string]string{"endpoint.identification.algorithm": "none"}, "localhost", false},
		{"unknown authority", nil, "localhost", false},
		{"own certificate", map[string]string{"truststore.certificates": cert, "keystore.location": store}, "localhost", true},
		{"own certificate in text", map[string]string{"truststore.certificates": cert, "keystore.certificate.chain": cert, "keystore.key": key}, "localhost", true},
	} {
		raw := map[string]string{}
		for k, v := range tt.raw {
			raw["x.ssl."+k] = v
		}
		v, faults := ssl.Spec("x.", "g").Parse(raw)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		c, fault := ssl.Config(v, "x.")
		if fault != nil {
			t.Fatal(fault)
		}
		server := &tls.Config{Certificates: []tls.Certificate{pair}}
		if own := strings.HasPrefix(tt.name, "own"); own {
			server.ClientAuth = tls.RequireAnyClientCert
		}
		c.ServerName = tt.host
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan error, 1)
		go func() {
			far, err := l.Accept()
			if err == nil {
				err = tls.Server(far, server).Handshake()
				_ = far.Close()
			}
			done <- err
		}()
		near, err := tls.Dial("tcp", l.Addr().String(), c)
		if err == nil {
			_ = near.Close()
		}
		_ = l.Close()
		if <-done; (err == nil) != tt.ok {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func TestFaults(t *testing.T) {
	cert, key := certificate(t)
	dir := t.TempDir()
	jks := filepath.Join(dir, "store.jks")
	if err := os.WriteFile(jks, []byte{0xFE, 0xED, 0xFE, 0xED, 0}, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		option, value, want string
	}{
		{"truststore.location", jks, "keytool -importkeystore"},
		{"truststore.location", filepath.Join(dir, "none"), "no such file"},
		{"truststore.certificates", key, "holds no certificate"},
		{"keystore.location", jks, "is no PEM file"},
		{"keystore.certificate.chain", cert, "tls: "},
		{"keystore.key", strings.ReplaceAll(key, "PRIVATE", "ENCRYPTED PRIVATE"), "encrypted private key"},
		{"enabled.protocols", "TLSv1.1", "must have TLSv1.2 or TLSv1.3"},
		{"key.password", "p", "is not supported"},
	} {
		v, faults := ssl.Spec("", "g").Parse(map[string]string{"ssl." + tt.option: tt.value})
		if len(faults) == 0 {
			_, f := ssl.Config(v, "")
			if f == nil {
				t.Errorf("%s: no fault", tt.option)
				continue
			}
			faults = []config.Fault{*f}
		}
		if !strings.HasPrefix(faults[0].Option, "ssl.") || !strings.Contains(faults[0].Msg, tt.want) {
			t.Errorf("%s: %v, want %s", tt.option, faults, tt.want)
		}
	}
	only, faults := ssl.Spec("", "g").Parse(map[string]string{"ssl.enabled.protocols": "TLSv1.2"})
	if c, f := ssl.Config(only, ""); len(faults) > 0 || f != nil || c.MaxVersion != tls.VersionTLS12 {
		t.Errorf("%v, %v", faults, f)
	}
}
