package main

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/millrace/millrace/registry/client"
)

// registryAccess is how a command shows a registry who it is.
type registryAccess struct {
	files client.TLSFiles
	token string
}

func (a *registryAccess) flags(f *pflag.FlagSet) {
	f.StringVar(&a.files.CA, "registry-ca", "", "authorities of the registry's certificate, a PEM file (default: the system's)")
	f.StringVar(&a.files.Cert, "registry-cert", "", "the client's certificate, a PEM file")
	f.StringVar(&a.files.Key, "registry-key", "", "the key of --registry-cert, a PEM file")
	f.StringVar(&a.token, "registry-token", "", "a bearer token; better as MILLRACE_REGISTRY_TOKEN. A user and a password go into the URL")
}

// open returns a client of the registry at URLs with commas between them.
func (a *registryAccess) open(urls string) (*client.Client, error) {
	tls, err := a.files.Config()
	if err != nil {
		return nil, err
	}
	return client.New(client.Config{URLs: strings.Split(urls, ","), TLS: tls, BearerToken: a.token})
}
