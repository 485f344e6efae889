package stack

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/millrace/millrace/registry/natslog"
)

func TestNATSStore(t *testing.T) {
	c, err := natsStore(slog.New(slog.DiscardHandler), "nats://a:4222,nats://b:4222?stream=s&replicas=3&creds=c&ca=ca&cert=crt&key=k")
	if err != nil {
		t.Fatal(err)
	}
	if c.URL != "nats://a:4222,nats://b:4222" || c.Stream != "s" || c.Replicas != 3 || c.Creds != "c" || c.CA != "ca" || c.Cert != "crt" || c.Key != "k" {
		t.Errorf("%+v", c)
	}
	for store, want := range map[string]string{
		"nats://h?replicas=0":        "no number of replicas",
		"nats://h?replicas=x":        "no number of replicas",
		"nats://h?topic=x":           "no option topic",
		"nats://h?stream=a&stream=b": "given 2 times",
		"nats://h?%zzsecret":         "no query",
	} {
		_, err := natsStore(slog.New(slog.DiscardHandler), store)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v, want %q", store, err, want)
		}
	}
	for _, store := range []string{"host", "nats://u:secret@", "nats://u:sec%zzret@h", ""} {
		_, err := natslog.Open(t.Context(), natslog.Config{URL: store})
		if err == nil || !strings.Contains(err.Error(), "nats://host:port") || strings.Contains(err.Error(), "ret@") {
			t.Errorf("%s: %v", store, err)
		}
	}
}

func TestStoreIsShownWithoutPasswords(t *testing.T) {
	for store, want := range map[string]string{
		"nats:nats://u:secret@a:1,tls://token@b:2?stream=s": "nats:nats://a:1,tls://b:2?stream=s",
		"nats:nats://u:s@cret@a":                            "nats:nats://a",
		"file:/var/lib/x@y":                                 "file:/var/lib/x@y",
		"kafka:a:9092?topic=t":                              "kafka:a:9092?topic=t",
	} {
		if got := withoutUsers(store); got != want {
			t.Errorf("%s is shown as %s, want %s", store, got, want)
		}
	}
}
