package main

import (
	"strings"

	"github.com/spf13/pflag"

	"github.com/millrace/millrace/cmd/registries"
)

// accessFlags are how a command shows a registry who it is. They are named after the flag of the registry's URL, and spelled alike
// in all commands.
func accessFlags(f *pflag.FlagSet, a *registries.Access, url string) {
	variable := func(name string) string {
		return "; better as MILLRACE_" + strings.ToUpper(strings.ReplaceAll(url+name, "-", "_"))
	}
	f.StringVar(&a.Username, url+"-username", "", "user for basic authentication, where the URL has none")
	f.StringVar(&a.Password, url+"-password", "", "the user's password"+variable("-password"))
	f.StringVar(&a.Token, url+"-token", "", "bearer token"+variable("-token"))
	f.StringVar(&a.TLS.CA, url+"-ca", "", "authorities of the registry's certificate, a PEM file (default: the system's)")
	f.StringVar(&a.TLS.Cert, url+"-cert", "", "the client's certificate, a PEM file")
	f.StringVar(&a.TLS.Key, url+"-key", "", "the key of --"+url+"-cert, a PEM file")
}
