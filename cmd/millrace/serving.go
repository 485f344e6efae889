package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/cmd/stack"
	"github.com/millrace/millrace/registry/access"
	"github.com/millrace/millrace/registry/rest"
)

// servingFlags are those that say to whom and within what bounds a registry is served.
func servingFlags(cmd *cobra.Command) func() stack.Serving {
	var s stack.Serving
	var o access.OIDC
	f := cmd.Flags()
	f.StringVar(&s.TLS.Cert, "tls-cert", "", "the registry's certificate and its chain, a PEM file; it is read anew when it changes")
	f.StringVar(&s.TLS.Key, "tls-key", "", "the key of --tls-cert, a PEM file")
	f.StringVar(&s.TLS.ClientCA, "tls-client-ca", "", "authorities whose client certificates are trusted, a PEM file")
	f.StringVar(&s.TLS.ClientAuth, "tls-client-auth", "", "none, request or require a client certificate (default require with --tls-client-ca)")
	f.StringVar(&s.Access.Certificate, "tls-principal", "", "the user's name in a client certificate: cn, dn, dns, uri or email, or one of them with :REGEXP (default cn with --tls-client-ca)")
	f.StringVar(&s.Access.Users, "users", "", "users and the bcrypt hashes of their passwords, a file of htpasswd -B")
	f.StringVar(&s.Access.Policy, "policy", "", "who may do what, a YAML file: docs/security.md (default: who is authenticated may everything)")
	f.StringVar(&o.Issuer, "oidc-issuer", "", "URL of the OpenID Connect issuer whose bearer tokens are taken")
	f.StringSliceVar(&o.Audiences, "oidc-audience", nil, "audiences of the tokens that are for this registry")
	f.StringVar(&o.JWKS, "oidc-jwks-url", "", "where the issuer's keys are (default: as its configuration says)")
	f.StringVar(&o.Username, "oidc-username-claim", "sub", "claim with the user's name")
	f.StringVar(&o.Groups, "oidc-groups-claim", "groups", "claim with the user's groups, as groups or realm_access.roles")
	f.StringVar(&o.UsernamePrefix, "oidc-username-prefix", "", "what is put before names out of tokens")
	f.StringVar(&o.GroupsPrefix, "oidc-groups-prefix", "", "what is put before groups out of tokens")
	f.DurationVar(&o.Skew, "oidc-clock-skew", access.DefaultSkew, "how far the issuer's clock and this one may differ")
	f.StringVar(&s.AuditLog, "audit-log", "", "file for a line of JSON about each change and each refusal, or stderr")
	f.BoolVar(&s.AuditMust, "audit-required", false, "refuse changes that cannot be noted in the audit log")
	f.BoolVar(&s.AccessLog, "access-log", false, "log every request")
	f.StringVar(&s.Admin, "admin-listen", "", "address, host:port, where /health, /ready and /metrics ask for no credentials")
	f.Int64Var(&s.MaxBody, "max-body", rest.DefaultMaxBody, "bytes of a request's body")
	f.IntVar(&s.MaxHeader, "max-header", 64<<10, "bytes of a request's header")
	f.IntVar(&s.MaxSchemas, "max-schemas", 0, "schemas that may be registered; 0: no bound")
	f.IntVar(&s.MaxConnections, "max-connections", 0, "connections at the same time; 0: no bound")
	f.DurationVar(&s.ReadTimeout, "read-timeout", time.Minute, "how long a request may take to come")
	f.DurationVar(&s.WriteTimeout, "write-timeout", 2*time.Minute, "how long a request may take to be answered")
	f.DurationVar(&s.DrainDelay, "drain-delay", 0, "how long requests are still taken when the process is asked to end, while /ready says no")
	f.DurationVar(&s.DrainTimeout, "drain-timeout", 30*time.Second, "how long requests in progress may take then")
	return func() stack.Serving {
		if o.Issuer != "" || len(o.Audiences) > 0 || o.JWKS != "" {
			s.Access.OIDC = &o
		}
		return s
	}
}
