package stack

import (
	"net"
	"os"
	"testing"
)

// TestAdvertised holds what other nodes are told where nothing is set.
func TestAdvertised(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		addr   net.Addr
		secure bool
		want   string
	}{
		{&net.TCPAddr{IP: net.IPv4zero, Port: 8081}, false, "http://" + host + ":8081"},
		{&net.TCPAddr{IP: net.IPv6unspecified, Port: 8081}, false, "http://" + host + ":8081"},
		{&net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 80}, false, "http://10.0.0.1:80"},
		{&net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 443}, true, "https://10.0.0.1:443"},
		{&net.TCPAddr{IP: net.IPv6loopback, Port: 8081}, false, "http://[::1]:8081"},
		{&net.UnixAddr{Name: "x"}, false, ""},
	} {
		got, err := advertised(listener{c.addr}, c.secure)
		if got != c.want || (err == nil) != (c.want != "") {
			t.Errorf("%v: %q, %v, want %q", c.addr, got, err, c.want)
		}
	}
}

type listener struct{ addr net.Addr }

func (listener) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (listener) Close() error              { return nil }
func (l listener) Addr() net.Addr          { return l.addr }

// TestGroup keeps nodes of different topics apart.
func TestGroup(t *testing.T) {
	for topic, want := range map[string]string{"": "schema-registry", "_schemas": "schema-registry", "other": "schema-registry-other"} {
		if got := groupOf(topic); got != want {
			t.Errorf("%q: %s, want %s", topic, got, want)
		}
	}
}
