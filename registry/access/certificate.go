package access

import (
	"crypto/x509"
	"fmt"
	"regexp"
	"strings"
)

// certificateRule takes the user's name out of a verified client certificate.
type certificateRule struct {
	from    string
	pattern *regexp.Regexp // with one group, or nil
}

// parseCertificateRule reads FROM or FROM:REGEXP. FROM is cn, dn, dns, uri or email: of the subject the common name or all of
// RFC 2253, or a subject alternative name. The expression must match all of it; its group, if it has one, is the name.
func parseCertificateRule(s string) (certificateRule, error) {
	from, expr, has := strings.Cut(s, ":")
	r := certificateRule{from: from}
	switch from {
	case "cn", "dn", "dns", "uri", "email":
	default:
		return r, fmt.Errorf("%q is none of cn, dn, dns, uri and email, with or without :REGEXP", s)
	}
	if has {
		var err error
		if r.pattern, err = regexp.Compile("^(?:" + expr + ")$"); err != nil {
			return r, fmt.Errorf("the expression of %q: %w", s, err)
		}
		if r.pattern.NumSubexp() > 1 {
			return r, fmt.Errorf("the expression of %q has more than one group", s)
		}
	}
	return r, nil
}

// name returns the first name in a certificate that the rule finds.
func (r certificateRule) name(c *x509.Certificate) (string, bool) {
	var names []string
	switch r.from {
	case "cn":
		names = []string{c.Subject.CommonName}
	case "dn":
		names = []string{c.Subject.String()}
	case "dns":
		names = c.DNSNames
	case "uri":
		for _, u := range c.URIs {
			names = append(names, u.String())
		}
	case "email":
		names = c.EmailAddresses
	}
	for _, n := range names {
		if r.pattern != nil {
			m := r.pattern.FindStringSubmatch(n)
			if m == nil {
				continue
			}
			n = m[len(m)-1]
		}
		if n != "" {
			return n, true
		}
	}
	return "", false
}
