// Package access says who asks a registry and what they may do there: users of an htpasswd file, bearer tokens of an OpenID
// Connect issuer, client certificates, and a policy of grants by context, subject and verb. It also keeps the audit log and makes
// the server's TLS configuration.
//
// It is not an HTTP server: registry/rest asks it, and knows which request needs which verb.
//
//	c, err := access.Open(access.Config{Users: "users", Policy: "policy.yaml"})
//	caller, err := c.Authenticate(ctx, access.Credentials{Authorization: header, Remote: "10.1.2.3"})
//	caller.May(access.Read, "orders-value")
//
// # Invariants
//
//   - What no grant names is denied. Grants only add.
//   - Subjects are decided on in their canonical spelling, with aliases already followed: callers see to that.
//   - A file that has changed is read within a second; one that is faulty changes nothing and is told of in the log.
//   - A credential that was verified is remembered by a keyed hash, for a bounded time and in bounded number, and forgotten when
//     users, policy or keys change. No password, token or hash of one is ever logged.
//   - The work that strangers can cause is bounded: bcrypt runs on few cores at a time, wrong passwords are counted by address and
//     user, and keys are fetched from the issuer at most once in ten seconds.
package access
